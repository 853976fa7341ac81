"""Seed files: how far each has come, of which kind it is, and which devices came with it."""

import sqlalchemy as sa
from alembic import op

from otpward.store import columns

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.add_column("seed_import", sa.Column("state", sa.String(length=32), server_default="done", nullable=False))
    op.add_column("seed_import", sa.Column("format", sa.String(length=20), server_default="", nullable=False))
    op.add_column("seed_import", sa.Column("rows_done", sa.BigInteger(), server_default="0", nullable=False))
    op.create_index("device_by_import", "device", ["institution_id", "import_id"], unique=False)
    op.create_table(
        "seed_export",
        sa.Column("institution_id", columns.Id(), nullable=False),
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("asked_by", sa.String(length=200), server_default="", nullable=False),
        sa.Column("asked_at", columns.Time(), nullable=False),
        sa.Column("expires_at", columns.Time(), nullable=False),
        sa.Column("serials", sa.Text(), nullable=False),
        sa.Column("clear", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=200), server_default="", nullable=False),
        sa.Column("approved_by", sa.String(length=200), server_default="", nullable=False),
        sa.Column("approved_at", columns.Time(), nullable=True),
        sa.Column("done_at", columns.Time(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("institution_id", "id", name=op.f("seed_export_key")),
    )
