"""What staff keep beside applications: notes, who is looking, saved views."""

import sqlalchemy as sa

from otpward.store.tables.making import a_flag, a_table, a_text, a_time, an_id, sealed

case_note = a_table(
    "case_note",
    an_id("case_id"),
    an_id("member_id"),
    an_id("author_id"),
    a_time("at"),
    sealed("text"),
    sa.Index("case_note_by_case", "institution_id", "case_id"),
)

case_look = a_table(
    "case_look",
    an_id("case_id"),
    an_id("operator_id"),
    a_time("at"),
    sa.UniqueConstraint("institution_id", "case_id", "operator_id"),
)

saved_view = a_table(
    "saved_view",
    an_id("operator_id"),
    a_text("name", 40),
    a_text("query", 400),
    a_flag("first"),
    a_flag("dropped"),
    sa.UniqueConstraint("institution_id", "operator_id", "name"),
)
