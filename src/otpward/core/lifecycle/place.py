"""Where a device is: exactly one place at a time, and what moves it from one to the next."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from otpward.core.lifecycle.token import TokenEvent


class Place(StrEnum):
    """Where a device is. Wherever it is, a custodian answers for it (`otpward.core.model.token.Custodian`)."""

    ARRIVED = "arrived"
    """Taken in from its maker's file; on no shelf yet."""
    BRANCH = "branch"
    """On the shelf of a branch, or behind its counter for somebody."""
    TRANSFER = "transfer"
    """On its way from one branch to another."""
    SHIPMENT = "shipment"
    """With the carrier, in its envelope."""
    MEMBER = "member"
    """In the hands of a member."""
    QUARANTINE = "quarantine"
    """At a branch, locked away: to be looked at, or to be destroyed."""
    LOST = "lost"
    """Nobody knows."""
    DESTROYED = "destroyed"
    """Nowhere any more."""


AFTER: Final[Mapping[TokenEvent, Place]] = {
    TokenEvent.DISPATCH: Place.SHIPMENT,
    TokenEvent.DELIVER: Place.MEMBER,
    TokenEvent.HAND_OVER: Place.MEMBER,
    TokenEvent.RETURN_TO_SENDER: Place.QUARANTINE,
    TokenEvent.GO_MISSING: Place.LOST,
    TokenEvent.HAND_BACK: Place.QUARANTINE,
    TokenEvent.QUARANTINE: Place.QUARANTINE,
    TokenEvent.RESTOCK: Place.BRANCH,
    TokenEvent.WRITE_OFF: Place.QUARANTINE,
    TokenEvent.DESTROY: Place.DESTROYED,
}
"""The events of a token's life that move the thing itself. The others leave it where it is."""

ON_HAND: Final = frozenset({Place.ARRIVED, Place.BRANCH, Place.TRANSFER, Place.SHIPMENT, Place.QUARANTINE})
"""The institution, or somebody on its errand, has it."""
