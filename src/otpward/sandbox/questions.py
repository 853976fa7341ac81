"""Tokens that answer questions: type one, press, read the answer. The PIN, where there is one, is typed as its owner would."""

from datetime import UTC, timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from otpward.core.errors import Invalid
from otpward.core.oath.model import TokenKind
from otpward.core.oath.ocra import DataInput, Place, hash_pin, ocra
from otpward.core.oath.ocra_suite import parse_suite
from otpward.core.oath.totp import time_step
from otpward.core.secret import Secret
from otpward.sandbox import asked
from otpward.sandbox.devices import SHOWN_S, as_json
from otpward.sandbox.drawer import device
from otpward.sandbox.pages import back_to
from otpward.sandbox.world import Display, World


def answer(world: World, serial: str, question: str, *, session: str = "", mine: str = "") -> Display:
    """The answer to `question`, on the display. `mine` is what the token asked the server before, in mutual mode. A counter in
    the suite moves at every answer, heard or not (RFC 6287 §6.3).

    Raises:
        Invalid: the token answers no questions, or this is none of its suite.
        NotFound: no such serial was sold.
    """
    held = device(world.folder, serial)
    if held.kind is not TokenKind.OCRA:
        raise Invalid("this token answers no questions", field="question")
    suite = parse_suite(held.suite)
    if len(question) > suite.length:
        raise Invalid(f"a question has at most {suite.length} characters", field="question")
    with world.changing() as memory:
        now = world.now()
        inside = now.astimezone(UTC) + timedelta(seconds=memory.clocks_off_s.get(serial, 0))
        counter = memory.counters.get(serial, held.counter)
        place = Place(
            counter=counter if suite.counter else None, step=time_step(inside, suite.step_s) if suite.step_s else None
        )
        pin_hash = hash_pin(suite, held.pin) if suite.pin_hash is not None else Secret(b"")
        code = ocra(held.seed, suite, DataInput(question=question + mine, pin_hash=pin_hash, session=session), place)
        if suite.counter:
            memory.counters[serial] = counter + 1
        world.displays[serial] = Display(code=code, until=now + timedelta(seconds=SHOWN_S))
    return world.displays[serial]


async def ask(request: Request) -> Response:
    """The form on the token's page."""
    serial, form = request.path_params["serial"], await asked.form(request)
    question = "".join(form.get("question", "").split())
    answer(request.app.state.world, serial, question, session=form.get("session", "").strip())
    return back_to(f"/devices/{serial}")


async def ask_from_json(request: Request) -> Response:
    """`POST /api/devices/{serial}/answer` {"question", "session"?, "client_challenge"?}."""
    world: World = request.app.state.world
    serial, given = request.path_params["serial"], await asked.document(request)
    texts = {name: str(given.get(name, "")) for name in ("question", "session", "client_challenge")}
    answer(world, serial, texts["question"], session=texts["session"], mine=texts["client_challenge"])
    return JSONResponse(as_json(world, device(world.folder, serial)))


ROUTES: Final = [
    Route("/devices/{serial}/answer", ask, methods=["POST"]),
    Route("/api/devices/{serial}/answer", ask_from_json, methods=["POST"]),
]
