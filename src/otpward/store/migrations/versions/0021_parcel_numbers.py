"""Of parcels on their way each has a number of its own, and it is known whose label is printed with it. It is known, too, which
device was dead when it was handed over."""

from typing import Final

import sqlalchemy as sa
from alembic import op

from otpward.store import columns

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_RUNNING: Final = "tracking_number <> '' AND state IN ('planned', 'packed', 'dispatched')"


def upgrade() -> None:
    """Forward only."""
    op.add_column("pick_up", sa.Column("dead_token_id", columns.Id(), nullable=True))
    op.add_column("shipment", sa.Column("labelled_at", columns.Time(), nullable=True))
    op.add_column("shipment", sa.Column("running_number", sa.String(length=20), nullable=True))
    _carry_over()
    _part()
    op.get_bind().execute(sa.text(f"UPDATE shipment SET running_number = tracking_number WHERE {_RUNNING}"))  # noqa: S608 -- our own words
    op.create_index("shipment_one_running_number", "shipment", ["institution_id", "running_number"], unique=True)


def _carry_over() -> None:
    """Whose sheet was printed has its label."""
    of_batch = (
        "SELECT printed_at FROM batch WHERE batch.institution_id = shipment.institution_id AND batch.id = shipment.batch_id"
    )
    op.get_bind().execute(
        sa.text(
            f"UPDATE shipment SET labelled_at = ({of_batch} AND batch.state IN ('labelled', 'handed_in')) "  # noqa: S608 -- our own words
            "WHERE batch_id IS NOT NULL AND packed_at IS NOT NULL AND tracking_number <> ''"
        )
    )


def _part() -> None:
    """Where two carry one number, the one that was on its way first keeps it. The other loses it, is asked about no more, and
    waits for a person to look; its batch, if its label was printed, is labelled anew."""
    names = ("institution_id", "id", "tracking_number", "planned_at", "dispatched_at", "ask_at", "labelled_at", "look_at")
    shipment = sa.table("shipment", *(sa.column(name) for name in names))
    row, connection = shipment.c, op.get_bind()
    first = (sa.case((row.dispatched_at.is_(None), 1), else_=0), row.dispatched_at, row.planned_at, row.id)
    turn = sa.func.row_number().over(partition_by=(row.institution_id, row.tracking_number), order_by=first).label("turn")
    numbered = sa.select(row.institution_id, row.id, turn).where(sa.text(_RUNNING)).subquery()
    other = sa.select(numbered.c.institution_id, numbered.c.id).where(numbered.c.turn > 1)
    for institution_id, key in connection.execute(other).all():
        connection.execute(
            sa.update(shipment)
            .where(shipment.c.institution_id == institution_id, shipment.c.id == key)
            .values(tracking_number="", ask_at=None, labelled_at=None, look_at=row.planned_at)
        )
    connection.execute(
        sa.text(
            "UPDATE batch SET state = 'packing' WHERE state = 'labelled' AND EXISTS (SELECT 1 FROM shipment WHERE "
            "shipment.institution_id = batch.institution_id AND shipment.batch_id = batch.id AND shipment.labelled_at IS NULL)"
        )
    )
