"""How often a carrier is asked about a parcel, and when a parcel counts as missing."""

from datetime import datetime, timedelta
from typing import Final

from otpward.core.model.delivery import Shipment

PACE: Final = timedelta(minutes=10)
"""How soon a parcel is asked about again at first. Every other wait is a multiple of it."""
_MOST: Final = 36
"""Six hours of ten-minute paces: a letter moves a few times a day, and after the carrier was down none waits longer."""
_QUIET: Final = ((timedelta(hours=2), 1), (timedelta(days=2), 3), (timedelta(days=7), 12))
"""The longer nothing was heard, the less often it is worth asking."""


def next_question(parcel: Shipment, *, pace: timedelta, now: datetime) -> datetime:
    """When a parcel that the carrier knows is asked about again."""
    quiet = now - (parcel.heard_at or parcel.dispatched_at or now)
    times = next((times for longest, times in _QUIET if quiet < longest), _MOST)
    return now + pace * times


def after_a_miss(misses: int, *, pace: timedelta, now: datetime) -> datetime:
    """When it is asked about again after so many questions in a row without an answer: one pace, two, four … six hours."""
    times: int = min(2 ** min(misses - 1, 10), _MOST)
    return now + pace * times


def is_missing(parcel: Shipment, *, after_days: int, now: datetime) -> bool:
    """Whether nothing was heard of it for so long that it counts as missing. The carrier must be answering: what it says
    while it is down is nothing."""
    since = parcel.heard_at or parcel.dispatched_at
    return parcel.silent_since is None and since is not None and now - since >= timedelta(days=after_days)
