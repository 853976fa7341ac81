"""Where each device is, and what a count found."""

import sqlalchemy as sa
from alembic import op

from otpward.store import columns

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_STATES = ("reserved", "in_transit", "quarantined", "issued", "registered", "active", "retired", "destroyed")
_PLACES = {
    "in_transit": "shipment",
    "quarantined": "quarantine",
    "issued": "member",
    "registered": "member",
    "active": "member",
    "retired": "quarantine",
    "destroyed": "destroyed",
}
_OF_TOKENS = "(institution_id, id) IN (SELECT institution_id, id FROM token WHERE state = '{state}')"


def upgrade() -> None:
    """Forward only."""
    op.add_column("device", sa.Column("state", sa.String(length=32), server_default="in_stock", nullable=False))
    op.add_column("device", sa.Column("place", sa.String(length=32), server_default="arrived", nullable=False))
    op.add_column("device", sa.Column("holder_id", columns.Id(), nullable=True))
    op.add_column("device", sa.Column("transfer_id", columns.Id(), nullable=True))
    op.add_column("device", sa.Column("battery_until", columns.Day(), nullable=True))
    _find_places()
    op.drop_index("device_by_branch", "device")
    op.create_index("device_by_branch", "device", ["institution_id", "branch_id", "state", "stocked_at", "id"], unique=False)
    op.create_index("device_by_state", "device", ["institution_id", "state", "stocked_at", "id"], unique=False)
    op.create_index("device_by_place", "device", ["institution_id", "place", "branch_id", "model", "state"], unique=False)
    _add_tables()


def _find_places() -> None:
    """Each device is where its token's state says; a retired one that had a member is with that member."""
    _say("UPDATE device SET place = 'branch' WHERE branch_id IS NOT NULL")
    for state in _STATES:
        place = f", place = '{_PLACES[state]}'" if state in _PLACES else ""
        _say(f"UPDATE device SET state = '{state}'{place} WHERE {_OF_TOKENS.format(state=state)}")  # noqa: S608 -- words of ours
    _say(
        "UPDATE device SET holder_id = (SELECT c.member_id FROM otp_case c "
        "WHERE c.institution_id = device.institution_id AND c.id = device.case_id) "
        "WHERE place = 'member' AND case_id IS NOT NULL"
    )
    owner = (
        "SELECT r.member_id FROM registration r WHERE r.institution_id = device.institution_id AND r.token_id = device.id "
        "ORDER BY r.begun_at DESC LIMIT 1"
    )
    _say(f"UPDATE device SET holder_id = ({owner}) WHERE place = 'member' AND EXISTS ({owner})")  # noqa: S608
    _say(f"UPDATE device SET place = 'member', holder_id = ({owner}) WHERE state = 'retired' AND EXISTS ({owner})")  # noqa: S608


def _say(statement: str) -> None:
    op.get_bind().execute(sa.text(statement))


def _add_tables() -> None:
    op.create_table(
        "stock_transfer",
        sa.Column("institution_id", columns.Id(), nullable=False),
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("from_branch_id", columns.Id(), nullable=False),
        sa.Column("to_branch_id", columns.Id(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("sent", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("received", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("begun_at", columns.Time(), nullable=False),
        sa.Column("sent_at", columns.Time(), nullable=True),
        sa.Column("sent_by", columns.Id(), nullable=True),
        sa.Column("ended_at", columns.Time(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("institution_id", "id", name=op.f("stock_transfer_key")),
    )
    op.create_index("stock_transfer_by_state", "stock_transfer", ["institution_id", "state", "begun_at"], unique=False)
    op.create_table(
        "stock_count",
        sa.Column("institution_id", columns.Id(), nullable=False),
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("branch_id", columns.Id(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("begun_at", columns.Time(), nullable=False),
        sa.Column("begun_by", columns.Id(), nullable=False),
        sa.Column("ended_at", columns.Time(), nullable=True),
        sa.Column("expected", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("found", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("missing", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("surplus", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("institution_id", "id", name=op.f("stock_count_key")),
    )
    op.create_index("stock_count_by_branch", "stock_count", ["institution_id", "branch_id", "begun_at"], unique=False)
    op.create_table(
        "count_line",
        sa.Column("institution_id", columns.Id(), nullable=False),
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("count_id", columns.Id(), nullable=False),
        sa.Column("token_id", columns.Id(), nullable=True),
        sa.Column("serial", sa.String(length=128), server_default="", nullable=False),
        sa.Column("finding", sa.String(length=32), nullable=False),
        sa.Column("at", columns.Time(), nullable=False),
        sa.Column("settled_at", columns.Time(), nullable=True),
        sa.Column("settled_by", columns.Id(), nullable=True),
        sa.Column("reason", sa.String(length=200), server_default="", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("institution_id", "id", name=op.f("count_line_key")),
        sa.UniqueConstraint("institution_id", "count_id", "serial", name=op.f("count_line_one_institution_id_count_id_serial")),
    )
    op.create_index(
        "count_line_by_finding", "count_line", ["institution_id", "count_id", "finding", "settled_at"], unique=False
    )
    op.create_table(
        "model_rule",
        sa.Column("institution_id", columns.Id(), nullable=False),
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("branch_id", columns.Id(), nullable=True),
        sa.Column("model", sa.String(length=200), server_default="", nullable=False),
        sa.Column("low_below", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("battery_months", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("institution_id", "id", name=op.f("model_rule_key")),
    )
    op.create_index("model_rule_by_model", "model_rule", ["institution_id", "model"], unique=False)
    op.create_table(
        "seed_upload",
        sa.Column("institution_id", columns.Id(), nullable=False),
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("file_name", sa.String(length=200), server_default="", nullable=False),
        sa.Column("octets", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("doubles", sa.String(length=10), server_default="", nullable=False),
        sa.Column("branch_id", columns.Id(), nullable=True),
        sa.Column("opener", sa.LargeBinary(), nullable=False),
        sa.Column("member_id", columns.Id(), nullable=False),
        sa.Column("at", columns.Time(), nullable=False),
        sa.Column("beat_at", columns.Time(), nullable=False),
        sa.Column("rows_done", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("fault", sa.String(length=200), server_default="", nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("import_id", columns.Id(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("institution_id", "id", name=op.f("seed_upload_key")),
    )
    op.create_index("seed_upload_by_state", "seed_upload", ["institution_id", "state", "at"], unique=False)
