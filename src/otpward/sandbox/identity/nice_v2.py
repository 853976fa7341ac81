"""NICE 통합인증 v2 at its paths: token, page, result (KOREA.md §2.2). Each result is handed out once."""

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from otpward.core.errors import Invalid
from otpward.sandbox import asked
from otpward.sandbox.identity.nice_screens import LASTS, Hall, Service, Visit, with_query
from otpward.sandbox.identity.people import Carrier, Scenario, told_of
from otpward.sandbox.world import World

S = TypeVar("S")

CLIENT_ID: Final = "sandbox"
CLIENT_SECRET: Final = "not-a-secret"
PATH: Final = "/ido/intc/v1.0/auth"
SCREENS: Final = "/ido/intc/v1.0/screen"

GOOD: Final = "0000"
BAD_REQUEST, TOKEN_OVER, NO_RIGHT, NOTHING_YET, TOO_OLD, FETCHED = "1001", "1004", "1006", "3031", "3032", "3033"
"""1001, 3031 and 3032 are our own numbers for it; the real ones are not published (unverified)."""

ITERATORS: Final = 1000
TOKEN_LASTS: Final = timedelta(days=1)
NUMBERS: Final = range(20, 51)
CARRIERS: Final = {Carrier.SKT: "1", Carrier.KT: "2", Carrier.LGU: "3", Carrier.MVNO: "5"}


class TokenOrder(msgspec.Struct):
    """What a token is asked for with."""

    grant_type: str
    request_no: str


class UrlOrder(msgspec.Struct):
    """What a page is asked for with."""

    request_no: str
    return_url: str
    close_url: str
    svc_types: list[Service]
    method_type: str = "GET"


class ResultOrder(msgspec.Struct):
    """What a result is asked for with."""

    web_transaction_id: str
    transaction_id: str
    request_no: str


@dataclass(slots=True, kw_only=True)
class Token:
    """An access token and the ticket that came with it."""

    ticket: str
    ends_at: datetime


@dataclass(slots=True, kw_only=True)
class Transaction:
    """One page that was asked for, under the token it was asked with."""

    number: str
    request_no: str
    token: Token
    visit: Visit
    begun_at: datetime
    web_number: str = ""
    fetched: bool = False


