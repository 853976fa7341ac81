"""What we tell people, in which words, and how they undo what they did not do."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from otpward.core.ids import InstitutionId, MemberId
from otpward.core.lifecycle.notice import NoticeState
from otpward.core.secret import NOTHING, Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A text on its way to a person. The text is erased once it has gone, if it carried a code or a link that acts.

    `campaign_id`: it is the one reminder of this member in this campaign. `batch_id`: it is handed over together with others.
    `instead_of`: it goes because that one did not arrive. `not_before`: reminders wait for the morning. `talk_code`: the
    template that KakaoTalk shows it by, filled in with `talk_values` (JSON), while our text follows where it does not arrive.
    """

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
    state: NoticeState = NoticeState.QUEUED
    provider: str = ""
    handing_at: datetime | None = None
    delivered_at: datetime | None = None
    not_before: datetime | None = None
    holds_link: bool = False
    campaign_id: UUID | None = None
    batch_id: UUID | None = None
    case_id: UUID | None = None
    instead_of: UUID | None = None
    talk_code: str = ""
    talk_values: Personal = NOTHING
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeText:
    """An institution's own words for one kind of notice, in both languages; `live_for` is the kind while they are in use, and
    unique. Those before stay, for the record. Empty words mean: ours again. `talk_code` is the template of KakaoTalk's AlimTalk
    that was approved for this kind; without one it goes as a text message."""

    id: UUID
    institution_id: InstitutionId
    kind: str
    live_for: str | None
    number: int
    korean: str
    english: str
    talk_code: str = ""
    made_at: datetime
    made_by: MemberId
    replaced_at: datetime | None = None
    version: int = 0


class UndoAct(StrEnum):
    """What a link in a notice can undo."""

    CONTACT_PHONE = "contact_phone"
    CONTACT_EMAIL = "contact_email"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    RECOVERY_CODE = "recovery_code"
    TOKEN_BOUND = "token_bound"


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoLink:
    """A link that undoes one act, once. `digest` is the SHA-256 of its code, which stands nowhere but in the notice.

    `subject_id` is the row that the act changed; `before` and `after` what stood there, where that is a text. It undoes only
    what is still as the act left it.
    """

    id: UUID
    institution_id: InstitutionId
    member_id: MemberId
    act: UndoAct
    subject_id: UUID
    digest: bytes
    before: Personal = NOTHING
    after: Personal = NOTHING
    made_at: datetime
    until: datetime
    used_at: datetime | None = None
    version: int = 0
