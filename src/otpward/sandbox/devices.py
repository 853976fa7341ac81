"""Hardware tokens: look one up, turn it over, press its button, read the number."""

from datetime import UTC, timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from otpward.core.errors import Invalid
from otpward.core.oath.hotp import hotp
from otpward.core.oath.model import TokenKind
from otpward.core.oath.totp import totp
from otpward.sandbox import asked
from otpward.sandbox.barcode import stripes
from otpward.sandbox.drawer import Device, device, devices, holders
from otpward.sandbox.pages import back_to, page
from otpward.sandbox.world import Display, World

SHOWN_S: Final = 30
"""How long a button token keeps its number on the display."""

CLOCKS: Final = (-120, -40, 0, 40, 120)
"""How wrong a token's clock can be set on its page: within and beyond what a server forgives."""

CLOCK_LIMIT_S: Final = 366 * 24 * 3600
ROWS: Final = 50


def press(world: World, serial: str) -> Display:
    """The button: a time token shows the number of its period, a counter token the next one, and never that one again."""
    pressed = device(world.folder, serial)
    if pressed.kind is TokenKind.OCRA:
        raise Invalid("this token shows nothing before it was asked", field="question")
    with world.changing() as memory:
        now = world.now()
        if pressed.kind is TokenKind.TOTP:
            inside = now.astimezone(UTC) + timedelta(seconds=memory.clocks_off_s.get(serial, 0))
            code = totp(pressed.seed, inside, algorithm=pressed.algorithm, digits=pressed.digits, period_s=pressed.period_s)
            left_s = pressed.period_s - int(inside.timestamp()) % pressed.period_s
        else:
            counter = memory.counters.get(serial, pressed.counter)
            code = hotp(pressed.seed, counter, algorithm=pressed.algorithm, digits=pressed.digits)
            memory.counters[serial] = counter + 1
            left_s = SHOWN_S
        world.displays[serial] = Display(code=code, until=now + timedelta(seconds=left_s))
    return world.displays[serial]


def set_clock(world: World, serial: str, off_s: int) -> None:
    """Make a time token's clock wrong by so many seconds (0: right again), and blank its display."""
    if abs(off_s) > CLOCK_LIMIT_S:
        raise Invalid("a clock is wrong by a year at most", field="off_s")
    device(world.folder, serial)
    with world.changing() as memory:
        memory.clocks_off_s[serial] = off_s
        world.displays.pop(serial, None)


def lcd(world: World, serial: str) -> tuple[str, int]:
    """What the display shows now, and for how many more seconds; empty when it has gone dark."""
    shown = world.displays.get(serial)
    left = (shown.until - world.now()).total_seconds() if shown else 0
    return (shown.code, int(left) or 1) if shown and left > 0 else ("", 0)


def as_json(world: World, shown: Device) -> dict[str, object]:
    """A token for programs: what a person can see of it."""
    code, seconds_left = lcd(world, shown.serial)
    return {"serial": shown.serial, "kind": shown.kind.value, "code": code or None, "seconds_left": seconds_left}


async def drawer(request: Request) -> Response:
    """The drawer: tokens someone carries first, found by a piece of serial, model or name."""
    world: World = request.app.state.world
    wanted = request.query_params.get("q", "").strip()
    carried = holders(world.folder)
    rows = [(each, carried.get(each.serial, "")) for each in devices(world.folder).values()]
    found = [row for row in rows if wanted.lower() in f"{row[0].serial} {row[0].model} {row[1]}".lower()]
    found.sort(key=lambda row: not row[1])
    return page(request, "devices.html", rows=found[:ROWS], found=len(found), total=len(rows), wanted=wanted)


async def show(request: Request) -> Response:
    """One token, front and back."""
    world: World = request.app.state.world
    shown = device(world.folder, request.path_params["serial"])
    code, seconds_left = lcd(world, shown.serial)
    bars, width = stripes(shown.serial)
    return page(
        request,
        "device.html",
        device=shown,
        holder=holders(world.folder).get(shown.serial, ""),
        code=code,
        seconds_left=seconds_left,
        lasts_s=SHOWN_S if shown.suite else shown.period_s or SHOWN_S,
        counter=world.memory.counters.get(shown.serial, shown.counter) - shown.counter,
        bars=bars,
        width=width,
        off_s=world.memory.clocks_off_s.get(shown.serial, 0),
        clocks=CLOCKS,
    )


async def push(request: Request) -> Response:
    """The button on the page."""
    serial = request.path_params["serial"]
    press(request.app.state.world, serial)
    return back_to(f"/devices/{serial}")


async def turn_clock(request: Request) -> Response:
    """The form that makes the clock wrong."""
    serial = request.path_params["serial"]
    set_clock(request.app.state.world, serial, _seconds((await asked.form(request)).get("off_s")))
    return back_to(f"/devices/{serial}")


async def list_as_json(request: Request) -> Response:
    """`GET /api/devices`: serials, models and holders."""
    world: World = request.app.state.world
    carried = holders(world.folder)
    return JSONResponse(
        [
            {"serial": each.serial, "model": each.model, "kind": each.kind.value, "holder": carried.get(each.serial)}
            for each in devices(world.folder).values()
        ]
    )


async def look_from_json(request: Request) -> Response:
    """`GET /api/devices/{serial}/press`: what the display shows, without pressing."""
    world: World = request.app.state.world
    return JSONResponse(as_json(world, device(world.folder, request.path_params["serial"])))


async def push_from_json(request: Request) -> Response:
    """`POST /api/devices/{serial}/press`: press and read."""
    world: World = request.app.state.world
    press(world, request.path_params["serial"])
    return await look_from_json(request)


async def turn_clock_from_json(request: Request) -> Response:
    """`POST /api/devices/{serial}/clock` {"off_s"}."""
    world: World = request.app.state.world
    serial, off_s = request.path_params["serial"], _seconds((await asked.document(request)).get("off_s"))
    set_clock(world, serial, off_s)
    return JSONResponse({"serial": serial, "off_s": off_s})


def _seconds(given: object) -> int:
    try:
        return int(str(given))
    except ValueError:
        raise Invalid("off_s is a whole number of seconds", field="off_s") from None


ROUTES: Final = [
    Route("/devices", drawer),
    Route("/devices/{serial}", show),
    Route("/devices/{serial}/press", push, methods=["POST"]),
    Route("/devices/{serial}/clock", turn_clock, methods=["POST"]),
    Route("/api/devices", list_as_json),
    Route("/api/devices/{serial}/press", look_from_json),
    Route("/api/devices/{serial}/press", push_from_json, methods=["POST"]),
    Route("/api/devices/{serial}/clock", turn_clock_from_json, methods=["POST"]),
]
