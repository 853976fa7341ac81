"""How a device travels: over the counter (방문 수령) or by post (우편 발송)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from otpward.core.ids import BranchId, CaseId, InstitutionId, MemberId, TokenId
from otpward.core.lifecycle.others import PickUpState, ShipmentState
from otpward.core.secret import Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class PickUp:
    """A device waiting at a counter, and the code that its holder shows."""

    id: UUID
    institution_id: InstitutionId
    case_id: CaseId
    member_id: MemberId
    token_id: TokenId
    branch_id: BranchId
    state: PickUpState
    code: Personal
    code_print: bytes
    ready_at: datetime | None = None
    until: datetime
    handed_over_at: datetime | None = None
    handed_over_by: MemberId | None = None
    seen: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """A parcel with one device in it."""

    id: UUID
    institution_id: InstitutionId
    case_id: CaseId
    member_id: MemberId
    token_id: TokenId
    branch_id: BranchId
    state: ShipmentState
    tracking_number: str = ""
    planned_at: datetime
    dispatched_at: datetime | None = None
    ended_at: datetime | None = None
    checked_at: datetime | None = None
    place: str = ""
    version: int = 0
