"""What outside provers said: each word of theirs once; a proof knows its provider, a member the hash of their CI."""

import sqlalchemy as sa
from alembic import op

from otpward.store import columns

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.add_column("member", sa.Column("ci_print", sa.LargeBinary(), nullable=True))
    op.add_column("proof", sa.Column("provider", sa.String(length=40), server_default="", nullable=False))
    op.add_column("proof", sa.Column("kept", sa.LargeBinary(), nullable=True))
    op.create_table(
        "evidence",
        sa.Column("institution_id", columns.Id(), nullable=False),
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("proof_id", columns.Id(), nullable=False),
        sa.Column("member_id", columns.Id(), nullable=True),
        sa.Column("method", sa.String(length=32), nullable=False),
        sa.Column("provider", sa.String(length=40), server_default="", nullable=False),
        sa.Column("provider_tx", sa.String(length=200), server_default="", nullable=False),
        sa.Column("matched", sa.Boolean(), nullable=False),
        sa.Column("at", columns.Time(), nullable=False),
        sa.Column("raw_hash", sa.LargeBinary(), nullable=False),
        sa.Column("ci_print", sa.LargeBinary(), nullable=True),
        sa.Column("subject_print", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("institution_id", "id", name=op.f("evidence_key")),
        sa.UniqueConstraint(
            "institution_id", "provider", "provider_tx", name=op.f("evidence_one_institution_id_provider_provider_tx")
        ),
    )
    op.create_index("evidence_by_proof", "evidence", ["institution_id", "proof_id"], unique=False)
    op.create_index("evidence_by_member", "evidence", ["institution_id", "member_id"], unique=False)
