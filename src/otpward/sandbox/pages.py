"""Pages of the sandbox: two languages, one banner, and refusals in plain words."""

from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from otpward.core.errors import Conflict, Denied, Invalid, NotFound, OtpwardError
from otpward.sandbox import airwaves, gateway, post, sens, solapi, talk
from otpward.sandbox.words import WORDS
from otpward.sandbox.world import World

SEOUL: Final = ZoneInfo("Asia/Seoul")
WEEKDAYS: Final = "월화수목금토일"
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LANGUAGES: Final = ("ko", "en")
STATUS: Final = ((Invalid, 422), (Denied, 403), (NotFound, 404), (Conflict, 409))


class Pages:
    """The templates, and what they may call."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["phone"] = domestic
        self._templates.filters["grouped"] = grouped

    def page(self, request: Request, template: str, *, status: int = 200, **facts: Any) -> HTMLResponse:
        """Render one page in the reader's language; a language asked for in the address is remembered."""
        lang = language(request)

        def say(key: str, **values: Any) -> str:
            return WORDS[key][LANGUAGES.index(lang)].format(**values)

        def when(at: datetime) -> str:
            return time_words(at, lang)

        other = "en" if lang == "ko" else "ko"
        body = self._templates.get_template(template).render(
            t=say, when=when, lang=lang, other=other, other_address=str(request.url.include_query_params(lang=other)), **facts
        )
        answer = HTMLResponse(body, status_code=status, headers={"Content-Language": lang})
        if request.query_params.get("lang") == lang:
            answer.set_cookie("sandbox_lang", lang, max_age=31_536_000, httponly=True, samesite="lax")
        return answer


def page(request: Request, template: str, *, status: int = 200, **facts: Any) -> HTMLResponse:
    """Render with the pages of the running application."""
    pages: Pages = request.app.state.pages
    return pages.page(request, template, status=status, **facts)


def back_to(address: str) -> RedirectResponse:
    """After a form: look at the result, so that reloading repeats nothing."""
    return RedirectResponse(address, 303)


def language(request: Request) -> str:
    """The address decides, then what was chosen before, then the browser, then Korean."""
    wishes = (
        request.query_params.get("lang", ""),
        request.cookies.get("sandbox_lang", ""),
        request.headers.get("accept-language", "")[:2].lower(),
    )
    return next((wish for wish in wishes if wish in LANGUAGES), "ko")


def time_words(at: datetime, lang: str) -> str:
    """Korean time to the second, in fixed patterns."""
    here = at.astimezone(SEOUL)
    if lang == "ko":
        return f"{here.month}월 {here.day}일 ({WEEKDAYS[here.weekday()]}) {here:%H:%M:%S}"
    return f"{here.day} {MONTHS[here.month - 1]}, {here:%H:%M:%S}"


def domestic(number: str) -> str:
    """+821012345678 as people write it: 010-1234-5678; others stay as they are."""
    rest = number.removeprefix("+82")
    if rest == number or len(rest) not in (9, 10):
        return number
    return f"0{rest[:2]}-{rest[2:-4]}-{rest[-4:]}"


def grouped(code: str) -> str:
    """A code in two halves, as devices show it."""
    middle = (len(code) + 1) // 2
    return f"{code[:middle]} {code[middle:]}"


async def home(request: Request) -> Response:
    """What this is, and the ways in."""
    world: World = request.app.state.world
    names: dict[str, Any] = {"airwaves": airwaves, "gateway": gateway, "sens": sens, "solapi": solapi}
    names |= {"talk": talk, "post": post}
    return page(request, "home.html", memory=world.memory, world=world, **names)


async def refused(request: Request, fault: Exception) -> Response:
    """Answer a refusal: JSON to programs, a page to people."""
    status = fault.status_code if isinstance(fault, HTTPException) else _status(fault)
    reason = fault.detail if isinstance(fault, HTTPException) else str(fault)
    field = fault.field if isinstance(fault, OtpwardError) else None
    if request.url.path.startswith("/api/"):
        return JSONResponse({"error": reason, "field": field}, status)
    return page(request, "refused.html", status=status, status_code=status, reason=reason)


def _status(fault: Exception) -> int:
    return next((status for kind, status in STATUS if isinstance(fault, kind)), 500)
