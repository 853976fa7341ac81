"""The templates of AlimTalk that are approved here, and one more handed in."""

import re
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from otpward.core.errors import Invalid
from otpward.sandbox import asked
from otpward.sandbox.pages import back_to, page
from otpward.sandbox.talk import APPROVED, LETTERS
from otpward.sandbox.world import World

_CODE: Final = re.compile(r"[A-Za-z0-9_-]{1,20}")


async def show_templates(request: Request) -> Response:
    """What is approved, and a form to have another one approved."""
    world: World = request.app.state.world
    return page(request, "talk.html", templates={**APPROVED, **world.memory.templates})


async def take_template(request: Request) -> Response:
    """Hand a template in; it is approved at once, which takes two days elsewhere."""
    form = await asked.form(request)
    code, text = form.get("code", "").strip(), form.get("text", "").replace("\r\n", "\n").strip()
    if not _CODE.fullmatch(code) or not 1 <= len(text) <= LETTERS:
        raise Invalid("a template has a code of 1 to 20 letters and digits, and 1 to 1000 letters", field="code")
    world: World = request.app.state.world
    with world.changing() as memory:
        memory.templates[code] = text
    return back_to("/talk")


ROUTES: Final = [Route("/talk", show_templates), Route("/talk", take_template, methods=["POST"])]
