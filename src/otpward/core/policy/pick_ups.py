"""What waits at a counter: who may stand there for it, and when they are reminded."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

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
