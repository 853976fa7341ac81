"""The post office: a parcel is handed in, travels, and is delivered or comes back."""

from collections.abc import Mapping
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from otpward.core.errors import Conflict, Invalid, NotFound
from otpward.core.formats.tracking import check_tracking_number
from otpward.sandbox import asked
from otpward.sandbox.pages import back_to, page
from otpward.sandbox.world import Leg, Parcel, World

MOVES: Final[Mapping[str, tuple[str, ...]]] = {
    "accepted": ("in_transit",),
    "in_transit": ("delivered", "returned"),
    "delivered": (),
    "returned": (),
}

PLACES: Final[Mapping[str, str]] = {
    "accepted": "광화문우체국",
    "in_transit": "동서울우편집중국",
    "delivered": "성남분당우체국",
    "returned": "성남분당우체국",
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
        if number in memory.parcels:
            raise Conflict("a parcel with this number was handed in before", field="number")
        parcel = Parcel(number=number, legs=(Leg(state="accepted", place=PLACES["accepted"], at=world.now()),))
        memory.parcels[number] = parcel
    return parcel


def move(world: World, number: str, state: str) -> Parcel:
    """Move a parcel one step on.

    Raises:
        NotFound: no such parcel. Invalid: no such state. Conflict: it cannot go there from where it is.
    """
    if state not in MOVES:
        raise Invalid("a parcel is accepted, in_transit, delivered or returned", field="state")
    with world.changing() as memory:
        parcel = memory.parcels.get(number)
        if parcel is None:
            raise NotFound("no parcel with this number was handed in")
        if state not in MOVES[parcel.state]:
            raise Conflict(f"a parcel that is {parcel.state} cannot become {state}", field="state")
        parcel = msgspec.structs.replace(parcel, legs=(*parcel.legs, Leg(state=state, place=PLACES[state], at=world.now())))
        memory.parcels[number] = parcel
    return parcel


def as_json(parcel: Parcel) -> dict[str, object]:
    """A parcel for programs."""
    legs = [{"state": leg.state, "place": leg.place, "at": leg.at.isoformat()} for leg in parcel.legs]
    return {"number": parcel.number, "state": parcel.state, "events": legs}


async def show(request: Request) -> Response:
    """All parcels, the newest first, each with the steps it can take."""
    world: World = request.app.state.world
    return page(
        request, "parcels.html", parcels=list(reversed(world.memory.parcels.values())), moves=MOVES, problem="", typed=""
    )


async def take(request: Request) -> Response:
    """The counter: a wrong or used number is said beside the field."""
    world: World = request.app.state.world
    number = (await asked.form(request)).get("number", "")
    try:
        hand_in(world, number)
    except (Invalid, Conflict) as refusal:
        parcels = list(reversed(world.memory.parcels.values()))
        facts = {"parcels": parcels, "moves": MOVES, "problem": f"parcels.{refusal.code}", "typed": number}
        return page(request, "parcels.html", status=422, **facts)
    return back_to("/parcels")


async def step(request: Request) -> Response:
    """A button of one parcel."""
    move(request.app.state.world, request.path_params["number"], (await asked.form(request)).get("state", ""))
    return back_to("/parcels")


async def list_as_json(request: Request) -> Response:
    """`GET /api/parcels`."""
    world: World = request.app.state.world
    return JSONResponse([as_json(parcel) for parcel in reversed(world.memory.parcels.values())])


async def take_from_json(request: Request) -> Response:
    """`POST /api/parcels` {"number"?}."""
    return JSONResponse(as_json(hand_in(request.app.state.world, str((await asked.document(request)).get("number", "")))), 201)


async def move_from_json(request: Request) -> Response:
    """`POST /api/parcels/{number}/move` {"state"}."""
    state = str((await asked.document(request)).get("state", ""))
    return JSONResponse(as_json(move(request.app.state.world, request.path_params["number"], state)))


ROUTES: Final = [
    Route("/parcels", show),
    Route("/parcels", take, methods=["POST"]),
    Route("/parcels/{number}/move", step, methods=["POST"]),
    Route("/api/parcels", list_as_json),
    Route("/api/parcels", take_from_json, methods=["POST"]),
    Route("/api/parcels/{number}/move", move_from_json, methods=["POST"]),
]
