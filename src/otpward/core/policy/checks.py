"""What a checked number tells of a device's clock, and which clock of a browser is worth a word."""

from datetime import datetime, timedelta
from typing import Final

from otpward.core.model.case import Reason
from otpward.core.model.device_check import Complaint
from otpward.core.oath.totp import EPOCH

CHECK_LIFE: Final = timedelta(minutes=30)
"""So long one check goes on; a number typed later begins another."""
TYPING_S: Final = 30
"""A number that was shown so long ago may just have been typed slowly; one from further back is the clock's doing."""
_PROMPT_S: Final = 10
"""Who waits for the second number to appear types it about so soon."""
PHONE_WORTH_SAYING_S: Final = 60
"""A phone that is this far off shows numbers of another minute; below that nobody needs to touch it."""
PHONE_FARTHEST_S: Final = 400 * 24 * 3600
"""Beyond a year or so a browser's word is no clock but a mistake."""

_LONGEST_WORD: Final = 15

REASONS: Final = {
    Complaint.PHONE_CHANGED: Reason.PHONE_CHANGED,
    Complaint.APP_DELETED: Reason.PHONE_CHANGED,
}
"""What an application gives as its reason; for everything else the device is faulty."""


def clock_off_s(position: int, period_s: int, now: datetime, *, in_a_row: bool = False) -> int:
    """How many seconds the device is ahead of us, as near as the number of time step `position`, typed by `now`, tells; 0 if
    it may be in step.

    One number says no more than its step, so the middle of it is taken, half a step to either side. The second of two in a row
    was waited for and typed when it appeared: it says more.
    """
    shown_from = position * period_s - (now - EPOCH).total_seconds()
    if -(period_s + TYPING_S) <= shown_from <= 0:
        return 0
    return round(shown_from + (min(_PROMPT_S, period_s // 2) if in_a_row else period_s / 2))


def phone_off_s(told_ms: str, now: datetime) -> int | None:
    """How many seconds the browser's clock is ahead, by what it says it is (milliseconds since 1970); None without a word that
    can be one."""
    if not told_ms.isascii() or not told_ms.isdigit() or len(told_ms) > _LONGEST_WORD:
        return None
    off_s = round(int(told_ms) / 1000 - (now - EPOCH).total_seconds())
    return off_s if abs(off_s) <= PHONE_FARTHEST_S else None


def reason_for(complaint: Complaint) -> Reason:
    """Which reason an application gives that came of this complaint."""
    return REASONS.get(complaint, Reason.FAULTY)
