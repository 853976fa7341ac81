"""The post: it takes parcels, and says where they are."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from otpward.core.lifecycle.parcel import ParcelState
from otpward.core.model.shipping import MailClass
from otpward.core.secret import Personal

__all__ = ["Carrier", "Moment", "Order", "OrderTaker", "ParcelState", "Tracking"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One thing that happened to a parcel. `at` is aware UTC; `place` is the carrier's own word."""

    state: ParcelState
    at: datetime
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracking:
    """Where a parcel is: its newest event, and all of them, the first first, where the carrier tells its history."""

    tracking_number: str
    state: ParcelState
    at: datetime
    place: str
    history: tuple[Moment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A letter that the carrier shall take. `reference` is ours, the same however often it is asked."""

    reference: str
    name: Personal
    phone: Personal
    address: Personal
    mail_class: MailClass


class Carrier(Protocol):
    """Follows one parcel by its number.

    Raises:
        NotFound: the carrier does not know the number (yet).
        Unavailable: the carrier did not answer.
    """

    def track(self, tracking_number: str) -> Tracking: ...


@runtime_checkable
class OrderTaker(Protocol):
    """Gives a number to a letter that will be handed in; for the same reference, the same number.

    Raises:
        Invalid: the carrier does not take it so (an address, say).
        Unavailable: the carrier did not answer.
    """

    def take_order(self, order: Order) -> str: ...
