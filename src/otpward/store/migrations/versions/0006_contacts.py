"""Contacts change: when, from what to what, and from when on the new one proves."""

import sqlalchemy as sa
from alembic import op

from otpward.store import columns

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    for name in ("phone_changed_at", "phone_signal_at", "phone_trusted_at", "email_changed_at"):
        op.add_column("member", sa.Column(name, columns.Time(), nullable=True))
    op.create_index("member_by_phone", "member", ["institution_id", "phone_print"], unique=False)
    op.create_table(
        "contact_change",
        sa.Column("institution_id", columns.Id(), nullable=False),
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("member_id", columns.Id(), nullable=False),
        sa.Column("contact", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("browser", sa.LargeBinary(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("old", sa.LargeBinary(), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.Column("tries", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("sends", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("sent_at", columns.Time(), nullable=True),
        sa.Column("begun_at", columns.Time(), nullable=False),
        sa.Column("expires_at", columns.Time(), nullable=False),
        sa.Column("changed_at", columns.Time(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("institution_id", "id", name=op.f("contact_change_key")),
    )
    op.create_index("contact_change_by_member", "contact_change", ["institution_id", "member_id"], unique=False)
