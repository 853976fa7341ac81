"""A renewal that nobody applied for, planned before a device ends (KOREA: 시행령 §6①)."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from otpward.core.ids import CaseId, InstitutionId, MemberId, TokenId


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalPlan:
    """When the new device is to be on its way, what the member was told and said, and the case that came of it. `ends_on` is
    the day of the old device that it was planned for: a device has one plan per end."""

    id: UUID
    institution_id: InstitutionId
    member_id: MemberId
    token_id: TokenId
    ends_on: date
    planned_on: date
    used_on: date | None = None
    told_on: date | None = None
    objected_on: date | None = None
    case_id: CaseId | None = None
    closed: bool = False
    version: int = 0
