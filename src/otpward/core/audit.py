"""What is written down: every change has its line, in the same transaction, worded `noun:verb`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from otpward.core.ids import InstitutionId


class AuditEvent(StrEnum):
    """Each thing that can be read in the audit."""

    INSTITUTION_OPENED = "institution:opened"
    BRANCH_ADDED = "branch:added"
    MEMBER_ADDED = "member:added"
    STAFF_APPOINTED = "staff:appointed"
    PASSWORD_SET = "password:set"
    PHONE_TRUSTED = "phone:trusted"
    PHONE_SIGNALLED = "phone:signalled"
    PHONE_CHECKED = "phone:checked"
    CONTACT_ASKED = "contact:asked"
    CONTACT_CHANGED = "contact:changed"
    CONTACT_REFUSED = "contact:refused"
    LANGUAGE_CHANGED = "language:changed"
    API_KEY_CREATED = "api_key:created"
    API_KEY_REVOKED = "api_key:revoked"
    SEEDS_IMPORTED = "seeds:imported"
    SEEDS_UNDONE = "seeds:undone"
    SEEDS_EXPORT_ASKED = "seeds:export_asked"
    SEEDS_EXPORT_APPROVED = "seeds:export_approved"
    SEEDS_EXPORTED = "seeds:exported"
    TOKEN_STOCKED = "token:stocked"
    TOKEN_TRANSFERRED = "token:transferred"
    TOKEN_MADE = "token:made"
    TOKEN_RESERVED = "token:reserved"
    TOKEN_RELEASED = "token:released"
    TOKEN_HANDED_OVER = "token:handed_over"
    TOKEN_DISPATCHED = "token:dispatched"
    TOKEN_DELIVERED = "token:delivered"
    TOKEN_QUARANTINED = "token:quarantined"
    TOKEN_REGISTERED = "token:registered"
    TOKEN_KEY_SHOWN = "token:key_shown"
    TOKEN_ACTIVATED = "token:activated"
    TOKEN_HELD = "token:held"
    TOKEN_FREED = "token:freed"
    TOKEN_RETIRED = "token:retired"
    CODE_ACCEPTED = "code:accepted"
    CODE_REFUSED = "code:refused"
    CHALLENGE_MADE = "challenge:made"
    CHALLENGE_REFUSED = "challenge:refused"
    CHALLENGE_ANSWERED = "challenge:answered"
    LOSS_REPORTED = "loss:reported"
    LOSS_LIFTED = "loss:lifted"
    LIFT_ASKED = "lift:asked"
    LIFT_SENT_BACK = "lift:sent_back"
    LIFT_LAPSED = "lift:lapsed"
    PROOF_STARTED = "proof:started"
    PROOF_CODE_SENT = "proof:code_sent"
    PROOF_CODE_SHOWN = "proof:code_shown"
    PROOF_PASSED = "proof:passed"
    PROOF_FAILED = "proof:failed"
    PROOF_SPENT = "proof:spent"
    RECOVERY_CODE_MADE = "recovery_code:made"
    RECOVERY_CODE_USED = "recovery_code:used"
    PASSKEY_ADDED = "passkey:added"
    PASSKEY_RENAMED = "passkey:renamed"
    PASSKEY_REMOVED = "passkey:removed"
    PASSKEY_USED = "passkey:used"
    PASSKEY_REFUSED = "passkey:refused"
    SESSION_CONFIRMED = "session:confirmed"
    CASE_OPENED = "case:opened"
    CASE_SAVED = "case:saved"
    CASE_SUBMITTED = "case:submitted"
    CASE_TAKEN_UP = "case:taken_up"
    CASE_MORE_ASKED = "case:more_asked"
    CASE_ANSWERED = "case:answered"
    CASE_CHECKED = "case:checked"
    CASE_APPROVED = "case:approved"
    CASE_SENT_BACK = "case:sent_back"
    CASE_LAPSED = "case:approval_lapsed"
    CASE_ASSIGNED = "case:assigned"
    CASE_NOTED = "case:noted"
    CASE_DENIED = "case:denied"
    CASES_EXPORTED = "cases:exported"
    CASE_REFUSED = "case:refused"
    CASE_CANCELLED = "case:cancelled"
    CASE_EXPIRED = "case:expired"
    CASE_PREPARED = "case:prepared"
    CASE_READY = "case:ready"
    CASE_RECEIVED = "case:received"
    CASE_REGISTERED = "case:registered"
    CASE_DONE = "case:done"
    DOCUMENT_SENT = "document:sent"
    DOCUMENT_READ = "document:read"
    DOCUMENT_REFUSED = "document:refused"
    DOCUMENT_COVERED = "document:covered"
    DOCUMENT_KEPT = "document:kept"
    DOCUMENT_SEEN = "document:seen"
    DOCUMENT_ERASED = "document:erased"
    FEE_DUE = "fee:due"
    FEE_WAIVED = "fee:waived"
    FEE_PAID = "fee:paid"
    FEE_REFUNDED = "fee:refunded"
    FEE_DROPPED = "fee:dropped"
    CONSENT_GIVEN = "consent:given"
    CONSENT_WITHDRAWN = "consent:withdrawn"
    PICKUP_EXPIRED = "pickup:expired"
    SHIPMENT_PLANNED = "shipment:planned"
    SHIPMENT_DISPATCHED = "shipment:dispatched"
    SHIPMENT_DELIVERED = "shipment:delivered"
    SHIPMENT_RETURNED = "shipment:returned"
    POLICY_SAVED = "policy:saved"
    POLICY_PROPOSED = "policy:proposed"
    POLICY_APPROVED = "policy:approved"
    POLICY_SENT_BACK = "policy:sent_back"
    POLICY_LAPSED = "policy:lapsed"
    POLICY_SUPERSEDED = "policy:superseded"
    POLICY_WITHDRAWN = "policy:withdrawn"
    NOTICE_SENT = "notice:sent"
    NOTICE_FAILED = "notice:failed"
    SIGN_IN_PASSED = "sign_in:passed"
    SIGN_IN_FAILED = "sign_in:failed"
    SIGN_OUT = "sign_in:ended"
    SIGN_ON_UNLINKED = "sign_on:unlinked"


class ActorKind(StrEnum):
    """Who did it."""

    STRANGER = "stranger"
    MEMBER = "member"
    STAFF = "staff"
    API_KEY = "api_key"
    OPERATOR = "operator"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts, and from where (`source` is the address the request came from, or the door's name)."""

    kind: ActorKind
    id: UUID | None = None
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """One line: who did what to what, when, with which result. `detail` never holds personal data or secrets."""

    id: UUID
    institution_id: InstitutionId
    at: datetime
    event: AuditEvent
    actor_kind: ActorKind
    actor_id: UUID | None
    source: str
    subject: str
    subject_id: UUID | None
    case_id: UUID | None = None
    result: str = "done"
    detail: Mapping[str, str | int] = field(default_factory=dict)
