"""Batches, labels and what carriers said."""

import sqlalchemy as sa
from alembic import op

from otpward.store import columns

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    _batches()
    _events()
    _shipments()


def _batches() -> None:
    op.create_table(
        "batch",
        sa.Column("institution_id", columns.Id(), nullable=False),
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("number", sa.String(length=20), server_default="", nullable=False),
        sa.Column("branch_id", columns.Id(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("parcels", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("made_at", columns.Time(), nullable=False),
        sa.Column("made_by", columns.Id(), nullable=True),
        sa.Column("printed", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("printed_at", columns.Time(), nullable=True),
        sa.Column("asked_at", columns.Time(), nullable=True),
        sa.Column("handed_in_at", columns.Time(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("institution_id", "id", name=op.f("batch_key")),
        sa.UniqueConstraint("institution_id", "number", name=op.f("batch_one_institution_id_number")),
    )
    op.create_index("batch_by_state", "batch", ["institution_id", "state", "made_at"])


def _events() -> None:
    op.create_table(
        "parcel_event",
        sa.Column("institution_id", columns.Id(), nullable=False),
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("shipment_id", columns.Id(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("at", columns.Time(), nullable=False),
        sa.Column("heard_at", columns.Time(), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("did", sa.String(length=12), server_default="", nullable=False),
        sa.Column("place", sa.String(length=200), server_default="", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("institution_id", "id", name=op.f("parcel_event_key")),
        sa.UniqueConstraint(
            "institution_id", "shipment_id", "state", "at", name=op.f("parcel_event_one_institution_id_shipment_id_state_at")
        ),
    )


def _shipments() -> None:
    for column in (
        sa.Column("batch_id", columns.Id(), nullable=True),
        sa.Column("position", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("mail_class", sa.String(length=32), server_default="registered", nullable=False),
        sa.Column("packed_at", columns.Time(), nullable=True),
        sa.Column("heard_at", columns.Time(), nullable=True),
        sa.Column("ask_at", columns.Time(), nullable=True),
        sa.Column("misses", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("silent_since", columns.Time(), nullable=True),
        sa.Column("look_at", columns.Time(), nullable=True),
        sa.Column("chosen_at", columns.Time(), nullable=True),
    ):
        op.add_column("shipment", column)
    op.get_bind().execute(
        sa.text("UPDATE shipment SET ask_at = dispatched_at, heard_at = dispatched_at WHERE state = 'dispatched'")
    )
    op.create_index("shipment_by_turn", "shipment", ["institution_id", "state", "ask_at"])
    op.create_index("shipment_by_batch", "shipment", ["institution_id", "batch_id", "position"])
    op.create_index("shipment_by_look", "shipment", ["institution_id", "look_at"])
