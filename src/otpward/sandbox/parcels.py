"""The post office: a parcel is handed in, travels, and is delivered or comes back."""

from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from otpward.core.errors import Conflict, Invalid
from otpward.sandbox import asked
from otpward.sandbox.letters import MOVES, hand_in, move
from otpward.sandbox.pages import back_to, page
from otpward.sandbox.world import Parcel, PostMood, World

DELAYS: Final = ("0", "60", "3600")
"""How late the post tells what happened, in seconds."""


def as_json(parcel: Parcel) -> dict[str, object]:
    """A parcel for programs."""
    legs = [{"state": leg.state, "place": leg.place, "at": leg.at.isoformat()} for leg in parcel.legs]
    return {"number": parcel.number, "state": parcel.state, "events": legs}


async def show(request: Request) -> Response:
    """All parcels, the newest first, each with the steps it can take."""
    world: World = request.app.state.world
    return page(
        request,
        "parcels.html",
        parcels=list(reversed(world.memory.parcels.values())),
        moves=MOVES,
        mood=world.memory.post,
        problem="",
        typed="",
    )


def _facts(world: World, problem: str = "", typed: str = "") -> dict[str, object]:
    parcels = list(reversed(world.memory.parcels.values()))
    return {"parcels": parcels, "moves": MOVES, "mood": world.memory.post, "problem": problem, "typed": typed}


async def take(request: Request) -> Response:
    """The counter: a wrong or used number is said beside the field."""
    world: World = request.app.state.world
    number = (await asked.form(request)).get("number", "")
    try:
        hand_in(world, number)
    except (Invalid, Conflict) as refusal:
        return page(request, "parcels.html", status=422, **_facts(world, f"parcels.{refusal.code}", number))
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


def set_mood(world: World, mood: PostMood) -> PostMood:
    """The post office goes down, comes back, or is slow to tell."""
    with world.changing() as memory:
        memory.post = mood
    return mood


async def feel(request: Request) -> Response:
    """The buttons of the post office itself."""
    given = await asked.form(request)
    delay = given.get("delay_s", "")
    set_mood(request.app.state.world, PostMood(down=given.get("down") == "yes", delay_s=int(delay) if delay in DELAYS else 0))
    return back_to("/parcels")


async def feel_from_json(request: Request) -> Response:
    """`POST /api/post` {"down"?, "delay_s"?}."""
    given = await asked.document(request)
    delay = given.get("delay_s", 0)
    mood = PostMood(down=given.get("down") is True, delay_s=delay if isinstance(delay, int) and 0 <= delay <= 86_400 else 0)
    set_mood(request.app.state.world, mood)
    return JSONResponse({"down": mood.down, "delay_s": mood.delay_s})


ROUTES: Final = [
    Route("/parcels/post", feel, methods=["POST"]),
    Route("/api/post", feel_from_json, methods=["POST"]),
    Route("/parcels", show),
    Route("/parcels", take, methods=["POST"]),
    Route("/parcels/{number}/move", step, methods=["POST"]),
    Route("/api/parcels", list_as_json),
    Route("/api/parcels", take_from_json, methods=["POST"]),
    Route("/api/parcels/{number}/move", move_from_json, methods=["POST"]),
]
