"""The schema. Columns carry the names of the model's fields; migrations are compared with this by a test.

Every row names its institution. Hot tables (`token`, `registration`) lead with a bucket, so that the same schema shards
later; the audit leads with the day, so that old days can be dropped. A field of type `Personal` is a sealed column.
"""

from typing import Any, Final

import sqlalchemy as sa

from otpward.core import audit
from otpward.core.lifecycle import case as case_life
from otpward.core.lifecycle import others
from otpward.core.lifecycle import token as token_life
from otpward.core.model import case as cases
from otpward.core.model import loss, member, proof
from otpward.core.model import token as tokens
from otpward.core.oath import model as oath
from otpward.store.columns import Day, Detail, Holds, Id, Time, Word, Words

metadata: Final = sa.MetaData(
    naming_convention={
        "pk": "%(table_name)s_key",
        "uq": "%(table_name)s_one_%(column_0_N_name)s",
        "ix": "%(table_name)s_by_%(column_0_N_name)s",
    }
)
"""Every constraint has a name on both engines, so that a later migration can find it."""


def _id(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, Id, nullable=null)


def _text(name: str, length: int = 200) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length), nullable=False, default="", server_default="")


def _time(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, Time, nullable=null)


def _number(name: str, default: int = 0) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger, nullable=False, default=default, server_default=str(default))


def _flag(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean, nullable=False, default=False)


def _word(name: str, kind: Any, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, Word(kind), nullable=null)


def _sealed(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.LargeBinary, nullable=null)


def _table(name: str, *columns: Any, lead: str | None = None) -> sa.Table:
    first = [] if lead is None else [sa.Column(lead, sa.Integer, nullable=False)]
    key = [*([lead] if lead else []), "institution_id", "id"]
    return sa.Table(
        name, metadata, *first, _id("institution_id"), _id("id"), *columns, _number("version"), sa.PrimaryKeyConstraint(*key)
    )


institution = sa.Table(
    "institution",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("code", sa.String(40), nullable=False, unique=True),
    _text("name_ko"),
    _text("name_en"),
    _text("phone", 40),
    _text("phone_abroad", 40),
    _number("fee_won"),
    _flag("two_people"),
    _time("opened_at"),
    _number("version"),
)

branch = _table(
    "branch",
    _text("code", 40),
    _text("name_ko"),
    _text("name_en"),
    _text("address_ko"),
    _text("address_en"),
    _text("hours"),
    _text("phone", 40),
    sa.UniqueConstraint("institution_id", "code"),
)

api_key = _table(
    "api_key",
    sa.Column("handle", sa.String(32), nullable=False, unique=True),
    _sealed("digest"),
    sa.Column("scopes", Words(400), nullable=False),
    _text("name"),
    _time("created_at"),
    _time("expires_at", null=True),
    _time("revoked_at", null=True),
)

member_table = _table(
    "member",
    sa.Column("login", sa.String(100), nullable=False),
    _sealed("data_key", null=True),
    _sealed("name"),
    _sealed("birth_date"),
    _sealed("phone"),
    _sealed("email"),
    _sealed("phone_print"),
    _sealed("ci_print", null=True),
    _text("language", 8),
    _text("password_hash"),
    _number("password_failures"),
    _time("password_locked_until", null=True),
    _time("phone_lost_at", null=True),
    _time("joined_at"),
    _time("left_at", null=True),
    sa.UniqueConstraint("institution_id", "login"),
)

staff = _table(
    "staff",
    _id("member_id"),
    _word("role", member.Role),
    _id("branch_id", null=True),
    _time("ended_at", null=True),
    sa.UniqueConstraint("institution_id", "member_id"),
)

session = _table(
    "session",
    sa.Column("secret_digest", sa.LargeBinary(32), nullable=False),
    _word("area", member.Area),
    _word("level", member.Level),
    _id("member_id"),
    _time("begun_at"),
    _time("seen_at"),
    _time("ends_at"),
    _time("ended_at", null=True),
    sa.UniqueConstraint("institution_id", "secret_digest"),
    sa.Index("session_by_member", "institution_id", "member_id"),
)

