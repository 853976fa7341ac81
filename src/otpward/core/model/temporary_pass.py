"""A temporary pass: a few numbers on paper that stand in for a token until its successor works."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from otpward.core.ids import CaseId, InstitutionId, MemberId, TokenId


@dataclass(frozen=True, slots=True, kw_only=True)
class TemporaryPass:
    """Given at a counter, for one open case. Its numbers are those of a counter token of its own (`token_id`), good in their
    order, each once, until `expires_at`; when the case ends, or a loss is reported, it ends too."""

    id: UUID
    institution_id: InstitutionId
    member_id: MemberId
    case_id: CaseId
    token_id: TokenId
    codes: int
    given_by: MemberId
    given_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    ended_why: str = ""
    version: int = 0
