"""The schema. Columns carry the names of the model's fields; migrations are compared with this by a test.

Every row names its institution. Hot tables (`token`, `registration`) lead with a bucket, so that the same schema shards
later; the audit leads with the day, so that old days can be dropped. A field of type `Personal` is a sealed column.
"""

from otpward.store.tables.backup import passkey, recovery_code, spent_challenge
from otpward.store.tables.checks import device_check, device_name, temporary_pass
from otpward.store.tables.documents import document, document_page
from otpward.store.tables.health import campaign, health, reminder, renewal
from otpward.store.tables.keeping import audit_line, count, data_key, kept_answer
from otpward.store.tables.legal import consent, fee
from otpward.store.tables.making import metadata
from otpward.store.tables.moving import notice, notice_text, pick_up, shipment, undo_link
from otpward.store.tables.people import api_key, branch, institution, member_table, session, staff
from otpward.store.tables.policies import policy
from otpward.store.tables.review import case_look, case_note, saved_view
from otpward.store.tables.rolled import story_line, story_mark
from otpward.store.tables.shipping import batch, parcel_event
from otpward.store.tables.stock import count_line, model_rule, seed_upload, stock_count, stock_transfer
from otpward.store.tables.story import case, case_step, contact_change, evidence, loss_report, phone_code, proof_table
from otpward.store.tables.tokens import (
    challenge,
    device,
    hold,
    registration,
    retirement,
    seed_export,
    seed_import,
    signer,
    token,
)

__all__ = [
    "api_key",
    "audit_line",
    "batch",
    "branch",
    "campaign",
    "case",
    "case_look",
    "case_note",
    "case_step",
    "challenge",
    "consent",
    "contact_change",
    "count",
    "count_line",
    "data_key",
    "device",
    "device_check",
    "device_name",
    "document",
    "document_page",
    "evidence",
    "fee",
    "health",
    "hold",
    "institution",
    "kept_answer",
    "loss_report",
    "member_table",
    "metadata",
    "model_rule",
    "notice",
    "notice_text",
    "parcel_event",
    "passkey",
    "phone_code",
    "pick_up",
    "policy",
    "proof_table",
    "recovery_code",
    "registration",
    "reminder",
    "renewal",
    "retirement",
    "saved_view",
    "seed_export",
    "seed_import",
    "seed_upload",
    "session",
    "shipment",
    "signer",
    "spent_challenge",
    "staff",
    "stock_count",
    "stock_transfer",
    "story_line",
    "story_mark",
    "temporary_pass",
    "token",
    "undo_link",
]
