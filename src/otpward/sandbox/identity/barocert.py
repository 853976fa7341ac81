"""Barocert and its Linkhub token at their paths: each signature is checked, each sealed field opened, and the person's apps
show what waits for an answer.
"""

import asyncio
import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from otpward.core.errors import Invalid, NotFound
from otpward.sandbox import asked
from otpward.sandbox.identity.people import Person, Scenario, recognised, scenario_of, told_of
from otpward.sandbox.pages import back_to, page
from otpward.sandbox.world import World

LINK_ID: Final = "SANDBOX"
SECRET_KEY: Final = base64.b64encode(b"not-a-secret-but-32-octets-long!").decode()
CLIENT_CODE: Final = "023040000001"

APPS: Final = {
    "KAKAO": ("receiverHP", "receiverName", "receiverBirthday", "reqTitle", "token", "expireIn"),
    "NAVER": ("receiverHP", "receiverName", "receiverBirthday", "callCenterNum", "expireIn"),
    "PASS": ("receiverHP", "receiverName", "reqTitle", "callCenterNum", "token", "expireIn"),
}
"""Each app, and what a request for it must have."""

SEALED: Final = ("receiverHP", "receiverName", "receiverBirthday", "token", "reqMessage", "extraMessage")
APART: Final = timedelta(minutes=5)
TOKEN_LASTS: Final = timedelta(minutes=30)
SOME_DAY: Final = date(1980, 1, 1)

WAITING, DONE, LATE, DECLINED = range(4)
AT_ONCE: Final = {Scenario.CANCELS: DECLINED, Scenario.EXPIRED: LATE}

BAD_REQUEST, BAD_SIGNATURE, NO_PERSON, NO_RECEIPT, NOT_DONE, VERIFIED_BEFORE = (
    -21000004, -99999901, -23000020, -23000030, -23000040, -23000050,
)  # fmt: skip
"""Our own numbers; the real ones are not published as a list (unverified)."""


@dataclass(slots=True, kw_only=True)
class Requested:
    """Something that an app shows."""

    receipt: str
    app: str
    title: str
    person: Person
    token: str
    until: datetime
    state: int = WAITING
    fetched: bool = False


