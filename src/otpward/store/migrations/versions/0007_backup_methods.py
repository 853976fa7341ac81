"""Backup methods: recovery codes and passkeys, answered challenges; a session knows when a factor was last shown in it."""

import sqlalchemy as sa
from alembic import op

from otpward.store import columns

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.add_column("session", sa.Column("confirmed_at", columns.Time(), nullable=True))
    op.add_column("session", sa.Column("confirmed_by", columns.Id(), nullable=True))
    op.create_table(
        "recovery_code",
        sa.Column("institution_id", columns.Id(), nullable=False),
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("member_id", columns.Id(), nullable=False),
        sa.Column("digest", sa.String(length=200), server_default="", nullable=False),
        sa.Column("live_for", columns.Id(), nullable=True),
        sa.Column("made_at", columns.Time(), nullable=False),
        sa.Column("spent_at", columns.Time(), nullable=True),
        sa.Column("replaced_at", columns.Time(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("institution_id", "id", name=op.f("recovery_code_key")),
        sa.UniqueConstraint("institution_id", "live_for", name=op.f("recovery_code_one_institution_id_live_for")),
    )
    op.create_index("recovery_code_by_member", "recovery_code", ["institution_id", "member_id"], unique=False)
    op.create_table(
        "passkey",
        sa.Column("institution_id", columns.Id(), nullable=False),
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("member_id", columns.Id(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("user_handle", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("aaguid", columns.Id(), nullable=False),
        sa.Column("transports", columns.Words(length=100), nullable=False),
        sa.Column("eligible", sa.Boolean(), nullable=False),
        sa.Column("backed_up", sa.Boolean(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", columns.Time(), nullable=False),
        sa.Column("used_at", columns.Time(), nullable=True),
        sa.Column("cloned_at", columns.Time(), nullable=True),
        sa.Column("removed_at", columns.Time(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("institution_id", "id", name=op.f("passkey_key")),
        sa.UniqueConstraint("institution_id", "credential_id", name=op.f("passkey_one_institution_id_credential_id")),
    )
    op.create_index("passkey_by_member", "passkey", ["institution_id", "member_id"], unique=False)
    op.create_table(
        "spent_challenge",
        sa.Column("institution_id", columns.Id(), nullable=False),
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("until", columns.Time(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("institution_id", "id", name=op.f("spent_challenge_key")),
    )
    op.create_index("spent_challenge_by_until", "spent_challenge", ["institution_id", "until"], unique=False)
