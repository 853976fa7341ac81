"""An institution's own rules, in versions."""

import sqlalchemy as sa

from otpward.core.lifecycle.policy import PolicyState
from otpward.store.columns import Words
from otpward.store.tables.making import a_number, a_table, a_text, a_time, a_word, an_id

policy = a_table(
    "policy",
    a_number("number"),
    a_word("state", PolicyState),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("whole", sa.Text, nullable=False, default="", server_default=""),
    a_text("note"),
    sa.Column("written_by", Words(2000), nullable=False),
    a_time("made_at"),
    a_text("proposed_by", 40),
    a_time("proposed_at", null=True),
    a_time("effective_at", null=True),
    an_id("decided_by", null=True),
    a_time("decided_at", null=True),
    sa.UniqueConstraint("institution_id", "number"),
    sa.Index("policy_by_state", "institution_id", "state"),
)
