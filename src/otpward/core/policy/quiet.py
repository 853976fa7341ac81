"""When people are left alone: what only reminds waits for the morning; what warns goes at any hour.

An institution says in its policy from when until when; by default from 21:00 to 08:00 in Korea, when nothing may be sent that
the law could take for advertising (정보통신망법 §50③).
"""

from datetime import datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from otpward.core.policy.notices import KST

QUIET_FROM: Final = time(21)
QUIET_UNTIL: Final = time(8)


class Way(StrEnum):
    """How a reminder can reach a member; what warns goes every way there is."""

    TALK = "talk"
    TEXT = "text"
    EMAIL = "email"


def after_quiet(
    now: datetime, *, zone: tzinfo = KST, quiet_from: time = QUIET_FROM, quiet_until: time = QUIET_UNTIL
) -> datetime | None:
    """When the night that it is now is over; None by day. Equal ends mean no night."""
    here = now.astimezone(zone)
    clock = here.timetz().replace(tzinfo=None)
    if quiet_from == quiet_until:
        return None
    over_midnight = quiet_from > quiet_until
    night = clock >= quiet_from or clock < quiet_until if over_midnight else quiet_from <= clock < quiet_until
    if not night:
        return None
    day = here.date() + timedelta(days=1 if over_midnight and clock >= quiet_from else 0)
    return datetime.combine(day, quiet_until, tzinfo=zone)
