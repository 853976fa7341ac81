"""A case: why somebody needs a token, what was decided, and how it travels."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from otpward.core.ids import BranchId, CaseId, InstitutionId, MemberId, ProofId, ReportId, TokenId
from otpward.core.lifecycle.case import CaseState
from otpward.core.secret import NOTHING, Personal


class Reason(StrEnum):
    """Why a token is asked for."""

    LOST = "lost"
    STOLEN = "stolen"
    MISUSED = "misused"
    FAULTY = "faulty"
    EXPIRING = "expiring"
    PHONE_CHANGED = "phone_changed"
    FIRST_ISSUE = "first_issue"


class Delivery(StrEnum):
    """How the new token reaches its holder."""

    BRANCH = "branch"
    POST = "post"
    APP = "app"


class Documents(StrEnum):
    """How identity papers are shown."""

    AT_COUNTER = "at_counter"
    ON_DELIVERY = "on_delivery"
    PROOF_ONLY = "proof_only"
    SENT = "sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One request, from report to working token.

    `open_key` is unique while the case is open (member and old token) and None afterwards: a member has one open case per
    token. `applicant` is the kind of applicant, and `policy_id` the version of the policy, that it began under; None where
    the institution had approved none yet. `assigned_to` is whose work it is. While a second person is asked, `approval_until`
    is how long, and `approval_reason` why, for them alone. `acting_name` and `acting_as` are who acts for the member, and as
    what (a `Relation`), where the kind of applicant wants somebody. `asked_item` is the paper that staff asked for once more.
    """

    id: CaseId
    institution_id: InstitutionId
    number: str
    member_id: MemberId
    state: CaseState
    open_key: str | None
    reason: Reason
    applicant: str = "individual"
    policy_id: UUID | None = None
    old_token_id: TokenId | None = None
    old_serial: str = ""
    new_token_id: TokenId | None = None
    report_id: ReportId | None = None
    proof_id: ProofId | None = None
    delivery: Delivery | None = None
    branch_id: BranchId | None = None
    documents: Documents | None = None
    address: Personal = NOTHING
    message: str = ""
    answer: Personal = NOTHING
    assigned_to: MemberId | None = None
    checked_by: MemberId | None = None
    decided_by: MemberId | None = None
    opened_at: datetime
    submitted_at: datetime | None = None
    closed_at: datetime | None = None
    deadline_at: datetime | None = None
    approval_until: datetime | None = None
    approval_reason: Personal = NOTHING
    acting_name: Personal = NOTHING
    acting_as: Personal = NOTHING
    asked_item: str = ""
    version: int = 0

    @property
    def since(self) -> datetime:
        """Since when it waits: sent, or opened if it never was. The queue is in this order."""
        return self.submitted_at or self.opened_at


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseStep:
    """One line of the timeline: the state that was entered, when, and by which role (never by name)."""

    id: UUID
    institution_id: InstitutionId
    case_id: CaseId
    state: CaseState
    at: datetime
    by_role: str
    note: str = ""
    version: int = 0
