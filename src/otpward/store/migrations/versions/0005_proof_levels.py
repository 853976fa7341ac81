"""Proofs know their level and their case; a member knows how they were proofed."""

import sqlalchemy as sa
from alembic import op

from otpward.store import columns

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    for table, name, level in (("proof", "level", "low"), ("evidence", "level", "substantial"), ("member", "proofing", "low")):
        op.add_column(table, sa.Column(name, sa.String(length=32), server_default=level, nullable=False))
    op.add_column("proof", sa.Column("case_id", columns.Id(), nullable=True))
    op.add_column("evidence", sa.Column("claims", sa.String(length=200), server_default="", nullable=False))
