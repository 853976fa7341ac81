"""What waits at a counter: who may stand there for it, and when they are reminded."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

SITTING: Final = timedelta(minutes=30)
"""So long after a hand-over a dead device is exchanged without comparing papers again."""
REMIND_BEFORE: Final = timedelta(days=3)
"""So long before the last day a member is reminded; where it waits for less than twice that, at half of the time."""


class Who(StrEnum):
    """Who stands at the counter."""

    MEMBER = "member"
    ACTING = "acting"
    """Whoever acts for them."""


def reminder_at(ready_at: datetime, until: datetime) -> datetime:
    """When the member is reminded of what waits for them."""
    return until - min(REMIND_BEFORE, (until - ready_at) / 2)


def is_one_sitting(handed_over_at: datetime, now: datetime) -> bool:
    """Whether whoever it was handed to can be taken to stand there still."""
    return now < handed_over_at + SITTING
