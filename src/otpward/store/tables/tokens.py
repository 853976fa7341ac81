"""Tokens: the hot narrow row, and what stands beside it."""

import sqlalchemy as sa

from otpward.core.lifecycle import others
from otpward.core.lifecycle import place as places
from otpward.core.lifecycle import token as token_life
from otpward.core.model import institution as institutions
from otpward.core.model import token as tokens
from otpward.core.oath import model as oath
from otpward.store.columns import Day, Holds
from otpward.store.tables.making import a_number, a_table, a_text, a_time, a_word, an_id, sealed

token = a_table(
    "token",
    sa.Column("serial", sa.String(128), nullable=False),
    a_word("state", token_life.TokenState),
    sa.Column("holds", Holds, nullable=False),
    a_word("kind", oath.TokenKind),
    a_word("algorithm", oath.Algorithm),
    a_number("digits"),
    a_number("period_s"),
    a_number("high_water", -1),
    a_number("drift_steps"),
    a_number("failures"),
    a_number("failures_total"),
    a_time("locked_until", null=True),
    a_time("valid_from", null=True),
    a_time("valid_until", null=True),
    a_time("used_at", null=True),
    a_time("active_at", null=True),
    a_time("hold_until", null=True),
    sealed("seed"),
    sa.UniqueConstraint("bucket", "institution_id", "serial"),
    lead="bucket",
)

device = a_table(
    "device",
    a_word("form", tokens.Form),
    a_text("vendor"),
    a_text("model"),
    a_word("state", token_life.TokenState, default="in_stock"),
    a_word("place", places.Place, default="arrived"),
    an_id("branch_id", null=True),
    an_id("holder_id", null=True),
    an_id("transfer_id", null=True),
    an_id("case_id", null=True),
    an_id("import_id", null=True),
    sa.Column("expires_on", Day),
    sa.Column("battery_until", Day),
    a_time("stocked_at"),
    a_time("key_shown_at", null=True),
    sa.Index("device_by_branch", "institution_id", "branch_id", "state", "stocked_at", "id"),
    sa.Index("device_by_state", "institution_id", "state", "stocked_at", "id"),
    sa.Index("device_by_place", "institution_id", "place", "branch_id", "model", "state"),
    sa.Index("device_by_import", "institution_id", "import_id"),
)

hold = a_table(
    "token_hold",
    an_id("token_id"),
    a_word("hold", token_life.Hold),
    a_time("placed_at"),
    a_text("placed_by", 40),
    an_id("report_id", null=True),
    a_text("reason"),
    a_time("lift_asked_at", null=True),
    an_id("lift_asked_by", null=True),
    a_time("lifted_at", null=True),
    a_text("lifted_by", 40),
    sa.Index("token_hold_by_token", "institution_id", "token_id"),
    sa.Index("token_hold_by_wish", "institution_id", "lift_asked_at"),
)

retirement = a_table(
    "retirement",
    an_id("token_id"),
    sa.Column("open_key", sa.String(40), nullable=True),
    a_text("reason"),
    an_id("asked_by"),
    a_time("asked_at"),
    an_id("decided_by", null=True),
    a_time("decided_at", null=True),
    sa.UniqueConstraint("institution_id", "open_key"),
    sa.Index("retirement_by_token", "institution_id", "token_id"),
)

registration = a_table(
    "registration",
    an_id("member_id"),
    an_id("token_id"),
    a_word("state", others.RegistrationState),
    a_time("begun_at"),
    a_time("live_at", null=True),
    a_time("ended_at", null=True),
    sa.Index("registration_by_member", "bucket", "institution_id", "member_id"),
    sa.Index("registration_by_token", "institution_id", "token_id"),
    lead="bucket",
)

seed_import = a_table(
    "seed_import",
    a_text("file_name"),
    sealed("sha256"),
    a_number("taken"),
    a_number("refused"),
    a_time("at"),
    a_word("state", institutions.ImportState, default="done"),
    a_text("format", 20),
    a_number("rows_done"),
)

seed_export = a_table(
    "seed_export",
    a_text("asked_by"),
    a_time("asked_at"),
    a_time("expires_at"),
    sa.Column("serials", sa.Text, nullable=False),
    sa.Column("clear", sa.Boolean, nullable=False),
    a_text("reason"),
    a_text("approved_by"),
    a_time("approved_at", null=True),
    a_time("done_at", null=True),
)

signer = a_table("signer", a_text("suite", 64), sealed("pin_hash"))

challenge = a_table(
    "challenge",
    an_id("token_id"),
    an_id("member_id"),
    a_text("question", 64),
    a_text("client_challenge", 64),
    a_text("session", 64),
    sealed("nonce"),
    sealed("transaction"),
    a_time("made_at"),
    a_time("expires_at"),
    a_time("spent_at", null=True),
    sa.Index("challenge_by_token", "institution_id", "token_id", "expires_at"),
    sa.Index("challenge_by_question", "institution_id", "token_id", "question"),
)
