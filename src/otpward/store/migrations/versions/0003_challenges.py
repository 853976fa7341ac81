"""Tokens that answer challenges: what they are set up with, and what they were asked."""

import sqlalchemy as sa
from alembic import op

from otpward.store import columns

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "signer",
        sa.Column("institution_id", columns.Id(), nullable=False),
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("suite", sa.String(length=64), server_default="", nullable=False),
        sa.Column("pin_hash", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("institution_id", "id", name=op.f("signer_key")),
    )
    op.create_table(
        "challenge",
        sa.Column("institution_id", columns.Id(), nullable=False),
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("token_id", columns.Id(), nullable=False),
        sa.Column("member_id", columns.Id(), nullable=False),
        sa.Column("question", sa.String(length=64), server_default="", nullable=False),
        sa.Column("client_challenge", sa.String(length=64), server_default="", nullable=False),
        sa.Column("session", sa.String(length=64), server_default="", nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("transaction", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", columns.Time(), nullable=False),
        sa.Column("expires_at", columns.Time(), nullable=False),
        sa.Column("spent_at", columns.Time(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("institution_id", "id", name=op.f("challenge_key")),
    )
    op.create_index("challenge_by_token", "challenge", ["institution_id", "token_id", "expires_at"], unique=False)
    op.create_index("challenge_by_question", "challenge", ["institution_id", "token_id", "question"], unique=False)
