"""What a carrier says about a parcel, and what each such word does to its shipment.

Carriers send events late, twice, out of order and against one another. This table decides; the words themselves are kept
whatever it says, so that the history of a parcel is whole.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from otpward.core.lifecycle.others import SHIPMENT, ShipmentEvent, ShipmentState


class ParcelState(StrEnum):
    """What the carrier says of a parcel, in our words; that one is missing, staff or a deadline say."""

    ACCEPTED = "accepted"
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"
    RETURNED = "returned"
    MISSING = "missing"


class Reading(StrEnum):
    """What a word does: it moves the shipment, it is only noted, or a person must look."""

    NOTE = "note"
    DELIVER = "deliver"
    RETURN = "return"
    LOSE = "lose"
    LOOK = "look"


READINGS: Final[Mapping[ShipmentState, Mapping[ParcelState, Reading]]] = {
    ShipmentState.PLANNED: {
        ParcelState.ACCEPTED: Reading.LOOK,
        ParcelState.IN_TRANSIT: Reading.LOOK,
        ParcelState.DELIVERED: Reading.LOOK,
        ParcelState.RETURNED: Reading.LOOK,
        ParcelState.MISSING: Reading.NOTE,
    },
    ShipmentState.PACKED: {
        ParcelState.ACCEPTED: Reading.NOTE,
        ParcelState.IN_TRANSIT: Reading.NOTE,
        ParcelState.DELIVERED: Reading.LOOK,
        ParcelState.RETURNED: Reading.LOOK,
        ParcelState.MISSING: Reading.NOTE,
    },
    ShipmentState.DISPATCHED: {
        ParcelState.ACCEPTED: Reading.NOTE,
        ParcelState.IN_TRANSIT: Reading.NOTE,
        ParcelState.DELIVERED: Reading.DELIVER,
        ParcelState.RETURNED: Reading.RETURN,
        ParcelState.MISSING: Reading.LOSE,
    },
    ShipmentState.DELIVERED: {
        ParcelState.ACCEPTED: Reading.NOTE,
        ParcelState.IN_TRANSIT: Reading.NOTE,
        ParcelState.DELIVERED: Reading.NOTE,
        ParcelState.RETURNED: Reading.LOOK,
        ParcelState.MISSING: Reading.LOOK,
    },
    ShipmentState.RETURNED: {
        ParcelState.ACCEPTED: Reading.NOTE,
        ParcelState.IN_TRANSIT: Reading.NOTE,
        ParcelState.DELIVERED: Reading.NOTE,
        ParcelState.RETURNED: Reading.NOTE,
        ParcelState.MISSING: Reading.LOOK,
    },
    ShipmentState.MISSING: {
        ParcelState.ACCEPTED: Reading.LOOK,
        ParcelState.IN_TRANSIT: Reading.LOOK,
        ParcelState.DELIVERED: Reading.LOOK,
        ParcelState.RETURNED: Reading.LOOK,
        ParcelState.MISSING: Reading.NOTE,
    },
}
"""Whole: every state with every word. A parcel that came back is delivered once more, to us: that is only noted. After
"delivered" a carrier alone takes nothing back, since the device may be in use; a person who holds it in hand does."""

MOVES: Final[Mapping[Reading, ShipmentEvent]] = {
    Reading.DELIVER: ShipmentEvent.DELIVER,
    Reading.RETURN: ShipmentEvent.RETURN,
    Reading.LOSE: ShipmentEvent.LOSE,
}

RANK: Final[Mapping[ParcelState, int]] = {state: place for place, state in enumerate(ParcelState)}
"""Which of two events of one minute is the later: some carriers' clocks have no seconds."""


def read_event(state: ShipmentState, said: ParcelState) -> Reading:
    """What this word does to a shipment in this state."""
    return READINGS[state][said]


def ended(state: ShipmentState) -> bool:
    """Whether the parcel's way is over."""
    return not SHIPMENT[state]