class Refusal(Exception):
    """What the service answers instead."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.answer = JSONResponse({"code": code, "message": message}, status)


class Office:
    """What the service remembers; a restart forgets it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._key = base64.b64decode(SECRET_KEY)
        self._tokens: dict[str, datetime] = {}
        self._requested: dict[str, Requested] = {}

    async def token(self, request: Request) -> Response:
        """`POST /BAROCERT/Token`."""
        body, date_line = await asked.body(request), request.headers.get("x-lh-date", "")
        forwarded, version = request.headers.get("x-lh-forwarded"), request.headers.get("x-lh-version", "")
        text = f"POST\n{b64(hashlib.sha256(body).digest())}\n{date_line}\n"
        text += f"{forwarded}\n" if forwarded is not None else ""
        text += f"{version}\n{request.url.path}"
        if request.headers.get("authorization", "") != f"LINKHUB {LINK_ID} {self._mac(text)}" or not self._is_now(date_line):
            return JSONResponse({"code": BAD_SIGNATURE, "message": "인증에 실패했습니다."}, 401)
        made, until = secrets.token_urlsafe(32), self._world.now() + TOKEN_LASTS
        self._tokens[made] = until
        scope = msgspec.json.decode(body).get("scope", [])
        told = {"session_token": made, "serviceID": "BAROCERT", "linkID": LINK_ID, "usercode": "", "scope": scope}
        return JSONResponse(told | {"ipaddress": forwarded or "", "expiration": f"{until:%Y-%m-%dT%H:%M:%SZ}"})

    async def begin(self, request: Request) -> Response:
        """`POST /{app}/Identity/{client}`: the app shows it, or the person is not known there."""
        try:
            order = await self._order(request)
            app = self._app(request)
            if [name for name in APPS[app] if not order.get(name)]:
                raise Refusal(400, BAD_REQUEST, "필수 값이 없습니다.")
            person = self._person(order)
        except Refusal as refusal:
            return refusal.answer
        scenario = scenario_of(person.phone)
        if scenario is Scenario.BROKEN:
            return PlainTextResponse("service unavailable", 503)
        if scenario is Scenario.SLOW:
            await asyncio.sleep(self._world.slow_s)
        shown = Requested(
            receipt=f"{secrets.randbelow(10**32):032}",
            app=app,
            title=str(order.get("reqTitle") or "본인인증"),
            person=person,
            token=str(order.get("token", "")),
            until=self._world.now() + timedelta(seconds=int(order["expireIn"])),
            state=AT_ONCE.get(scenario, WAITING),
        )
        self._requested[shown.receipt] = shown
        return JSONResponse({"receiptID": shown.receipt, "scheme": ""})

    async def status(self, request: Request) -> Response:
        """`GET /{app}/Identity/{client}/{receipt}`."""
        try:
            self._bearer(request)
            shown = self._shown(request)
        except Refusal as refusal:
            return refusal.answer
        told = {"clientCode": CLIENT_CODE, "receiptID": shown.receipt, "state": shown.state}
        return JSONResponse(told | {"expireDT": f"{shown.until:%Y%m%d%H%M%S}"})

    async def verify(self, request: Request) -> Response:
        """`POST /{app}/Identity/Verify/{client}/{receipt}`: once, and only after the person has signed."""
        try:
            given = await self._order(request)
            shown = self._shown(request)
            if shown.app == "PASS" and (given.get("receiverHP"), given.get("receiverName")) != (
                shown.person.domestic_phone,
                shown.person.name,
            ):
                raise Refusal(400, NO_PERSON, "수신자가 다릅니다.")
            if shown.state != DONE:
                raise Refusal(400, NOT_DONE, "서명이 완료되지 않았습니다.")
            if shown.fetched or scenario_of(shown.person.phone) is Scenario.REPLAYED:
                raise Refusal(400, VERIFIED_BEFORE, "이미 검증된 요청입니다.")
        except Refusal as refusal:
            return refusal.answer
        shown.fetched = True
        person, tampered = told_of(shown.person), scenario_of(shown.person.phone) is Scenario.TAMPERED
        head, text = b64(b'{"alg":"sandbox"}'), b64((secrets.token_hex(32) if tampered else shown.token).encode())
        return JSONResponse(
            {
                "receiptID": secrets.token_hex(16) if tampered and shown.app != "KAKAO" else shown.receipt,
                "state": shown.state,
                "signedData": f"{head}.{text}.{b64(secrets.token_bytes(64))}",
                "ci": person.ci,
                "receiverName": person.name,
                "receiverYear": f"{person.birth_date:%Y}",
                "receiverDay": f"{person.birth_date:%m%d}",
                "receiverHP": person.domestic_phone,
                "receiverGender": "M" if person.male else "F",
                "receiverForeign": "Y" if person.foreign else "N",
            }
        )

    async def apps(self, request: Request) -> Response:
        """The apps of everybody: what waits for an answer, newest first."""
        waiting = [
            {"id": each.receipt, "phone": each.person.phone, "name": each.person.name, "title": f"{each.app} · {each.title}"}
            for each in reversed(self._requested.values())
            if self._now(each).state == WAITING
        ]
        return page(request, "pushes.html", place="barocert", waiting=waiting)

    async def answer(self, request: Request) -> Response:
        """The buttons of an app."""
        shown = self._requested.get(request.path_params["receipt"])
        if shown is None:
            raise NotFound("nothing waits under this number")
        if self._now(shown).state == WAITING:
            shown.state = DONE if (await asked.form(request)).get("answer") == "yes" else DECLINED
        return back_to("/identity/barocert")

    async def _order(self, request: Request) -> dict[str, Any]:
        """The body of a signed request, opened."""
        body, date_line = await asked.body(request), request.headers.get("x-bc-date", "")
        text = "POST\n" + (f"{b64(hashlib.sha256(body).digest())}\n" if body else "") + f"{date_line}\n{request.url.path}\n"
        given = request.headers.get("x-bc-auth", "")
        if not hmac.compare_digest(given.encode(), self._mac(text).encode()) or not self._is_now(date_line):
            raise Refusal(401, BAD_SIGNATURE, "서명이 다릅니다.")
        self._bearer(request)
        if request.headers.get("x-bc-encryptionmode") != "GCM":
            raise Refusal(400, BAD_REQUEST, "암호화 방식이 다릅니다.")
        try:
            order = msgspec.json.decode(body or b"{}", type=dict[str, Any])
            return {name: self._open(value) if name in SEALED else value for name, value in order.items()}
        except (msgspec.DecodeError, ValueError, InvalidTag):
            raise Refusal(400, BAD_REQUEST, "요청을 읽을 수 없습니다.") from None

    def _person(self, order: dict[str, Any]) -> Person:
        try:
            birth = str(order.get("receiverBirthday", ""))
            person = recognised(
                name=str(order["receiverName"]),
                birth_date=date.fromisoformat(birth) if birth else SOME_DAY,
                phone=asked.phone_number(str(order["receiverHP"])),
            )
        except (Invalid, ValueError):
            person = None
        if person is None:
            raise Refusal(400, NO_PERSON, "이용자를 찾을 수 없습니다.")
        return person

    def _app(self, request: Request) -> str:
        app = str(request.path_params["app"])
        if app not in APPS or request.path_params["client"] != CLIENT_CODE:
            raise Refusal(400, BAD_REQUEST, "이용기관코드가 다릅니다.")
        return app

    def _shown(self, request: Request) -> Requested:
        shown = self._requested.get(request.path_params["receipt"])
        if shown is None or shown.app != self._app(request):
            raise Refusal(400, NO_RECEIPT, "접수아이디가 없습니다.")
        return self._now(shown)

    def _now(self, shown: Requested) -> Requested:
        if shown.state == WAITING and self._world.now() > shown.until:
            shown.state = LATE
        return shown

    def _bearer(self, request: Request) -> None:
        until = self._tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        if until is None or until < self._world.now():
            raise Refusal(401, BAD_SIGNATURE, "토큰이 다릅니다.")

    def _open(self, field: object) -> str:
        octets = base64.b64decode(str(field), validate=True)
        return AESGCM(self._key).decrypt(octets[:12], octets[12:], None).decode()

    def _mac(self, text: str) -> str:
        return b64(hmac.new(self._key, text.encode(), hashlib.sha256).digest())

    def _is_now(self, date_line: str) -> bool:
        try:
            return abs(self._world.now() - datetime.fromisoformat(date_line)) <= APART
        except (ValueError, TypeError):
            return False


def b64(octets: bytes) -> str:
    """base64."""
    return base64.b64encode(octets).decode("ascii")


def routes(world: World) -> list[Route]:
    """Barocert's paths, and the page of the apps."""
    office = Office(world)
    return [
        Route("/BAROCERT/Token", office.token, methods=["POST"]),
        Route("/{app}/Identity/Verify/{client}/{receipt}", office.verify, methods=["POST"]),
        Route("/{app}/Identity/{client}", office.begin, methods=["POST"]),
        Route("/{app}/Identity/{client}/{receipt}", office.status),
        Route("/identity/barocert", office.apps),
        Route("/identity/barocert/{receipt}", office.answer, methods=["POST"]),
    ]
