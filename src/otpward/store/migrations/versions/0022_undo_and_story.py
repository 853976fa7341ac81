"""Passkeys that sleep since their removal was undone; the audit by what it names, filled in the background."""

import sqlalchemy as sa
from alembic import op

from otpward.store import columns

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.add_column("passkey", sa.Column("asleep_since", columns.Time(), nullable=True))
    op.create_table(
        "story_line",
        sa.Column("institution_id", columns.Id(), nullable=False),
        sa.Column("about", columns.Id(), nullable=False),
        sa.Column("at", columns.Time(), nullable=False),
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("day", columns.Day(), nullable=False),
        sa.Column("event", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("institution_id", "about", "at", "day", "event", "id", name="story_line_key"),
    )
    op.create_table(
        "story_mark",
        sa.Column("institution_id", columns.Id(), nullable=False),
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("last_id", columns.Id(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("institution_id", "id", name="story_mark_key"),
    )
