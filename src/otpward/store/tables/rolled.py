"""The audit by what it names: filled in the background, never in the transaction that writes a line."""

import sqlalchemy as sa

from otpward.core import audit
from otpward.store.columns import Day
from otpward.store.tables.making import a_table, a_time, a_word, an_id, metadata

story_line = sa.Table(
    "story_line",
    metadata,
    an_id("institution_id"),
    an_id("about"),
    a_time("at"),
    an_id("id"),
    sa.Column("day", Day, nullable=False),
    a_word("event", audit.AuditEvent),
    sa.PrimaryKeyConstraint("institution_id", "about", "at", "day", "event", "id"),
)
"""One row for each thing that a line of the audit names; it holds nothing that the line does not. All of it is in
the key, so that a search reads the index and no row."""

story_mark = a_table("story_mark", an_id("last_id"))
"""Up to which key of the audit that was done; one row, under the institution's own key. Keys begin with the time, so they have
the order of days."""
