"""The post: where is a parcel now?"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class ParcelState(StrEnum):
    """What the carrier says of a parcel, in our words; that one is missing, staff say by hand."""

    ACCEPTED = "accepted"
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"
    RETURNED = "returned"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracking:
    """The newest event of a parcel. `at` is aware UTC; `place` is the carrier's own word."""

    tracking_number: str
    state: ParcelState
    at: datetime
    place: str


class Carrier(Protocol):
    """Follows one parcel by its number.

    Raises:
        NotFound: the carrier does not know the number (yet).
        Unavailable: the carrier did not answer.
    """

    def track(self, tracking_number: str) -> Tracking: ...
