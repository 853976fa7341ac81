"""What a guided check found, temporary passes, who wants no reminders, and how devices are called."""

import sqlalchemy as sa
from alembic import op

from otpward.store import columns

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.add_column("member", sa.Column("quiet_since", columns.Time(), nullable=True))
    op.create_table(
        "device_check",
        sa.Column("institution_id", columns.Id(), nullable=False),
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("token_id", columns.Id(), nullable=False),
        sa.Column("member_id", columns.Id(), nullable=True),
        sa.Column("door", sa.String(length=32), nullable=False),
        sa.Column("complaint", sa.String(length=32), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("verdict", sa.String(length=20), server_default="", nullable=False),
        sa.Column("wrong", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("tried_pair", sa.Boolean(), nullable=False),
        sa.Column("off_s", sa.BigInteger(), nullable=True),
        sa.Column("phone_off_s", sa.BigInteger(), nullable=True),
        sa.Column("by_role", sa.String(length=20), server_default="", nullable=False),
        sa.Column("case_id", columns.Id(), nullable=True),
        sa.Column("begun_at", columns.Time(), nullable=False),
        sa.Column("ended_at", columns.Time(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("institution_id", "id", name=op.f("device_check_key")),
    )
    op.create_index("device_check_by_token", "device_check", ["institution_id", "token_id", "begun_at"], unique=False)
    op.create_index("device_check_by_case", "device_check", ["institution_id", "case_id"], unique=False)
    op.create_table(
        "temporary_pass",
        sa.Column("institution_id", columns.Id(), nullable=False),
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("member_id", columns.Id(), nullable=False),
        sa.Column("case_id", columns.Id(), nullable=False),
        sa.Column("token_id", columns.Id(), nullable=False),
        sa.Column("codes", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("given_by", columns.Id(), nullable=False),
        sa.Column("given_at", columns.Time(), nullable=False),
        sa.Column("expires_at", columns.Time(), nullable=False),
        sa.Column("ended_at", columns.Time(), nullable=True),
        sa.Column("ended_why", sa.String(length=20), server_default="", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("institution_id", "id", name=op.f("temporary_pass_key")),
    )
    op.create_index("temporary_pass_by_member", "temporary_pass", ["institution_id", "member_id"], unique=False)
    op.create_index("temporary_pass_by_case", "temporary_pass", ["institution_id", "case_id"], unique=False)
    op.create_table(
        "device_name",
        sa.Column("institution_id", columns.Id(), nullable=False),
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("member_id", columns.Id(), nullable=False),
        sa.Column("token_id", columns.Id(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("institution_id", "id", name=op.f("device_name_key")),
        sa.UniqueConstraint(
            "institution_id", "member_id", "token_id", name=op.f("device_name_one_institution_id_member_id_token_id")
        ),
    )
