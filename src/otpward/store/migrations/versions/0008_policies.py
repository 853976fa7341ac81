"""Policies: one document per institution, in versions; a case knows which one it began under, and what kind of applicant."""

import sqlalchemy as sa
from alembic import op

from otpward.store import columns

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.add_column("otp_case", sa.Column("applicant", sa.String(length=32), server_default="individual", nullable=False))
    op.add_column("otp_case", sa.Column("policy_id", columns.Id(), nullable=True))
    op.create_table(
        "policy",
        sa.Column("institution_id", columns.Id(), nullable=False),
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("number", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("note", sa.String(length=200), server_default="", nullable=False),
        sa.Column("written_by", sa.String(length=2000), nullable=False),
        sa.Column("made_at", columns.Time(), nullable=False),
        sa.Column("proposed_by", sa.String(length=40), server_default="", nullable=False),
        sa.Column("proposed_at", columns.Time(), nullable=True),
        sa.Column("effective_at", columns.Time(), nullable=True),
        sa.Column("decided_by", columns.Id(), nullable=True),
        sa.Column("decided_at", columns.Time(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("institution_id", "id", name=op.f("policy_key")),
        sa.UniqueConstraint("institution_id", "number", name=op.f("policy_one_institution_id_number")),
    )
    op.create_index("policy_by_state", "policy", ["institution_id", "state"], unique=False)
