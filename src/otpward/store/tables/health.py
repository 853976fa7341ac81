"""What devices foretell, who was asked about theirs, and what is planned for them."""

import sqlalchemy as sa

from otpward.core.lifecycle import campaign as campaign_life
from otpward.core.model import reminder as reminders
from otpward.core.model import token as tokens
from otpward.store.columns import Day, Samples
from otpward.store.tables.making import a_flag, a_number, a_table, a_text, a_time, a_word, an_id

health = a_table("token_health", sa.Column("samples", Samples, nullable=False), sa.Column("drift_on", Day))

reminder = a_table(
    "reminder",
    an_id("member_id"),
    an_id("token_id"),
    a_word("occasion", reminders.Occasion),
    a_text("round", 80),
    an_id("campaign_id", null=True),
    sa.Column("link_digest", sa.LargeBinary(32)),
    a_time("made_at"),
    a_time("until"),
    a_number("wrong"),
    a_flag("tried_pair"),
    a_word("outcome", reminders.Outcome, null=True),
    a_time("answered_at", null=True),
    a_time("snoozed_until", null=True),
    an_id("case_id", null=True),
    sa.UniqueConstraint("institution_id", "member_id", "round"),
    sa.UniqueConstraint("institution_id", "link_digest"),
    sa.Index("reminder_by_campaign", "institution_id", "campaign_id", "outcome", "id"),
    sa.Index("reminder_by_token", "institution_id", "token_id"),
    sa.Index("reminder_by_snooze", "institution_id", "snoozed_until"),
)

campaign = a_table(
    "campaign",
    a_number("number"),
    a_text("name", 100),
    a_word("state", campaign_life.CampaignState),
    an_id("branch_id", null=True),
    a_word("form", tokens.Form, null=True),
    a_text("model"),
    sa.Column("expires_from", Day),
    sa.Column("expires_until", Day),
    sa.Column("fails_until", Day),
    sa.Column("unused_since", Day),
    sa.Column("ends_on", Day, nullable=False),
    a_number("rest_days"),
    an_id("made_by"),
    a_time("made_at"),
    an_id("started_by", null=True),
    a_time("started_at", null=True),
    an_id("asked_to", null=True),
    a_time("asked_all_at", null=True),
    a_time("ended_at", null=True),
    sa.UniqueConstraint("institution_id", "number"),
)

renewal = a_table(
    "renewal",
    an_id("member_id"),
    an_id("token_id"),
    sa.Column("ends_on", Day, nullable=False),
    sa.Column("planned_on", Day, nullable=False),
    sa.Column("used_on", Day),
    sa.Column("told_on", Day),
    sa.Column("objected_on", Day),
    an_id("case_id", null=True),
    a_flag("closed"),
    sa.UniqueConstraint("institution_id", "token_id", "ends_on"),
    sa.Index("renewal_by_state", "institution_id", "closed", "planned_on"),
)
