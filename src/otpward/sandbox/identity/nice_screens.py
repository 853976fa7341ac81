"""NICE's page as people see it: carrier, name and number, the six digits; or an i-PIN ID and password. Without script."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from otpward.core.errors import Invalid, NotFound
from otpward.sandbox import asked
from otpward.sandbox.identity.people import Carrier, Person, Scenario, by_id, recognised, scenario_of
from otpward.sandbox.pages import back_to, page
from otpward.sandbox.world import Text, World

LASTS: Final = timedelta(minutes=10)
TRIES: Final = 3
DIGITS: Final = 6
PHONE_LENGTHS: Final = range(12, 14)
"""Characters of +82 and nine or ten digits."""
SENDER: Final = "16001522"
IPIN_PASSWORD: Final = "not-a-secret"
KEPT: Final = 500
"""Visits; the oldest go."""


class Service(StrEnum):
    """What a site may offer."""

    PHONE = "M"
    IPIN = "I"


class Step(StrEnum):
    """Which page a visit is at."""

    PICK = "pick"
    WHO = "who"
    CODE = "code"
    IPIN = "ipin"
    END = "end"


class End(StrEnum):
    """How it ended, as the last page says it."""

    DONE = "done"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    TOO_MANY = "too_many"


@dataclass(slots=True, kw_only=True)
class Visit:
    """One person before the page. `back` is where a result is taken, `closed` where the others go."""

    number: str
    site: str
    services: tuple[Service, ...]
    back: str
    closed: str
    began_at: datetime
    step: Step
    service: Service = Service.PHONE
    carrier: Carrier = Carrier.SKT
    person: Person | None = None
    code: str = ""
    tries: int = 0
    end: End | None = None

    @property
    def scenario(self) -> Scenario:
        """What happens to this person."""
        return scenario_of(self.person.phone) if self.person else Scenario.FINE


Arrival = Callable[[Visit], Awaitable[str | Response]]
"""What the service does with a visit that went well: the address to take the result to, or the answer if it breaks down."""


class Hall:
    """The visits of one service, by their number, under `prefix`."""

    def __init__(self, world: World, prefix: str, arrival: Arrival) -> None:
        self.world = world
        self.prefix = prefix
        self._arrival = arrival
        self._visits: dict[str, Visit] = {}

    def open(self, *, site: str, services: tuple[Service, ...], back: str, closed: str) -> Visit:
        """A new visit; people may be sent back only to a web page."""
        for address in (back, closed):
            if urlsplit(address).scheme not in ("http", "https"):
                raise Invalid("a return address begins with http:// or https://")
        visit = Visit(
            number=secrets.token_urlsafe(24),
            site=site,
            services=services,
            back=back,
            closed=closed,
            began_at=self.world.now(),
            step=Step.PICK if Service.PHONE in services else Step.IPIN,
            service=Service.PHONE if Service.PHONE in services else Service.IPIN,
        )
        self._visits[visit.number] = visit
        while len(self._visits) > KEPT:
            del self._visits[next(iter(self._visits))]
        return visit

    def address(self, visit: Visit) -> str:
        """Where its page is, on this host."""
        return f"{self.prefix}/{visit.number}"

    def routes(self) -> list[Route]:
        """One address per visit; what it shows depends on how far the person is."""
        path = f"{self.prefix}/{{number}}"
        return [Route(path, self._show), Route(path, self._take, methods=["POST"])]

    def _find(self, request: Request) -> Visit:
        visit = self._visits.get(request.path_params["number"])
        if visit is None:
            raise NotFound("no such visit")
        if visit.end is None and self.world.now() - visit.began_at > LASTS:
            visit.step, visit.end = Step.END, End.EXPIRED
        return visit

    async def _show(self, request: Request) -> Response:
        return _page(request, self._find(request))

    async def _take(self, request: Request) -> Response:
        visit, typed = self._find(request), await asked.form(request)
        if visit.step is Step.END:
            return back_to(self.address(visit))
        if "cancel" in typed:
            visit.step, visit.end = Step.END, End.CANCELLED
            return back_to(self.address(visit))
        steps = {Step.PICK: self._pick, Step.WHO: self._who, Step.CODE: self._code, Step.IPIN: self._ipin}
        problem = steps[visit.step](visit, typed)
        if problem:
            return _page(request, visit, status=422, problem=problem, typed=typed)
        if visit.end is End.DONE:
            arrived = await self._arrival(visit)
            if isinstance(arrived, Response):
                return arrived
            visit.back = arrived
        return back_to(self.address(visit))

    def _pick(self, visit: Visit, typed: dict[str, str]) -> str:
        choice = typed.get("carrier", "")
        if choice == "ipin" and Service.IPIN in visit.services:
            visit.step, visit.service = Step.IPIN, Service.IPIN
        elif choice in tuple(Carrier):
            visit.step, visit.carrier = Step.WHO, Carrier(choice)
        else:
            return "carrier"
        return ""

    def _who(self, visit: Visit, typed: dict[str, str]) -> str:
        name, birth = typed.get("name", "").strip(), "".join(filter(str.isdecimal, typed.get("birth", "")))
        if not name or len(name) > 60:
            return "name"
        try:
            birth_date = date.fromisoformat(birth)
        except ValueError:
            return "birth"
        try:
            phone = asked.phone_number(typed.get("phone", ""))
        except Invalid:
            return "phone"
        if not phone.startswith("+82") or len(phone) not in PHONE_LENGTHS:
            return "phone"
        person = recognised(name=name, birth_date=birth_date, phone=phone)
        if person is None:
            return "unknown"
        visit.person = person
        if visit.scenario is Scenario.CANCELS:
            visit.step, visit.end = Step.END, End.CANCELLED
            return ""
        visit.step = Step.CODE
        self._send_code(visit)
        return ""

    def _send_code(self, visit: Visit) -> None:
        assert visit.person is not None
        visit.code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
        with self.world.changing() as memory:
            words = f"[NICE 모의] 본인확인 인증번호 [{visit.code}]"
            text = Text(id=memory.next_id(), to=visit.person.phone, sender=SENDER, text=words, kind="auth", at=self.world.now())
            memory.texts.append(text)

    def _code(self, visit: Visit, typed: dict[str, str]) -> str:
        if "again" in typed:
            self._send_code(visit)
            return ""
        if "".join(typed.get("code", "").split()) != visit.code:
            visit.tries += 1
            if visit.tries < TRIES:
                return "code"
            visit.step, visit.end = Step.END, End.TOO_MANY
            return ""
        visit.step, visit.end = Step.END, End.DONE
        return ""

    def _ipin(self, visit: Visit, typed: dict[str, str]) -> str:
        person = by_id(typed.get("id", ""))
        if person is None or typed.get("password") != IPIN_PASSWORD:
            visit.tries += 1
            if visit.tries < TRIES:
                return "ipin"
            visit.step, visit.end = Step.END, End.TOO_MANY
            return ""
        visit.person, visit.step = person, Step.END
        visit.end = End.CANCELLED if visit.scenario is Scenario.CANCELS else End.DONE
        return ""


def with_query(address: str, **values: str) -> str:
    """The address with more in its query."""
    return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(values)}"


def _page(
    request: Request, visit: Visit, *, status: int = 200, problem: str = "", typed: dict[str, str] | None = None
) -> Response:
    return page(
        request,
        "nice.html",
        status=status,
        visit=visit,
        step=visit.step.value,
        carriers=tuple(Carrier),
        ipin_too=Service.IPIN in visit.services,
        onward=visit.back if visit.end is End.DONE else visit.closed,
        password=IPIN_PASSWORD,
        problem=problem,
        typed=typed or {},
    )
