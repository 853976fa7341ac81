"""The review console: a queue that is read from one index, whose case it is, notes, who looks at it, saved views."""

import sqlalchemy as sa
from alembic import op

from otpward.store import columns

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.add_column("staff", sa.Column("keys", sa.String(length=32), server_default="on", nullable=False))
    op.add_column("otp_case", sa.Column("assigned_to", columns.Id(), nullable=True))
    op.add_column("otp_case", sa.Column("approval_until", columns.Time(), nullable=True))
    op.add_column("otp_case", sa.Column("approval_reason", sa.LargeBinary(), nullable=True))
    op.add_column("otp_case", sa.Column("since", columns.Time(), nullable=True))
    case = sa.table("otp_case", sa.column("since"), sa.column("submitted_at"), sa.column("opened_at"))
    op.get_bind().execute(sa.update(case).values(since=sa.func.coalesce(case.c.submitted_at, case.c.opened_at)))
    op.create_index(
        "otp_case_queue",
        "otp_case",
        ["institution_id", "state", "since", "id", "delivery", "branch_id", "assigned_to", "reason"],
        unique=False,
    )
    op.create_index("token_hold_by_wish", "token_hold", ["institution_id", "lift_asked_at"], unique=False)
    op.create_index("pick_up_by_state", "pick_up", ["institution_id", "state", "ready_at"], unique=False)
    op.create_table(
        "case_note",
        sa.Column("institution_id", columns.Id(), nullable=False),
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("case_id", columns.Id(), nullable=False),
        sa.Column("member_id", columns.Id(), nullable=False),
        sa.Column("author_id", columns.Id(), nullable=False),
        sa.Column("at", columns.Time(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("institution_id", "id", name=op.f("case_note_key")),
    )
    op.create_index("case_note_by_case", "case_note", ["institution_id", "case_id"], unique=False)
    op.create_table(
        "case_look",
        sa.Column("institution_id", columns.Id(), nullable=False),
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("case_id", columns.Id(), nullable=False),
        sa.Column("operator_id", columns.Id(), nullable=False),
        sa.Column("at", columns.Time(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("institution_id", "id", name=op.f("case_look_key")),
        sa.UniqueConstraint(
            "institution_id", "case_id", "operator_id", name=op.f("case_look_one_institution_id_case_id_operator_id")
        ),
    )
    op.create_table(
        "saved_view",
        sa.Column("institution_id", columns.Id(), nullable=False),
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("operator_id", columns.Id(), nullable=False),
        sa.Column("name", sa.String(length=40), server_default="", nullable=False),
        sa.Column("query", sa.String(length=400), server_default="", nullable=False),
        sa.Column("first", sa.Boolean(), nullable=False),
        sa.Column("dropped", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("institution_id", "id", name=op.f("saved_view_key")),
        sa.UniqueConstraint(
            "institution_id", "operator_id", "name", name=op.f("saved_view_one_institution_id_operator_id_name")
        ),
    )
