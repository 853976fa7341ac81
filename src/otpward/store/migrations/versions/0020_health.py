"""Campaigns, and what devices foretell."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from otpward.store import columns

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "token_health",
        *_key(),
        sa.Column("samples", columns.Samples(), nullable=False),
        sa.Column("drift_on", columns.Day(), nullable=True),
        *_end("token_health"),
    )
    op.create_table(
        "reminder",
        *_key(),
        sa.Column("member_id", columns.Id(), nullable=False),
        sa.Column("token_id", columns.Id(), nullable=False),
        sa.Column("occasion", sa.String(length=32), nullable=False),
        sa.Column("round", sa.String(length=80), server_default="", nullable=False),
        sa.Column("campaign_id", columns.Id(), nullable=True),
        sa.Column("link_digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("made_at", columns.Time(), nullable=False),
        sa.Column("until", columns.Time(), nullable=False),
        sa.Column("wrong", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("tried_pair", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=True),
        sa.Column("answered_at", columns.Time(), nullable=True),
        sa.Column("snoozed_until", columns.Time(), nullable=True),
        sa.Column("case_id", columns.Id(), nullable=True),
        *_end("reminder"),
        sa.UniqueConstraint("institution_id", "member_id", "round", name=op.f("reminder_one_institution_id_member_id_round")),
        sa.UniqueConstraint("institution_id", "link_digest", name=op.f("reminder_one_institution_id_link_digest")),
    )
    op.create_index("reminder_by_campaign", "reminder", ["institution_id", "campaign_id", "outcome", "id"], unique=False)
    op.create_index("reminder_by_token", "reminder", ["institution_id", "token_id"], unique=False)
    op.create_index("reminder_by_snooze", "reminder", ["institution_id", "snoozed_until"], unique=False)
    op.create_table(
        "campaign",
        *_key(),
        sa.Column("number", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("name", sa.String(length=100), server_default="", nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("branch_id", columns.Id(), nullable=True),
        sa.Column("form", sa.String(length=32), nullable=True),
        sa.Column("model", sa.String(length=200), server_default="", nullable=False),
        sa.Column("expires_from", columns.Day(), nullable=True),
        sa.Column("expires_until", columns.Day(), nullable=True),
        sa.Column("fails_until", columns.Day(), nullable=True),
        sa.Column("unused_since", columns.Day(), nullable=True),
        sa.Column("ends_on", columns.Day(), nullable=False),
        sa.Column("rest_days", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("made_by", columns.Id(), nullable=False),
        sa.Column("made_at", columns.Time(), nullable=False),
        sa.Column("started_by", columns.Id(), nullable=True),
        sa.Column("started_at", columns.Time(), nullable=True),
        sa.Column("asked_to", columns.Id(), nullable=True),
        sa.Column("asked_all_at", columns.Time(), nullable=True),
        sa.Column("ended_at", columns.Time(), nullable=True),
        *_end("campaign"),
        sa.UniqueConstraint("institution_id", "number", name=op.f("campaign_one_institution_id_number")),
    )
    op.create_table(
        "renewal",
        *_key(),
        sa.Column("member_id", columns.Id(), nullable=False),
        sa.Column("token_id", columns.Id(), nullable=False),
        sa.Column("ends_on", columns.Day(), nullable=False),
        sa.Column("planned_on", columns.Day(), nullable=False),
        sa.Column("used_on", columns.Day(), nullable=True),
        sa.Column("told_on", columns.Day(), nullable=True),
        sa.Column("objected_on", columns.Day(), nullable=True),
        sa.Column("case_id", columns.Id(), nullable=True),
        sa.Column("closed", sa.Boolean(), nullable=False),
        *_end("renewal"),
        sa.UniqueConstraint("institution_id", "token_id", "ends_on", name=op.f("renewal_one_institution_id_token_id_ends_on")),
    )
    op.create_index("renewal_by_state", "renewal", ["institution_id", "closed", "planned_on"], unique=False)


def _key() -> list[Any]:
    return [sa.Column(name, columns.Id(), nullable=False) for name in ("institution_id", "id")]


def _end(table: str) -> list[Any]:
    return [
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("institution_id", "id", name=op.f(f"{table}_key")),
    ]
