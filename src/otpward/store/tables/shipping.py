"""Parcels that go out together, and what was said about each."""

import sqlalchemy as sa

from otpward.core.lifecycle import batch as life
from otpward.core.lifecycle import parcel
from otpward.core.model.shipping import Source
from otpward.store.tables.making import a_number, a_table, a_text, a_time, a_word, an_id

batch = a_table(
    "batch",
    a_text("number", 20),
    an_id("branch_id"),
    a_word("state", life.BatchState),
    a_number("parcels"),
    a_time("made_at"),
    an_id("made_by", null=True),
    a_number("printed"),
    a_time("printed_at", null=True),
    a_time("asked_at", null=True),
    a_time("handed_in_at", null=True),
    sa.UniqueConstraint("institution_id", "number"),
    sa.Index("batch_by_state", "institution_id", "state", "made_at"),
)

parcel_event = a_table(
    "parcel_event",
    an_id("shipment_id"),
    a_word("state", parcel.ParcelState),
    a_time("at"),
    a_time("heard_at"),
    a_word("source", Source),
    a_text("did", 12),
    a_text("place"),
    sa.UniqueConstraint("institution_id", "shipment_id", "state", "at"),
)
