"""Answers are kept for those who ask again with the same Idempotency-Key."""

import sqlalchemy as sa
from alembic import op

from otpward.store import columns

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "kept_answer",
        sa.Column("institution_id", columns.Id(), nullable=False),
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("verification", columns.Detail(), nullable=False),
        sa.Column("until", columns.Time(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("institution_id", "id", name=op.f("kept_answer_key")),
        sa.UniqueConstraint("institution_id", "key", name=op.f("kept_answer_one_institution_id_key")),
    )
    op.create_index("kept_answer_by_until", "kept_answer", ["institution_id", "until"], unique=False)
