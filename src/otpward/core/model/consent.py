"""What a member agreed to, in which words, and when they took it back."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from otpward.core.ids import InstitutionId, MemberId


class Purpose(StrEnum):
    """What personal data is used for, beyond what an application cannot do without."""

    DOCUMENTS = "documents"
    RENEWAL = "renewal"
    POST = "post"
    IDENTITY_SERVICE = "identity_service"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """One consent (개인정보 보호법 §15, §22, §24). `words` is the version of the text that was on the page, in `language`, with
    `kept` filled in for how long; so the text can be shown again as it was.

    `browser` is the digest of the browser's own cookie. `live_for` is unique while it holds and None afterwards: two presses
    make one consent. The row stays when it is withdrawn.
    """

    id: UUID
    institution_id: InstitutionId
    member_id: MemberId
    purpose: Purpose
    live_for: str | None
    words: int
    language: str
    kept: int
    browser: bytes
    given_at: datetime
    withdrawn_at: datetime | None = None
    version: int = 0
