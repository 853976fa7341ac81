"""The schema. Columns carry the names of the model's fields; migrations are compared with this by a test.

Every row names its institution. Hot tables (`token`, `registration`) lead with a bucket, so that the same schema shards
later; the audit leads with the day, so that old days can be dropped. A field of type `Personal` is a sealed column.
"""

from otpward.store.tables.backup import passkey, recovery_code, spent_challenge
from otpward.store.tables.documents import document, document_page
from otpward.store.tables.keeping import audit_line, count, data_key, kept_answer
from otpward.store.tables.legal import consent, fee
from otpward.store.tables.making import metadata
from otpward.store.tables.moving import notice, pick_up, shipment
from otpward.store.tables.people import api_key, branch, institution, member_table, session, staff
from otpward.store.tables.policies import policy
from otpward.store.tables.review import case_look, case_note, saved_view
from otpward.store.tables.story import case, case_step, contact_change, evidence, loss_report, phone_code, proof_table
from otpward.store.tables.tokens import challenge, device, hold, registration, seed_export, seed_import, signer, token

__all__ = [
    "api_key",
    "audit_line",
    "branch",
    "case",
    "case_look",
    "case_note",
    "case_step",
    "challenge",
    "consent",
    "contact_change",
    "count",
    "data_key",
    "device",
    "document",
    "document_page",
    "evidence",
    "fee",
    "hold",
    "institution",
    "kept_answer",
    "loss_report",
    "member_table",
    "metadata",
    "notice",
    "passkey",
    "phone_code",
    "pick_up",
    "policy",
    "proof_table",
    "recovery_code",
    "registration",
    "saved_view",
    "seed_export",
    "seed_import",
    "session",
    "shipment",
    "signer",
    "spent_challenge",
    "staff",
    "token",
]
