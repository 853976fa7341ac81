"""A wish to retire a device that is in somebody's hands."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from otpward.core.ids import InstitutionId, MemberId, TokenId


@dataclass(frozen=True, slots=True, kw_only=True)
class Retirement:
    """Who asked, why, and what was decided. `open_key` is the token's while nobody has decided, so that it is asked once."""

    id: UUID
    institution_id: InstitutionId
    token_id: TokenId
    open_key: str | None
    reason: str
    asked_by: MemberId
    asked_at: datetime
    decided_by: MemberId | None = None
    decided_at: datetime | None = None
    version: int = 0
