"""A guided check (고장 점검): what was wrong with a device, what was found, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from otpward.core.ids import CaseId, InstitutionId, MemberId, TokenId


class Complaint(StrEnum):
    """What its holder says is wrong."""

    REFUSED = "refused"
    DARK = "dark"
    DAMAGED = "damaged"
    PHONE_CHANGED = "phone_changed"
    APP_DELETED = "app_deleted"
    NONE = "none"
    """Nothing: it was looked at all the same, as on a reminder."""


class CheckDoor(StrEnum):
    """Where it was checked."""

    PORTAL = "portal"
    CONSOLE = "console"
    API = "api"


class Outcome(StrEnum):
    """How it ended; `OPEN` until it has."""

    OPEN = "open"
    WORKS = "works"
    ADJUSTED = "adjusted"
    """One number showed how far the clock is off, and it is remembered."""
    RESYNCED = "resynced"
    UNLOCKED = "unlocked"
    REPLACE = "replace"
    """It cannot be helped: a new one is needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceCheck:
    """One check of one device, from the first number to its outcome.

    `verdict` is what was said of the last number, `wrong` how many were refused, `tried_pair` whether two in a row were asked
    for. `off_s` is how far the device's clock is ahead, as near as a number tells; `phone_off_s` how far that of the browser
    is, by its own word, which decides nothing. `case_id` is the application that came of it.
    """

    id: UUID
    institution_id: InstitutionId
    token_id: TokenId
    member_id: MemberId | None
    door: CheckDoor
    complaint: Complaint
    outcome: Outcome
    verdict: str = ""
    wrong: int = 0
    tried_pair: bool = False
    off_s: int | None = None
    phone_off_s: int | None = None
    by_role: str
    case_id: CaseId | None = None
    begun_at: datetime
    ended_at: datetime | None = None
    version: int = 0
