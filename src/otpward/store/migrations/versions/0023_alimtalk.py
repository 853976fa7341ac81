"""Notices that go by KakaoTalk's AlimTalk: the template of each kind, and what stands in it."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only. What was written before goes as a text message."""
    op.add_column("notice", sa.Column("talk_code", sa.String(length=60), server_default="", nullable=False))
    op.add_column("notice", sa.Column("talk_values", sa.LargeBinary(), nullable=True))
    op.add_column("notice_text", sa.Column("talk_code", sa.String(length=60), server_default="", nullable=False))
