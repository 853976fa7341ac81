"""What is kept beside it all: counts, answers, the audit, keys."""

import sqlalchemy as sa

from otpward.core import audit
from otpward.store.columns import Day, Detail
from otpward.store.tables.making import a_number, a_table, a_text, a_time, a_word, an_id, metadata, sealed

count = a_table(
    "count", sealed("key"), a_time("window_at"), a_number("count"), sa.UniqueConstraint("institution_id", "key", "window_at")
)

kept_answer = a_table(
    "kept_answer",
    sa.Column("key", sa.LargeBinary(32), nullable=False),
    sealed("request"),
    sa.Column("verification", Detail, nullable=False),
    a_time("until"),
    sa.UniqueConstraint("institution_id", "key"),
    sa.Index("kept_answer_by_until", "institution_id", "until"),
)

audit_line = sa.Table(
    "audit_line",
    metadata,
    sa.Column("day", Day, nullable=False),
    an_id("institution_id"),
    an_id("id"),
    a_time("at"),
    a_word("event", audit.AuditEvent),
    a_word("actor_kind", audit.ActorKind),
    an_id("actor_id", null=True),
    a_text("source", 64),
    a_text("subject", 40),
    an_id("subject_id", null=True),
    an_id("case_id", null=True),
    a_text("result", 40),
    sa.Column("detail", Detail, nullable=False),
    sa.PrimaryKeyConstraint("day", "institution_id", "id"),
)

data_key = sa.Table(
    "data_key",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    a_text("purpose", 20),
    sealed("wrapped"),
    a_time("made_at"),
)
"""Keys under the master key: who has this table without the master key has nothing."""
