"""When a device may be renewed or replaced although nobody applied (전자금융거래법 시행령 §6①, to 법 §6②).

Used within six months before the planned day: the member is told at least a month before that day, and has not objected within
twenty days of being told. Not used for so long: only with the member's consent, in writing or signed. Days are days in Korea;
months are calendar months, so that a day that a month lacks is its last.
"""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

USED_WITHIN_MONTHS: Final = 6
NOTICE_MONTHS: Final = 1
OBJECT_DAYS: Final = 20


class Renewal(StrEnum):
    """What stands between a device and its renewal."""

    ALLOWED = "allowed"
    TELL_FIRST = "tell_first"
    """Nobody has been told."""
    TOLD_TOO_LATE = "told_too_late"
    """Less than a month before the planned day: plan a later one."""
    MAY_STILL_OBJECT = "may_still_object"
    OBJECTED = "objected"
    CONSENT_NEEDED = "consent_needed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A renewal that nobody applied for: its day, and what is known of the device and its member."""

    on: date
    used_on: date | None
    told_on: date | None = None
    objected_on: date | None = None
    consented: bool = False


def may_renew(plan: Planned, today: date) -> Renewal:
    """Whether it may go ahead, looked at today. Consent is enough in both cases, an objection stops it in both."""
    if plan.objected_on is not None:
        return Renewal.OBJECTED
    if plan.consented:
        return Renewal.ALLOWED
    if plan.used_on is None or plan.used_on < months_before(plan.on, USED_WITHIN_MONTHS):
        return Renewal.CONSENT_NEEDED
    if plan.told_on is None:
        return Renewal.TELL_FIRST
    if plan.told_on > tell_until(plan.on):
        return Renewal.TOLD_TOO_LATE
    return Renewal.ALLOWED if today > objection_until(plan.told_on) else Renewal.MAY_STILL_OBJECT


def tell_until(planned_on: date) -> date:
    """The last day on which the member can be told."""
    return months_before(planned_on, NOTICE_MONTHS)


def objection_until(told_on: date) -> date:
    """The last day on which an objection counts; the day of the notice is not counted (민법 §157)."""
    return told_on + timedelta(days=OBJECT_DAYS)


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or the last of its month."""
    place = day.year * 12 + day.month - 1 - months
    year, month = divmod(place, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
