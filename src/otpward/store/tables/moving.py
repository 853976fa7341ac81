"""What goes to people: devices and notices."""

import sqlalchemy as sa

from otpward.core.lifecycle import others
from otpward.store.tables.making import a_flag, a_table, a_text, a_time, a_word, an_id, sealed

pick_up = a_table(
    "pick_up",
    an_id("case_id"),
    an_id("member_id"),
    an_id("token_id"),
    an_id("branch_id"),
    a_word("state", others.PickUpState),
    sealed("code"),
    sealed("code_print"),
    a_time("ready_at", null=True),
    a_time("until"),
    a_time("handed_over_at", null=True),
    an_id("handed_over_by", null=True),
    a_text("seen"),
    sa.Index("pick_up_by_case", "institution_id", "case_id"),
    sa.Index("pick_up_by_state", "institution_id", "state", "ready_at"),
    sa.Index("pick_up_by_code", "institution_id", "code_print"),
)

shipment = a_table(
    "shipment",
    an_id("case_id"),
    an_id("member_id"),
    an_id("token_id"),
    an_id("branch_id"),
    a_word("state", others.ShipmentState),
    a_text("tracking_number", 20),
    a_time("planned_at"),
    a_time("dispatched_at", null=True),
    a_time("ended_at", null=True),
    a_time("checked_at", null=True),
    a_text("place"),
    sa.Index("shipment_by_case", "institution_id", "case_id"),
    sa.Index("shipment_by_state", "institution_id", "state"),
    sa.Index("shipment_by_number", "institution_id", "tracking_number"),
)

notice = a_table(
    "notice",
    an_id("member_id"),
    a_text("channel", 8),
    sealed("recipient"),
    sealed("subject"),
    sealed("text"),
    a_flag("carries_code"),
    a_text("template", 40),
    a_time("created_at"),
    a_time("sent_at", null=True),
    a_time("failed_at", null=True),
    a_text("provider_reference"),
)