token = _table(
    "token",
    sa.Column("serial", sa.String(128), nullable=False),
    _word("state", token_life.TokenState),
    sa.Column("holds", Holds, nullable=False),
    _word("kind", oath.TokenKind),
    _word("algorithm", oath.Algorithm),
    _number("digits"),
    _number("period_s"),
    _number("high_water", -1),
    _number("drift_steps"),
    _number("failures"),
    _number("failures_total"),
    _time("locked_until", null=True),
    _time("valid_from", null=True),
    _time("valid_until", null=True),
    _time("used_at", null=True),
    _sealed("seed"),
    sa.UniqueConstraint("bucket", "institution_id", "serial"),
    lead="bucket",
)

device = _table(
    "device",
    _word("form", tokens.Form),
    _text("vendor"),
    _text("model"),
    _id("branch_id", null=True),
    _id("case_id", null=True),
    _id("import_id", null=True),
    sa.Column("expires_on", Day),
    _time("stocked_at"),
    _time("key_shown_at", null=True),
    sa.Index("device_by_branch", "institution_id", "branch_id"),
)

hold = _table(
    "token_hold",
    _id("token_id"),
    _word("hold", token_life.Hold),
    _time("placed_at"),
    _text("placed_by", 40),
    _id("report_id", null=True),
    _text("reason"),
    _time("lift_asked_at", null=True),
    _id("lift_asked_by", null=True),
    _time("lifted_at", null=True),
    _text("lifted_by", 40),
    sa.Index("token_hold_by_token", "institution_id", "token_id"),
)

registration = _table(
    "registration",
    _id("member_id"),
    _id("token_id"),
    _word("state", others.RegistrationState),
    _time("begun_at"),
    _time("live_at", null=True),
    _time("ended_at", null=True),
    sa.Index("registration_by_member", "bucket", "institution_id", "member_id"),
    sa.Index("registration_by_token", "institution_id", "token_id"),
    lead="bucket",
)

seed_import = _table("seed_import", _text("file_name"), _sealed("sha256"), _number("taken"), _number("refused"), _time("at"))

case = _table(
    "otp_case",
    sa.Column("number", sa.String(24), nullable=False),
    _id("member_id"),
    _word("state", case_life.CaseState),
    sa.Column("open_key", sa.String(80)),
    _word("reason", cases.Reason),
    _id("old_token_id", null=True),
    _text("old_serial", 128),
    _id("new_token_id", null=True),
    _id("report_id", null=True),
    _id("proof_id", null=True),
    _word("delivery", cases.Delivery, null=True),
    _id("branch_id", null=True),
    _word("documents", cases.Documents, null=True),
    _sealed("address"),
    _text("message", 1000),
    _sealed("answer"),
    _id("checked_by", null=True),
    _id("decided_by", null=True),
    _time("opened_at"),
    _time("submitted_at", null=True),
    _time("closed_at", null=True),
    _time("deadline_at", null=True),
    sa.UniqueConstraint("institution_id", "number"),
    sa.UniqueConstraint("institution_id", "open_key"),
    sa.Index("otp_case_by_member", "institution_id", "member_id"),
    sa.Index("otp_case_by_state", "institution_id", "state", "submitted_at"),
)

case_step = _table(
    "case_step",
    _id("case_id"),
    _word("state", case_life.CaseState),
    _time("at"),
    _text("by_role", 40),
    _text("note", 1000),
    sa.Index("case_step_by_case", "institution_id", "case_id"),
)

loss_report = _table(
    "loss_report",
    sa.Column("number", sa.String(24), nullable=False),
    _word("kind", loss.LossKind),
    _flag("phone_lost"),
    _time("reported_at"),
    _sealed("browser"),
    sa.Column("once", sa.String(64), nullable=False),
    _sealed("phone_tail"),
    _id("member_id", null=True),
    _id("case_id", null=True),
    _time("lifted_at", null=True),
    sa.UniqueConstraint("institution_id", "number"),
    sa.UniqueConstraint("institution_id", "once"),
    sa.Index("loss_report_by_time", "institution_id", "reported_at"),
    sa.Index("loss_report_by_browser", "institution_id", "browser"),
    sa.Index("loss_report_by_member", "institution_id", "member_id"),
)

proof_table = _table(
    "proof",
    _word("act", proof.Act),
    _word("method", proof.Method),
    _word("state", others.ProofState),
    _sealed("browser"),
    _sealed("phone_tail"),
    _id("member_id", null=True),
    _id("report_id", null=True),
    _text("provider", 40),
    _sealed("kept", null=True),
    _number("tries"),
    _number("sends"),
    _time("sent_at", null=True),
    _time("started_at"),
    _time("expires_at"),
    _time("passed_at", null=True),
    sa.Index("proof_by_browser", "institution_id", "browser"),
    sa.Index("proof_by_member", "institution_id", "member_id"),
)

