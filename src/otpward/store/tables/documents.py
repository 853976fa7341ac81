"""Papers that members sent: what may be said of them, and apart from it their pages, sealed under the members' own keys."""

import sqlalchemy as sa

from otpward.core.lifecycle import document as life
from otpward.core.model import document as documents
from otpward.core.policy import papers
from otpward.store.columns import Day
from otpward.store.tables.making import a_flag, a_number, a_table, a_text, a_time, a_word, an_id, sealed

document = a_table(
    "document",
    an_id("case_id"),
    an_id("member_id"),
    a_text("item", 40),
    a_word("paper", papers.Paper, null=True),
    a_word("state", life.DocumentState),
    a_word("flaw", documents.Flaw, null=True),
    sa.Column("issued_on", Day, nullable=True),
    a_number("covers"),
    a_number("pages"),
    a_flag("by_hand"),
    a_time("sent_at"),
    a_time("kept_at", null=True),
    a_time("erase_at", null=True),
    sa.Index("document_by_case", "institution_id", "case_id"),
    sa.Index("document_by_erase_at", "institution_id", "erase_at"),
)

document_page = a_table(
    "document_page",
    an_id("document_id"),
    an_id("member_id"),
    a_number("number"),
    a_number("width"),
    a_number("height"),
    sealed("picture"),
    sa.UniqueConstraint("institution_id", "document_id", "number"),
)