class NiceV2:
    """What the service remembers. Nothing of it survives a restart."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.hall = Hall(world, SCREENS, self.arrive)
        self.tokens: dict[str, Token] = {}
        self.transactions: dict[str, Transaction] = {}
        self.by_visit: dict[str, Transaction] = {}

    async def arrive(self, visit: Visit) -> str:
        """The person is done: their number of the transaction goes back with the browser, and nothing else."""
        transaction = self.by_visit[visit.number]
        transaction.web_number = secrets.token_hex(16)
        return with_query(visit.back, web_transaction_id=transaction.web_number)

    async def token(self, request: Request) -> Response:
        """`POST /auth/token`."""
        login = base64.urlsafe_b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).rstrip(b"=")
        if not hmac.compare_digest(request.headers.get("authorization", "").encode(), b"Basic " + login):
            return _refuse(NO_RIGHT, 401)
        order = await _order(request, TokenOrder)
        if order is None or order.grant_type != "client_credentials" or len(order.request_no) not in NUMBERS:
            return _refuse(BAD_REQUEST, 400)
        ends_at = self.world.now() + TOKEN_LASTS
        number, token = secrets.token_urlsafe(32), Token(ticket=secrets.token_urlsafe(24), ends_at=ends_at)
        self.tokens[number] = token
        return _good(
            request_no=order.request_no,
            access_token=number,
            expires_in=int(ends_at.timestamp() * 1000),
            token_type="Bearer",
            iterators=ITERATORS,
            ticket=token.ticket,
        )

    async def url(self, request: Request) -> Response:
        """`POST /auth/url`."""
        token = self._token_of(request)
        if token is None:
            return _refuse(TOKEN_OVER, 401)
        order = await _order(request, UrlOrder)
        if order is None or len(order.request_no) not in NUMBERS or not order.svc_types or order.method_type != "GET":
            return _refuse(BAD_REQUEST, 400)
        try:
            visit = self.hall.open(
                site=urlsplit(order.return_url).netloc,
                services=tuple(order.svc_types),
                back=order.return_url,
                closed=order.close_url,
            )
        except Invalid:
            return _refuse(BAD_REQUEST, 400)
        transaction = Transaction(
            number=secrets.token_hex(16),
            request_no=order.request_no,
            token=token,
            visit=visit,
            begun_at=self.world.now(),
        )
        self.transactions[transaction.number] = self.by_visit[visit.number] = transaction
        page = str(request.url.replace(path=self.hall.address(visit), query=""))
        return _good(request_no=order.request_no, transaction_id=transaction.number, auth_url=page)

    async def result(self, request: Request) -> Response:
        """`POST /auth/result`: all three numbers must belong together."""
        token = self._token_of(request)
        if token is None:
            return _refuse(TOKEN_OVER, 401)
        order = await _order(request, ResultOrder)
        transaction = self.transactions.get(order.transaction_id) if order else None
        if order is None or transaction is None or transaction.request_no != order.request_no:
            return _refuse(BAD_REQUEST, 400)
        if not transaction.web_number or transaction.web_number != order.web_transaction_id:
            return _refuse(NOTHING_YET, 400)
        match transaction.visit.scenario:
            case Scenario.BROKEN:
                return PlainTextResponse("service unavailable", 503)
            case Scenario.SLOW:
                await asyncio.sleep(self.world.slow_s)
        if transaction.visit.scenario is Scenario.EXPIRED or self.world.now() - transaction.begun_at > LASTS:
            return _refuse(TOO_OLD, 400)
        if transaction.fetched:
            return _refuse(FETCHED, 400)
        transaction.fetched = True
        enc_data, integrity_value = self._sealed(transaction)
        return _good(request_no=order.request_no, enc_data=enc_data, integrity_value=integrity_value)

    def _token_of(self, request: Request) -> Token | None:
        token = self.tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        return token if token is not None and self.world.now() < token.ends_at else None

    def _sealed(self, transaction: Transaction) -> tuple[str, str]:
        """The claims under the keys of this transaction; under those of an earlier one, or changed, where the number asks."""
        scenario = transaction.visit.scenario
        salt = secrets.token_hex(16) if scenario is Scenario.REPLAYED else transaction.number
        keys = derive(transaction.token.ticket, salt)
        iv = secrets.token_bytes(16)
        plain = json.dumps(_claims(transaction), ensure_ascii=False).encode()
        enc_data = _text(iv + AESGCM(keys[0:32]).encrypt(iv, plain, None))
        integrity_value = _text(hmac.digest(keys[48:80], enc_data.encode(), "sha256"))
        if scenario is Scenario.TAMPERED:
            integrity_value = ("B" if integrity_value[0] == "A" else "A") + integrity_value[1:]
        return enc_data, integrity_value


def derive(ticket: str, transaction_id: str, iterators: int = ITERATORS) -> bytes:
    """The 86 characters that hold both keys."""
    return _text(hashlib.pbkdf2_hmac("sha256", ticket.encode(), transaction_id.encode(), iterators, 64)).encode()


def _claims(transaction: Transaction) -> dict[str, str]:
    visit = transaction.visit
    assert visit.person is not None
    person = told_of(visit.person)
    told = {
        "name": person.name,
        "birthdate": f"{person.birth_date:%Y%m%d}",
        "gender": "1" if person.male else "0",
        "national_info": "1" if person.foreign else "0",
        "ci": person.ci,
        "di": person.di(visit.site),
    }
    if visit.service is Service.PHONE:
        told |= {"mobile_co": CARRIERS[visit.carrier], "mobile_no": person.domestic_phone}
    return told


async def _order(request: Request, kind: type[S]) -> S | None:
    try:
        return msgspec.json.decode(await asked.body(request), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _text(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")


def _good(**facts: Any) -> JSONResponse:
    return JSONResponse({"result_code": GOOD, "result_message": "success", **facts})


def _refuse(code: str, status: int) -> JSONResponse:
    return JSONResponse({"result_code": code, "result_message": "failure"}, status)


def routes(world: World) -> list[Route]:
    """The service over this world."""
    nice = NiceV2(world)
    calls: list[tuple[str, Callable[[Request], Any]]] = [("token", nice.token), ("url", nice.url), ("result", nice.result)]
    return [*(Route(f"{PATH}/{name}", call, methods=["POST"]) for name, call in calls), *nice.hall.routes()]
