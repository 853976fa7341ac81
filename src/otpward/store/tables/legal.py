"""What members agreed to, and what they owed."""

import sqlalchemy as sa

from otpward.core.lifecycle.fee import FeeState
from otpward.core.model.consent import Purpose
from otpward.core.model.fee import Means
from otpward.store.tables.making import a_number, a_table, a_text, a_time, a_word, an_id, sealed

consent = a_table(
    "consent",
    an_id("member_id"),
    a_word("purpose", Purpose),
    sa.Column("live_for", sa.String(120), nullable=True),
    a_number("words"),
    a_text("language", 8),
    a_number("kept"),
    sealed("browser"),
    a_time("given_at"),
    a_time("withdrawn_at", null=True),
    sa.UniqueConstraint("institution_id", "live_for"),
    sa.Index("consent_by_member", "institution_id", "member_id"),
)

fee = a_table(
    "fee",
    an_id("case_id"),
    an_id("member_id"),
    a_word("state", FeeState),
    a_number("amount_won"),
    a_number("refunded_won"),
    a_text("waiver", 60),
    sealed("why"),
    a_word("means", Means, null=True),
    a_text("reference", 60),
    a_time("due_at"),
    a_time("settled_at", null=True),
    an_id("settled_by", null=True),
    a_time("refunded_at", null=True),
    an_id("refunded_by", null=True),
    sa.UniqueConstraint("institution_id", "case_id"),
)
