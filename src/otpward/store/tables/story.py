"""From a report to a working token: reports, proofs, cases."""

import sqlalchemy as sa

from otpward.core.lifecycle import case as case_life
from otpward.core.lifecycle import contact_change as change_life
from otpward.core.lifecycle import others
from otpward.core.model import case as cases
from otpward.core.model import contact_change as contacts
from otpward.core.model import loss, proof
from otpward.store.tables.making import a_flag, a_number, a_table, a_text, a_time, a_word, an_id, sealed

loss_report = a_table(
    "loss_report",
    sa.Column("number", sa.String(24), nullable=False),
    a_word("kind", loss.LossKind),
    a_flag("phone_lost"),
    a_time("reported_at"),
    sealed("browser"),
    sa.Column("once", sa.String(64), nullable=False),
    sealed("phone_tail"),
    an_id("member_id", null=True),
    an_id("case_id", null=True),
    a_time("lifted_at", null=True),
    sa.UniqueConstraint("institution_id", "number"),
    sa.UniqueConstraint("institution_id", "once"),
    sa.Index("loss_report_by_time", "institution_id", "reported_at"),
    sa.Index("loss_report_by_browser", "institution_id", "browser"),
    sa.Index("loss_report_by_member", "institution_id", "member_id"),
)

proof_table = a_table(
    "proof",
    a_word("act", proof.Act),
    a_word("method", proof.Method),
    a_word("state", others.ProofState),
    sealed("browser"),
    sealed("phone_tail"),
    a_word("level", proof.Assurance, default="low"),
    an_id("member_id", null=True),
    an_id("report_id", null=True),
    an_id("case_id", null=True),
    a_text("provider", 40),
    sealed("kept", null=True),
    a_number("tries"),
    a_number("sends"),
    a_time("sent_at", null=True),
    a_time("started_at"),
    a_time("expires_at"),
    a_time("passed_at", null=True),
    sa.Index("proof_by_browser", "institution_id", "browser"),
    sa.Index("proof_by_member", "institution_id", "member_id"),
)

contact_change = a_table(
    "contact_change",
    an_id("member_id"),
    a_word("contact", contacts.Contact),
    a_word("state", change_life.ChangeState),
    sealed("browser"),
    sealed("address"),
    sealed("old"),
    sealed("code"),
    a_number("tries"),
    a_number("sends"),
    a_time("sent_at", null=True),
    a_time("begun_at"),
    a_time("expires_at"),
    a_time("changed_at", null=True),
    sa.Index("contact_change_by_member", "institution_id", "member_id"),
)

phone_code = a_table(
    "phone_code",
    an_id("proof_id"),
    sealed("digest"),
    a_time("sent_at"),
    sa.Index("phone_code_by_proof", "institution_id", "proof_id"),
)

evidence = a_table(
    "evidence",
    an_id("proof_id"),
    an_id("member_id", null=True),
    a_word("method", proof.Method),
    a_text("provider", 40),
    a_text("provider_tx"),
    a_flag("matched"),
    a_time("at"),
    sealed("raw_hash"),
    a_word("level", proof.Assurance, default="substantial"),
    a_text("claims"),
    sealed("ci_print", null=True),
    sealed("subject_print", null=True),
    sa.UniqueConstraint("institution_id", "provider", "provider_tx"),
    sa.Index("evidence_by_proof", "institution_id", "proof_id"),
    sa.Index("evidence_by_member", "institution_id", "member_id"),
)

case = a_table(
    "otp_case",
    sa.Column("number", sa.String(24), nullable=False),
    an_id("member_id"),
    a_word("state", case_life.CaseState),
    sa.Column("open_key", sa.String(80)),
    a_word("reason", cases.Reason),
    sa.Column("applicant", sa.String(32), nullable=False, default="individual", server_default="individual"),
    an_id("policy_id", null=True),
    an_id("old_token_id", null=True),
    a_text("old_serial", 128),
    an_id("new_token_id", null=True),
    an_id("report_id", null=True),
    an_id("proof_id", null=True),
    a_word("delivery", cases.Delivery, null=True),
    an_id("branch_id", null=True),
    a_word("documents", cases.Documents, null=True),
    sealed("address"),
    a_text("message", 1000),
    sealed("answer"),
    an_id("assigned_to", null=True),
    an_id("checked_by", null=True),
    an_id("decided_by", null=True),
    a_time("opened_at"),
    a_time("submitted_at", null=True),
    a_time("closed_at", null=True),
    a_time("deadline_at", null=True),
    a_time("approval_until", null=True),
    sealed("approval_reason", null=True),
    sealed("acting_name", null=True),
    sealed("acting_as", null=True),
    a_text("asked_item", 40),
    a_time("since", null=True),
    sa.UniqueConstraint("institution_id", "number"),
    sa.UniqueConstraint("institution_id", "open_key"),
    sa.Index("otp_case_by_member", "institution_id", "member_id"),
    sa.Index("otp_case_by_end", "institution_id", "policy_id", "closed_at"),
    sa.Index("otp_case_by_state", "institution_id", "state", "submitted_at"),
    sa.Index("otp_case_queue", "institution_id", "state", "since", "id", "delivery", "branch_id", "assigned_to", "reason"),
)

case_step = a_table(
    "case_step",
    an_id("case_id"),
    a_word("state", case_life.CaseState),
    a_time("at"),
    a_text("by_role", 40),
    a_text("note", 1000),
    sa.Index("case_step_by_case", "institution_id", "case_id"),
)
