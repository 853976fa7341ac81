"""Who acts for the member, which paper was asked for once more, and when a paper was issued."""

import sqlalchemy as sa
from alembic import op

from otpward.store import columns

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.add_column("otp_case", sa.Column("acting_name", sa.LargeBinary(), nullable=True))
    op.add_column("otp_case", sa.Column("acting_as", sa.LargeBinary(), nullable=True))
    op.add_column("otp_case", sa.Column("asked_item", sa.String(length=40), server_default="", nullable=False))
    op.add_column("document", sa.Column("issued_on", columns.Day(), nullable=True))
