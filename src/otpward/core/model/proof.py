"""A proof of identity (본인 인증)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from otpward.core.ids import CaseId, InstitutionId, MemberId, ProofId, ReportId
from otpward.core.lifecycle.others import ProofState
from otpward.core.secret import NOTHING, Personal


class Act(StrEnum):
    """What a proof of identity is for; a proof for one act is good for no other."""

    APPLY = "apply"
    LIFT_LOSS = "lift_loss"
    FOLLOW = "follow"
    UNLOCK = "unlock"
    CHANGE_CONTACT = "change_contact"
    TEMPORARY_PASS = "temporary_pass"
    """To be given a few numbers for the days until a new token works; proven at the counter that gives them."""
    COLLECT = "collect"
    """To be handed a device; proven nowhere but at the counter that hands it over."""


FROM_AFAR: Final[tuple[Act, ...]] = tuple(act for act in Act if act not in {Act.COLLECT, Act.TEMPORARY_PASS})
"""What a member can prove themselves for without coming to a branch, and so what a policy has rules for."""
AT_THE_COUNTER: Final[tuple[Act, ...]] = (*FROM_AFAR, Act.TEMPORARY_PASS)
"""What papers are compared for by itself, before the act."""


class Method(StrEnum):
    """How somebody showed who they are."""

    PHONE_CODE = "phone_code"
    CERTIFICATE = "certificate"
    AGENCY = "agency"
    """An identity service: phone, i-PIN and its successors."""
    APP = "app"
    """A certificate in an app on the phone (Kakao, Naver, PASS)."""
    SIGN_ON = "sign_on"
    """The institution's own single sign-on (OIDC)."""
    PASSKEY = "passkey"
    RECOVERY_CODE = "recovery_code"
    OTP = "otp"
    """Another OTP device of the member, which is not the one that it is about."""
    IN_PERSON = "in_person"


class Assurance(StrEnum):
    """How sure one can be of who it was (levels of assurance of EU 910/2014 Art. 8; ISO/IEC 29115 levels 2 to 4)."""

    LOW = "low"
    SUBSTANTIAL = "substantial"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """For comparing: 1 to 3."""
        return list(Assurance).index(self) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One showing of who somebody is, bound to act, person and browser; used once, within minutes.

    For a stranger (`member_id` None) the proof exists all the same and can never pass, so that nothing tells them apart.
    `provider` is who vouches, where it is somebody outside; `kept` what it takes to complete it there. `phone_tail` is of the
    phone it rests on, if it rests on one. `level` is how sure it makes. Bound to a case (`case_id`), it is good for no other.
    """

    id: ProofId
    institution_id: InstitutionId
    act: Act
    method: Method
    state: ProofState
    browser: bytes
    phone_tail: Personal
    level: Assurance = Assurance.LOW
    member_id: MemberId | None = None
    report_id: ReportId | None = None
    case_id: CaseId | None = None
    provider: str = ""
    kept: Personal = NOTHING
    tries: int = 0
    sends: int = 0
    sent_at: datetime | None = None
    started_at: datetime
    expires_at: datetime
    passed_at: datetime | None = None
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneCode:
    """A code that was sent, as a keyed hash. Older codes of the same proof stay good until the proof expires."""

    id: UUID
    institution_id: InstitutionId
    proof_id: ProofId
    digest: bytes
    sent_at: datetime
    version: int = 0
