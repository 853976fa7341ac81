"""Since when a token has been active and until when it is held to be new; applications by their end;
policies with all they mean; wishes to retire a device."""

import sqlalchemy as sa
from alembic import op

from otpward.store import columns

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


_TOKEN = sa.table("token", *map(sa.column, ("id", "institution_id", "state", "active_at")))
_REGISTRATION = sa.table("registration", *map(sa.column, ("institution_id", "token_id", "live_at")))


def upgrade() -> None:
    """Forward only."""
    op.add_column("token", sa.Column("active_at", columns.Time(), nullable=True))
    op.add_column("token", sa.Column("hold_until", columns.Time(), nullable=True))
    op.add_column("policy", sa.Column("whole", sa.Text(), server_default="", nullable=False))
    op.create_table(
        "retirement",
        sa.Column("institution_id", columns.Id(), nullable=False),
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("token_id", columns.Id(), nullable=False),
        sa.Column("open_key", sa.String(length=40), nullable=True),
        sa.Column("reason", sa.String(length=200), server_default="", nullable=False),
        sa.Column("asked_by", columns.Id(), nullable=False),
        sa.Column("asked_at", columns.Time(), nullable=False),
        sa.Column("decided_by", columns.Id(), nullable=True),
        sa.Column("decided_at", columns.Time(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("institution_id", "id", name=op.f("retirement_key")),
        sa.UniqueConstraint("institution_id", "open_key", name=op.f("retirement_one_institution_id_open_key")),
    )
    op.create_index("retirement_by_token", "retirement", ["institution_id", "token_id"], unique=False)
    op.create_index("otp_case_by_end", "otp_case", ["institution_id", "policy_id", "closed_at"], unique=False)
    live = (
        sa.select(sa.func.max(_REGISTRATION.c.live_at))
        .where(_REGISTRATION.c.institution_id == _TOKEN.c.institution_id, _REGISTRATION.c.token_id == _TOKEN.c.id)
        .scalar_subquery()
    )
    op.get_bind().execute(sa.update(_TOKEN).where(_TOKEN.c.state.in_(["active", "retired"])).values(active_at=live))
