"""What the counter keeps of a hand-over: who collected it and by which proof, the signature, the old device; and that the
member was reminded of it."""

import sqlalchemy as sa
from alembic import op

from otpward.store import columns

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.add_column("pick_up", sa.Column("collected_by", sa.LargeBinary(), nullable=True))
    op.add_column("pick_up", sa.Column("collected_as", sa.LargeBinary(), nullable=True))
    op.add_column("pick_up", sa.Column("proof_id", columns.Id(), nullable=True))
    op.add_column("pick_up", sa.Column("signed", sa.String(length=32), nullable=True))
    op.add_column("pick_up", sa.Column("signed_at", columns.Time(), nullable=True))
    op.add_column("pick_up", sa.Column("signature", sa.LargeBinary(), nullable=True))
    op.add_column("pick_up", sa.Column("old_back_at", columns.Time(), nullable=True))
    op.add_column("pick_up", sa.Column("reminded_at", columns.Time(), nullable=True))
