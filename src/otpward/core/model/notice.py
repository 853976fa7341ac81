"""What we tell people."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from otpward.core.ids import InstitutionId, MemberId
from otpward.core.secret import Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A text on its way to a person. The text is erased once it has gone, if it carried a code."""

    id: UUID
    institution_id: InstitutionId
    member_id: MemberId
    channel: str
    recipient: Personal
    subject: Personal
    text: Personal
    carries_code: bool
    template: str
    created_at: datetime
    sent_at: datetime | None = None
    failed_at: datetime | None = None
    provider_reference: str = ""
    version: int = 0