phone_code = _table(
    "phone_code",
    _id("proof_id"),
    _sealed("digest"),
    _time("sent_at"),
    sa.Index("phone_code_by_proof", "institution_id", "proof_id"),
)

evidence = _table(
    "evidence",
    _id("proof_id"),
    _id("member_id", null=True),
    _word("method", proof.Method),
    _text("provider", 40),
    _text("provider_tx"),
    _flag("matched"),
    _time("at"),
    _sealed("raw_hash"),
    _sealed("ci_print", null=True),
    _sealed("subject_print", null=True),
    sa.UniqueConstraint("institution_id", "provider", "provider_tx"),
    sa.Index("evidence_by_proof", "institution_id", "proof_id"),
    sa.Index("evidence_by_member", "institution_id", "member_id"),
)

pick_up = _table(
    "pick_up",
    _id("case_id"),
    _id("member_id"),
    _id("token_id"),
    _id("branch_id"),
    _word("state", others.PickUpState),
    _sealed("code"),
    _sealed("code_print"),
    _time("ready_at", null=True),
    _time("until"),
    _time("handed_over_at", null=True),
    _id("handed_over_by", null=True),
    _text("seen"),
    sa.Index("pick_up_by_case", "institution_id", "case_id"),
    sa.Index("pick_up_by_code", "institution_id", "code_print"),
)

shipment = _table(
    "shipment",
    _id("case_id"),
    _id("member_id"),
    _id("token_id"),
    _id("branch_id"),
    _word("state", others.ShipmentState),
    _text("tracking_number", 20),
    _time("planned_at"),
    _time("dispatched_at", null=True),
    _time("ended_at", null=True),
    _time("checked_at", null=True),
    _text("place"),
    sa.Index("shipment_by_case", "institution_id", "case_id"),
    sa.Index("shipment_by_state", "institution_id", "state"),
    sa.Index("shipment_by_number", "institution_id", "tracking_number"),
)

notice = _table(
    "notice",
    _id("member_id"),
    _text("channel", 8),
    _sealed("recipient"),
    _sealed("subject"),
    _sealed("text"),
    _flag("carries_code"),
    _text("template", 40),
    _time("created_at"),
    _time("sent_at", null=True),
    _time("failed_at", null=True),
    _text("provider_reference"),
)

count = _table(
    "count", _sealed("key"), _time("window_at"), _number("count"), sa.UniqueConstraint("institution_id", "key", "window_at")
)

kept_answer = _table(
    "kept_answer",
    sa.Column("key", sa.LargeBinary(32), nullable=False),
    _sealed("request"),
    sa.Column("verification", Detail, nullable=False),
    _time("until"),
    sa.UniqueConstraint("institution_id", "key"),
    sa.Index("kept_answer_by_until", "institution_id", "until"),
)

signer = _table("signer", _text("suite", 64), _sealed("pin_hash"))

challenge = _table(
    "challenge",
    _id("token_id"),
    _id("member_id"),
    _text("question", 64),
    _text("client_challenge", 64),
    _text("session", 64),
    _sealed("nonce"),
    _sealed("transaction"),
    _time("made_at"),
    _time("expires_at"),
    _time("spent_at", null=True),
    sa.Index("challenge_by_token", "institution_id", "token_id", "expires_at"),
    sa.Index("challenge_by_question", "institution_id", "token_id", "question"),
)

audit_line = sa.Table(
    "audit_line",
    metadata,
    sa.Column("day", Day, nullable=False),
    _id("institution_id"),
    _id("id"),
    _time("at"),
    _word("event", audit.AuditEvent),
    _word("actor_kind", audit.ActorKind),
    _id("actor_id", null=True),
    _text("source", 64),
    _text("subject", 40),
    _id("subject_id", null=True),
    _id("case_id", null=True),
    _text("result", 40),
    sa.Column("detail", Detail, nullable=False),
    sa.PrimaryKeyConstraint("day", "institution_id", "id"),
)

data_key = sa.Table(
    "data_key",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    _text("purpose", 20),
    _sealed("wrapped"),
    _time("made_at"),
)
"""Keys under the master key: who has this table without the master key has nothing."""
