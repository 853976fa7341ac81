"""What the post office does with letters: a number is ordered, a parcel is handed in, travels, and is delivered, comes back or
is lost; and how much of it the post tells."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import msgspec

from otpward.core.errors import Conflict, Invalid, NotFound
from otpward.core.formats.tracking import check_tracking_number
from otpward.sandbox.world import Leg, Parcel, World

MOVES: Final[Mapping[str, tuple[str, ...]]] = {
    "ordered": ("accepted",),
    "accepted": ("in_transit", "lost"),
    "in_transit": ("delivered", "returned", "lost"),
    "delivered": ("returned",),
    "returned": (),
    "lost": (),
}
"""A parcel that was delivered can still come back: carriers contradict themselves."""

SILENT: Final = frozenset({"ordered", "lost"})
"""What is only on paper, and what nobody saw: the post tells neither."""

PLACES: Final[Mapping[str, str]] = {
    "accepted": "광화문우체국",
    "in_transit": "동서울우편집중국",
    "delivered": "성남분당우체국",
    "returned": "성남분당우체국",
    "ordered": "",
    "lost": "",
}

FIRST_NUMBER: Final = 6_890_100_000_000
"""Labels count up from here, so that they look like registered mail and never repeat in one world."""


def hand_in(world: World, number: str = "") -> Parcel:
    """Take a parcel over the counter, under a label that is on it already or under a new one.

    Raises:
        Invalid: no number of that form exists.
        Conflict: a parcel with this number was handed in before.
    """
    with world.changing() as memory:
        number = check_tracking_number(number) if number.strip() else str(FIRST_NUMBER + memory.next_id() * 137)
        known = memory.parcels.get(number)
        if known is not None and known.state != "ordered":
            raise Conflict("a parcel with this number was handed in before", field="number")
        before = known or Parcel(number=number, legs=())
        leg = Leg(state="accepted", place=PLACES["accepted"], at=world.now())
        memory.parcels[number] = parcel = msgspec.structs.replace(before, legs=(*before.legs, leg))
    return parcel


def order(world: World, reference: str) -> Parcel:
    """A number for a letter that will be handed in; for the same reference, the same."""
    with world.changing() as memory:
        known = next((one for one in memory.parcels.values() if one.reference == reference), None)
        if known is not None:
            return known
        number = str(FIRST_NUMBER + memory.next_id() * 137)
        parcel = Parcel(number=number, legs=(Leg(state="ordered", place="", at=world.now()),), reference=reference)
        memory.parcels[number] = parcel
    return parcel


def told(world: World, parcel: Parcel) -> list[Leg]:
    """What the post says of it by now."""
    until = world.now() - timedelta(seconds=world.memory.post.delay_s)
    return [leg for leg in parcel.legs if leg.state not in SILENT and leg.at <= until]


def move(world: World, number: str, state: str) -> Parcel:
    """Move a parcel one step on.

    Raises:
        NotFound: no such parcel. Invalid: no such state. Conflict: it cannot go there from where it is.
    """
    if state not in MOVES:
        raise Invalid(f"a parcel is {', '.join(MOVES)}", field="state")
    with world.changing() as memory:
        parcel = memory.parcels.get(number)
        if parcel is None:
            raise NotFound("no parcel with this number was handed in")
        if state not in MOVES[parcel.state]:
            raise Conflict(f"a parcel that is {parcel.state} cannot become {state}", field="state")
        parcel = msgspec.structs.replace(parcel, legs=(*parcel.legs, Leg(state=state, place=PLACES[state], at=world.now())))
        memory.parcels[number] = parcel
    return parcel
