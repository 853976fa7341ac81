"""Texts of notices, their delivery, and what can be undone."""

import sqlalchemy as sa
from alembic import op

from otpward.core.lifecycle.notice import NoticeState
from otpward.core.model.notice import UndoAct
from otpward.store import columns

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only. What went before says by its times where it stands."""
    for column in (
        sa.Column("state", columns.Word(NoticeState), server_default="queued", nullable=False),
        sa.Column("provider", sa.String(length=20), server_default="", nullable=False),
        sa.Column("handing_at", columns.Time(), nullable=True),
        sa.Column("delivered_at", columns.Time(), nullable=True),
        sa.Column("not_before", columns.Time(), nullable=True),
        sa.Column("holds_link", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("campaign_id", columns.Id(), nullable=True),
        sa.Column("batch_id", columns.Id(), nullable=True),
        sa.Column("case_id", columns.Id(), nullable=True),
        sa.Column("instead_of", columns.Id(), nullable=True),
    ):
        op.add_column("notice", column)
    notice = sa.table("notice", sa.column("state"), sa.column("sent_at"), sa.column("failed_at"))
    here = op.get_bind()
    here.execute(sa.update(notice).where(notice.c.sent_at.is_not(None)).values(state="handed_over"))
    here.execute(sa.update(notice).where(notice.c.failed_at.is_not(None)).values(state="failed"))
    op.create_index("notice_by_member", "notice", ["institution_id", "member_id", "created_at"])
    op.create_index("notice_by_batch", "notice", ["institution_id", "batch_id"])
    op.create_index("notice_by_reference", "notice", ["institution_id", "provider_reference"])
    op.create_index("notice_by_state", "notice", ["institution_id", "state", "sent_at"])
    op.create_index("notice_one_campaign_member", "notice", ["institution_id", "campaign_id", "member_id"], unique=True)
    op.create_index("notice_one_instead_of", "notice", ["institution_id", "instead_of"], unique=True)
    op.create_table(
        "notice_text",
        sa.Column("institution_id", columns.Id(), nullable=False),
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("kind", sa.String(length=40), server_default="", nullable=False),
        sa.Column("live_for", sa.String(length=40), nullable=True),
        sa.Column("number", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("korean", sa.String(length=2000), server_default="", nullable=False),
        sa.Column("english", sa.String(length=2000), server_default="", nullable=False),
        sa.Column("made_at", columns.Time(), nullable=False),
        sa.Column("made_by", columns.Id(), nullable=False),
        sa.Column("replaced_at", columns.Time(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("institution_id", "id", name="notice_text_key"),
        sa.UniqueConstraint("institution_id", "live_for", name="notice_text_one_institution_id_live_for"),
    )
    op.create_index("notice_text_by_kind", "notice_text", ["institution_id", "kind", "number"])
    op.create_table(
        "undo_link",
        sa.Column("institution_id", columns.Id(), nullable=False),
        sa.Column("id", columns.Id(), nullable=False),
        sa.Column("member_id", columns.Id(), nullable=False),
        sa.Column("act", columns.Word(UndoAct), nullable=False),
        sa.Column("subject_id", columns.Id(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("before", sa.LargeBinary(), nullable=False),
        sa.Column("after", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", columns.Time(), nullable=False),
        sa.Column("until", columns.Time(), nullable=False),
        sa.Column("used_at", columns.Time(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("institution_id", "id", name="undo_link_key"),
        sa.UniqueConstraint("institution_id", "digest", name="undo_link_one_institution_id_digest"),
    )
    op.create_index("undo_link_by_member", "undo_link", ["institution_id", "member_id"])
