"""When a member hears from us without having asked, and how long what we send can be answered."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from otpward.core.model.reminder import Occasion, Reminder
from otpward.core.policy.notices import KST
from otpward.core.policy.renewal import OBJECT_DAYS, months_before
from otpward.core.policy.versions import day_of

LINK_LETTERS: Final = 16
"""78 bits: nobody finds a link by trying, and an SMS still holds the sentence beside it."""
LINK_LIFE: Final = timedelta(days=14)
OBJECTION_LIFE: Final = timedelta(days=OBJECT_DAYS + 1)
"""The link by which a member objects lives as long as an objection counts."""
SNOOZE: Final = timedelta(days=7)
LEFT_OUT: Final = frozenset({Occasion.CHECK, Occasion.CAMPAIGN})
"""What a member may turn off. The others tell of an end: without them a device would just stop."""
WRONG_MOST: Final = 4
"""Fewer than lock a device: who finds a link cannot stop the device with it."""
REST_DAYS: Final = 30
"""So long a member who was asked is left in peace by the next campaign, if nobody says otherwise."""
REST_DAYS_MOST: Final = 365
CAMPAIGN_DAYS_MOST: Final = 180
RENEW_DAYS_BEFORE: Final = 14
"""So long before its end the new device sets out: post, registration and a weekend fit in."""
FAIL_DAYS: Final = 60
"""A clock that is forecast to be lost within this time is worth a letter now."""


def stage_of(ends_on: date, stages: Sequence[int], today: date) -> int | None:
    """Which notice before an end is due: of the stages (days before it) the latest that has begun. None before the first of
    them, and from the day itself on: then it is no notice any more."""
    left = (ends_on - today).days
    return min((days for days in stages if left <= days), default=None) if left > 0 else None


def is_open(reminder: Reminder, now: datetime) -> bool:
    """Whether its link still does something."""
    return reminder.outcome is None and reminder.link_digest is not None and now < reminder.until


def day_begins(day: date) -> datetime:
    """Its first moment, here in Korea."""
    return datetime.combine(day, time.min, KST)


def link_life(occasion: Occasion) -> timedelta:
    """How long the link of such a letter can be used."""
    return OBJECTION_LIFE if occasion is Occasion.RENEWAL else LINK_LIFE


def check_is_due(*, used_at: datetime | None, live_at: datetime, check_months: int, now: datetime) -> bool:
    """Whether it is time to look whether a device still works: its numbers have told nobody for so long."""
    return day_of(used_at or live_at) <= months_before(day_of(now), check_months)
