"""Contacts change: when, from what to what, and from when on the new one proves."""

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
