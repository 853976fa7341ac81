"""A contact on its way to being changed: the new one must show itself before it takes the place of the old."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from otpward.core.ids import InstitutionId, MemberId
from otpward.core.lifecycle.contact_change import ChangeState
from otpward.core.secret import NOTHING, Personal


class Contact(StrEnum):
    """What can be changed."""

    PHONE = "phone"
    EMAIL = "email"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactChange:
    """One change, opened by spent proofs, bound to the browser that made them, and over in minutes.

    `code` is what was sent to `address`. It is kept, sealed, while the change runs, so that asking again sends the same one:
    there is never more than one that is right. `old` is what stood there before, once it was changed.
    """

    id: UUID
    institution_id: InstitutionId
    member_id: MemberId
    contact: Contact
    state: ChangeState
    browser: bytes
    address: Personal
    old: Personal = NOTHING
    code: Personal = NOTHING
    tries: int = 0
    sends: int = 0
    sent_at: datetime | None = None
    begun_at: datetime
    expires_at: datetime
    changed_at: datetime | None = None
    version: int = 0


class SignalKind(StrEnum):
    """What happened to a phone, as carriers and fraud systems say it."""

    SIM_CHANGED = "sim_changed"
    NUMBER_PORTED = "number_ported"
    LOST = "lost"
