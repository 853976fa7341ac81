"""What every page handler is given: who visits, in which language, before which institution; and one way to answer.

Handlers are plain functions of a `Visit`, run on a thread, since services are synchronous. Around them, here and only here: the
form is read and bounded, the CSRF value checked, cookies set, refusals turned into pages.
"""

import asyncio
import base64
import hmac
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from otpward.core.audit import Actor, ActorKind
from otpward.core.errors import Denied, OtpwardError
from otpward.core.model.institution import Institution
from otpward.core.model.member import Area, Level, Operator
from otpward.core.policy.called import STANDARD, Called
from otpward.core.secret import Secret
from otpward.edges.http.cookies import Cookies
from otpward.edges.http.pages import Area as Look
from otpward.edges.http.pages import Chrome, NavEntry, Pages
from otpward.edges.http.photo_room import PHOTOS, PhotoRoom
from otpward.edges.http.post_door import PostDoor
from otpward.edges.http.prints import Prints
from otpward.edges.http.seed_room import SeedRoom
from otpward.edges.http.uploads import Uploads
from otpward.edges.http.words import Words, pick_language
from otpward.ports.desk import Desk, House
from otpward.ports.phone_risk import SimGuard
from otpward.ports.provider import Providers
from otpward.ports.sign_on import SignOnDoor
from otpward.ports.unit_of_work import UnitOfWork
from otpward.ports.vault import Print
from otpward.services.sign_in.sessions import Seat, digest_of, find_seat

T = TypeVar("T")

FORM_OCTETS: Final = 64 * 1024
_FIELDS: Final = 100


class FormTooBig(Denied):
    """A form is a few hundred octets; this is not one."""

    code = "form_too_big"


class ForgedForm(Denied):
    """The form did not come from a page of ours in this browser, or the browser keeps no cookies."""

    code = "forged_form"


class SignInFirst(Denied):
    """The page needs a session; `where` is the page that opens one."""

    code = "sign_in_first"

    def __init__(self, where: str) -> None:
        super().__init__("sign in first")
        self.where = where


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """What is the same for every visit."""

    house: House
    pages: Pages
    institution: Callable[[], Institution]
    cookies: Cookies
    called: Callable[[], Called] = lambda: STANDARD
    sandbox: str | None = None
    providers: Providers = field(default_factory=dict)
    staff_sign_on: SignOnDoor | None = None
    sim: SimGuard | None = None
    uploads: Uploads | None = None
    photos: PhotoRoom | None = None
    seeds: SeedRoom | None = None
    prints: Prints | None = None
    post: PostDoor = field(default_factory=PostDoor)
    public_url: str = "http://127.0.0.1"
    report_secrets: Mapping[str, Secret] = field(default_factory=dict)
    nav: Callable[["Visit"], Sequence[NavEntry]] = lambda _visit: ()
    place: Callable[["Visit"], str | None] = lambda _visit: None


@dataclass(slots=True)
class Visit:
    """One request for a page, or one form sent."""

    front: Front
    request: Request
    area: Area
    form: Mapping[str, str]
    browser_secret: str
    fresh: bool
    institution: Institution
    lang: str
    seat: Seat | None = None
    set_session: str | None = field(default=None)
    """A handler puts a new session's secret here ("" ends it); the cookie is set with the answer."""

    @property
    def words(self) -> Words:
        """The words of the visitor's language."""
        return self.front.pages.words(self.lang, self.front.called())

    @property
    def browser(self) -> bytes:
        """The digest of this browser's own cookie: what reports and proofs are bound to."""
        return digest_of(self.browser_secret)

    @property
    def source(self) -> str:
        """The address the request came from."""
        return self.request.client.host if self.request.client else "unknown"

    @property
    def csrf(self) -> str:
        """The value that every form of this browser carries (SP 800-63B §5.1)."""
        return self.front.house.vault.fingerprint(Print.CSRF, self.area, self.browser_secret).hex()[:40]

    @property
    def query(self) -> Mapping[str, str]:
        """The parameters behind the question mark."""
        return self.request.query_params

    def path(self, name: str) -> str:
        """A part of the address, such as the number in `/cases/{no}`."""
        return str(self.request.path_params[name])

    def do(self, act: Callable[[Desk], T]) -> T:
        """Do an act of a service inside this institution."""
        return self.front.house.do(self.institution.id, act)

    def look(self, view: Callable[[UnitOfWork], T]) -> T:
        """Look something up inside this institution."""
        return self.front.house.look(self.institution.id, view)

    def need(self, *levels: Level) -> Seat:
        """Who sits here, if the session is of one of these levels; otherwise the visitor is sent to sign in."""
        if self.seat is None or self.seat.session.level not in levels:
            where = "/console/sign-in" if self.area is Area.CONSOLE else "/sign-in"
            raise SignInFirst(where)
        return self.seat

    def operator(self) -> Operator:
        """The member of staff who sits here; otherwise the visitor is sent to sign in."""
        seat = self.need(Level.FULL)
        if seat.operator is None:
            raise SignInFirst("/console/sign-in")
        return Operator(
            member_id=seat.operator.member_id,
            role=seat.operator.role,
            branch_id=seat.operator.branch_id,
            source=self.source,
            keys=seat.operator.keys,
        )

    def actor(self) -> Actor:
        """How the audit names the visitor."""
        if self.seat is None:
            return Actor(kind=ActorKind.STRANGER, source=self.source)
        kind = ActorKind.STAFF if self.area is Area.CONSOLE else ActorKind.MEMBER
        return Actor(kind=kind, id=self.seat.member.id, source=self.source)

    def chrome(self) -> Chrome:
        """What surrounds the page."""
        seat = self.seat if self.seat is not None and self.seat.session.level is not Level.PASSWORD else None
        url = self.request.url
        return Chrome(
            lang=self.lang,
            institution=self.institution.name(self.lang),
            phone=self.institution.phone,
            phone_abroad=self.institution.phone_abroad or None,
            csrf=self.csrf,
            area=Look(self.area.value),
            path=f"{url.path}?{url.query}" if url.query and self.request.method == "GET" else url.path,
            person=seat.member.name.reveal() if seat else None,
            place=self.front.place(self) if self.area is Area.CONSOLE and seat else None,
            nav=self.front.nav(self) if self.area is Area.CONSOLE and seat else (),
            sandbox=self.front.sandbox,
            called=self.front.called(),
            photo=PHOTOS[self.area] if self.front.photos is not None else None,
        )

    def page(
        self,
        template: str,
        *,
        errors: Mapping[str, str] | None = None,
        values: Mapping[str, object] | None = None,
        status: int | None = None,
        **context: Any,
    ) -> Response:
        """Answer with a page; with errors it has status 422 and shows them."""
        shown = values if values is not None else self.form
        return self.front.pages.render(
            template, chrome=self.chrome(), errors=errors, values=shown, status=status, visit=self, **context
        )

    def go(self, where: str) -> Response:
        """Answer with a redirect, after a form was taken."""
        return RedirectResponse(where, status_code=303)


