"""Consents, and what is due for an application."""

import sqlalchemy as sa
from alembic import op

from otpward.store import columns

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "consent",
        sa.Column("institution_id", columns.Id(), nullable=False),
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("member_id", columns.Id(), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("live_for", sa.String(length=120), nullable=True),
        sa.Column("words", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("language", sa.String(length=8), server_default="", nullable=False),
        sa.Column("kept", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("browser", sa.LargeBinary(), nullable=False),
        sa.Column("given_at", columns.Time(), nullable=False),
        sa.Column("withdrawn_at", columns.Time(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("institution_id", "id", name=op.f("consent_key")),
        sa.UniqueConstraint("institution_id", "live_for", name=op.f("consent_one_institution_id_live_for")),
    )
    op.create_index("consent_by_member", "consent", ["institution_id", "member_id"], unique=False)
    op.create_table(
        "fee",
        sa.Column("institution_id", columns.Id(), nullable=False),
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("case_id", columns.Id(), nullable=False),
        sa.Column("member_id", columns.Id(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("amount_won", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("refunded_won", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("waiver", sa.String(length=60), server_default="", nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=False),
        sa.Column("means", sa.String(length=32), nullable=True),
        sa.Column("reference", sa.String(length=60), server_default="", nullable=False),
        sa.Column("due_at", columns.Time(), nullable=False),
        sa.Column("settled_at", columns.Time(), nullable=True),
        sa.Column("settled_by", columns.Id(), nullable=True),
        sa.Column("refunded_at", columns.Time(), nullable=True),
        sa.Column("refunded_by", columns.Id(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("institution_id", "id", name=op.f("fee_key")),
        sa.UniqueConstraint("institution_id", "case_id", name=op.f("fee_one_institution_id_case_id")),
    )