Handler = Callable[[Visit], Response]
Explain = Callable[[Visit, OtpwardError], Response]


def page_route(
    front: Front,
    path: str,
    *,
    area: Area = Area.PORTAL,
    get: Handler | None = None,
    post: Handler | None = None,
    explain: Explain,
    floor_s: float = 0.0,
    files: int = 0,
    read: Callable[[Request], Awaitable[Mapping[str, str]]] | None = None,
) -> Route:
    """A route for these handlers. `floor_s`: a form is never answered faster, so that the time taken tells a stranger
    nothing. `files`: so many may come with the form, as short as it; each stands in it in base64. `read` reads
    the form instead, where it carries a large file."""

    async def endpoint(request: Request) -> Response:
        began = time.monotonic()
        try:
            form = await (read(request) if read else read_form(request, files=files)) if request.method == "POST" else {}
        except OtpwardError as error:
            return await run_in_threadpool(explain, make_visit(front, request, area), error)
        handler = post if request.method == "POST" else get
        assert handler is not None, "Starlette refuses other methods"
        response = await run_in_threadpool(_answer, front, request, area, form, handler, explain)
        if request.method == "POST" and floor_s:
            await asyncio.sleep(max(0.0, floor_s - (time.monotonic() - began)))
        return response

    methods = [method for method, handler in (("GET", get), ("POST", post)) if handler is not None]
    return Route(path, endpoint, methods=methods)


async def read_form(request: Request, *, files: int = 0) -> Mapping[str, str]:
    """The fields of a form; a field sent twice is refused with the rest of what no page of ours would send."""
    declared = request.headers.get("content-length", "")
    if not declared.isdigit() or int(declared) > FORM_OCTETS:
        raise FormTooBig("a form must say its length, and be short")
    fields: dict[str, str] = {}
    async with request.form(max_files=files, max_fields=_FIELDS, max_part_size=FORM_OCTETS) as sent:
        for key, value in sent.multi_items():
            text = value if isinstance(value, str) else base64.b64encode(await value.read()).decode()
            fields[key] = f"{fields[key]},{text}" if key in fields else text
    return fields


def make_visit(front: Front, request: Request, area: Area, form: Mapping[str, str] | None = None) -> Visit:
    """The visit behind a request; a browser without a number of its own gets one."""
    browser, fresh = front.cookies.browser(request, front.house.entropy)
    lang = pick_language(
        query=request.query_params.get("lang"),
        cookie=request.cookies.get("lang"),
        accept_language=request.headers.get("accept-language"),
    )
    return Visit(front, request, area, form or {}, browser, fresh, front.institution(), lang)


def _answer(
    front: Front, request: Request, area: Area, form: Mapping[str, str], handler: Handler, explain: Explain
) -> Response:
    visit = make_visit(front, request, area, form)
    try:
        if request.method == "POST":
            _refuse_forged(visit)
        secret = front.cookies.session(request, area)
        if secret:
            visit.seat = find_seat(visit.institution.id, secret, area, house=front.house)
        response = handler(visit)
    except SignInFirst as error:
        response = visit.go(error.where)
    except OtpwardError as error:
        response = explain(visit, error)
    if visit.fresh:
        front.cookies.set_browser(response, visit.browser_secret)
    if request.query_params.get("lang") == visit.lang:
        front.cookies.set_language(response, visit.lang)
    if visit.set_session is not None:
        front.cookies.set_session(response, area, visit.set_session)
    return response


def _refuse_forged(visit: Visit) -> None:
    site = visit.request.headers.get("sec-fetch-site", "same-origin")
    if site not in {"same-origin", "none"} or not hmac.compare_digest(visit.form.get("csrf", "").encode(), visit.csrf.encode()):
        raise ForgedForm("not from our page")
