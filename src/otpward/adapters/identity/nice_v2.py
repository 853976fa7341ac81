"""본인 확인 by NICE 통합인증 v2: their page asks the person, we fetch the result from server to server (KOREA.md §2.2)."""

import base64
import hashlib
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, NoReturn
from urllib.parse import urlencode, urlsplit

import httpx
import msgspec

from otpward.adapters.bounded import Answer
from otpward.adapters.identity.nice_v2_crypto import derive_keys, is_whole, open_result
from otpward.adapters.identity.person import born, ci_of, international
from otpward.adapters.identity.visit import VISIT_S, Visit, read, write
from otpward.core.errors import Invalid, Unavailable
from otpward.core.model.evidence import Evidence
from otpward.core.model.proof import Method
from otpward.core.secret import Personal, Secret
from otpward.ports.prover import Asked, Begun, Refusal, Refused

BASE_URL: Final = "https://auth.niceid.co.kr"
PATH: Final = "/ido/intc/v1.0/auth"
DEV_LANG: Final = "Linux/Python"
GOOD: Final = "0000"

TOKEN_FAULTS: Final = frozenset({"1003", "1004"})
"""The access token is over or unknown: a new one helps."""

OUR_FAULTS: Final = frozenset({"1003", "1004", "1006", "1007"})
"""Token, client right, our address: the person can do nothing about these."""

EXPIRED_CODES: Final = frozenset({"3032"})
"""The transaction is too old (unverified; 3033 is a result that was fetched before)."""

LASTS: Final = timedelta(minutes=10)
"""How long a transaction is good there."""

TOKEN_RESERVE: Final = timedelta(minutes=15)
"""A token is kept for later only while it outlives a transaction that begins with it, since its ticket opens the result."""

MOST_ITERATIONS: Final = 1_000_000
"""What they ask for are hundreds; more would be our processor's time."""

URL_LONGEST: Final = 250
NUMBER_LONGEST: Final = 50
WEB_NUMBER_LONGEST: Final = 200
EPOCH_MS_FROM: Final = 100_000_000_000
"""`expires_in` is documented as a duration and sent as a moment in milliseconds; from here on it is a moment."""

SCREENS: Final = (".niceid.co.kr", ".checkplus.co.kr")
"""Where their page may lie besides the host we asked."""


class Service(StrEnum):
    """What their page offers, as settings write it."""

    PHONE = "phone"
    IPIN = "ipin"


SVC_TYPES: Final[Mapping[Service, str]] = {Service.PHONE: "M", Service.IPIN: "I"}
"""As they write it; I is (unverified)."""


class _Token(msgspec.Struct):
    access_token: str
    expires_in: int
    iterators: int
    ticket: str


class _Code(msgspec.Struct):
    result_code: str


class _Screen(msgspec.Struct):
    transaction_id: str
    auth_url: str


class _Sealed(msgspec.Struct):
    enc_data: str
    integrity_value: str


class _Claims(msgspec.Struct):
    name: str
    birthdate: str = ""
    mobile_no: str | None = None
    ci: str | None = None
    request_no: str | None = None


class _Kept(msgspec.Struct):
    request_no: str
    transaction_id: str
    access_token: str
    ticket: str
    iterators: int
    begun_at: datetime


class NiceV2Prover:
    """Sends the person to NICE's page and believes only what NICE then tells us itself. Logs nothing."""

    method = Method.AGENCY

    def __init__(
        self,
        name: str,
        base_url: str,
        client_id: str,
        client_secret: Secret,
        http: httpx.Client,
        *,
        services: Sequence[Service] = (Service.PHONE,),
        timeout: float = VISIT_S,
    ) -> None:
        self.name = name
        self._url = base_url.rstrip("/") + PATH
        self._client_id = client_id
        self._client_secret = client_secret
        self._http = http
        self._services = tuple(services)
        self._timeout = timeout
        self._lock = threading.Lock()
        self._held: tuple[_Token, datetime] | None = None

    def begin(self, asked: Asked) -> Begun:
        """Open a transaction and return the address of its page. A token that was revoked meanwhile is replaced once."""
        visit = Visit(self._http, self._timeout)
        request_no = f"{asked.number}{asked.nonce.hex()}"[:NUMBER_LONGEST]
        order = write(
            {
                "request_no": request_no,
                "return_url": fitting(asked.return_url),
                "close_url": fitting(with_query(asked.return_url, closed="1")),
                "svc_types": [SVC_TYPES[service] for service in self._services],
                "method_type": "GET",
                "exp_mods": ["closeButtonOn"],
            }
        )
        token = self._token(visit, request_no, now=asked.now)
        code, body = self._ask(visit, "/url", token.access_token, order)
        if code in TOKEN_FAULTS:
            self._forget(token)
            token = self._token(visit, request_no, now=asked.now)
            code, body = self._ask(visit, "/url", token.access_token, order)
        if code != GOOD:
            _unavailable(code)
        screen = read(body, _Screen)
        kept = _Kept(
            request_no=request_no,
            transaction_id=screen.transaction_id,
            access_token=token.access_token,
            ticket=token.ticket,
            iterators=token.iterators,
            begun_at=asked.now,
        )
        return Begun(kept=Secret(write(kept)), link=self._page(screen.auth_url))

    def complete(self, kept: Secret, callback: Mapping[str, str], *, now: datetime) -> Evidence | Refused:
        """Fetch the result of our transaction; the number that the browser brought only says that there is one."""
        ours = msgspec.json.decode(kept.reveal(), type=_Kept)
        web_transaction_id = callback.get("web_transaction_id", "")
        if not web_transaction_id:
            return Refused(why=Refusal.CANCELLED)
        if now - ours.begun_at > LASTS:
            return Refused(why=Refusal.EXPIRED)
        order = write(
            {
                "web_transaction_id": web_transaction_id[: NUMBER_LONGEST * 4],
                "transaction_id": ours.transaction_id,
                "request_no": ours.request_no,
            }
        )
        code, body = self._ask(Visit(self._http, self._timeout), "/result", ours.access_token, order)
        if code in OUR_FAULTS:
            _unavailable(code)
        if code != GOOD:
            return Refused(why=Refusal.EXPIRED if code in EXPIRED_CODES else Refusal.FAILED, detail=f"NICE {code[:16]}")
        return self._judged(ours, read(body, _Sealed), now=now)

    def _judged(self, ours: _Kept, sealed: _Sealed, *, now: datetime) -> Evidence | Refused:
        keys = derive_keys(ticket=Secret(ours.ticket.encode()), transaction_id=ours.transaction_id, iterations=ours.iterators)
        if not is_whole(sealed.enc_data, sealed.integrity_value, key=keys.signing):
            return Refused(why=Refusal.FORGED, detail="the integrity value is not of this transaction")
        plain = open_result(sealed.enc_data, key=keys.sealing)
        if plain is None:
            return Refused(why=Refusal.FORGED, detail="the result does not open")
        claims = read(plain, _Claims)
        if claims.request_no is not None and claims.request_no != ours.request_no:
            return Refused(why=Refusal.FORGED, detail="the result is of another request")
        if not claims.name.strip():
            return Refused(why=Refusal.FAILED, detail="the result names nobody")
        return Evidence(
            method=self.method,
            provider=self.name,
            provider_tx=ours.transaction_id,
            name=Personal(claims.name),
            birth_date=born(claims.birthdate),
            phone=international(claims.mobile_no or ""),
            ci=ci_of(claims.ci),
            verified_at=now,
            raw_hash=hashlib.sha256(plain).digest(),
        )

    def _token(self, visit: Visit, request_no: str, *, now: datetime) -> _Token:
        with self._lock:
            held = self._held
        if held is not None and now + TOKEN_RESERVE < held[1]:
            return held[0]
        login = f"{self._client_id}:".encode() + self._client_secret.reveal()
        basic = base64.urlsafe_b64encode(login).rstrip(b"=").decode("ascii")
        order = write({"grant_type": "client_credentials", "request_no": request_no})
        code, body = _answered(visit.ask("POST", f"{self._url}/token", headers=_headers(f"Basic {basic}"), content=order))
        if code != GOOD:
            _unavailable(code)
        token = read(body, _Token)
        if not 0 < token.iterators <= MOST_ITERATIONS or not token.ticket:
            raise Unavailable("the identity service's token cannot be used")
        with self._lock:
            self._held = token, ends_at(token.expires_in, now=now)
        return token

    def _forget(self, token: _Token) -> None:
        with self._lock:
            if self._held is not None and self._held[0] is token:
                self._held = None

    def _ask(self, visit: Visit, path: str, access_token: str, order: bytes) -> tuple[str, bytes]:
        return _answered(visit.ask("POST", self._url + path, headers=_headers(f"Bearer {access_token}"), content=order))

    def _page(self, auth_url: str) -> str:
        """Their page, if it is theirs: people are sent nowhere else, whatever the answer says."""
        if not is_theirs(auth_url, self._url):
            raise Unavailable("the identity service named a page that is not its own")
        return auth_url


def is_theirs(address: str, asked_at: str) -> bool:
    """Whether the address lies where we asked, or on one of their hosts under https."""
    try:
        page, ours = urlsplit(address), urlsplit(asked_at)
        if page.username is not None:
            return False
        same = (page.scheme, page.hostname, page.port) == (ours.scheme, ours.hostname, ours.port)
        return same or (page.scheme == "https" and page.port in (None, 443) and (page.hostname or "").endswith(SCREENS))
    except ValueError:
        return False


def services_of(text: str) -> tuple[Service, ...]:
    """The services that settings name, with spaces or commas between; none named is the phone.

    Raises:
        Invalid: one that there is not.
    """
    try:
        return tuple(dict.fromkeys(map(Service, text.replace(",", " ").split()))) or (Service.PHONE,)
    except ValueError:
        raise Invalid(f"services are of {', '.join(Service)}", field="services") from None


def ends_at(expires_in: int, *, now: datetime) -> datetime:
    """When a token ends; not later than a day from now, whatever is claimed."""
    latest = now + timedelta(days=1)
    if expires_in >= EPOCH_MS_FROM:
        return min(datetime.fromtimestamp(min(expires_in / 1000, latest.timestamp()), UTC), latest)
    return now + timedelta(seconds=max(0, min(expires_in, 86_400)))


def with_query(address: str, **values: str) -> str:
    """The address with a query, or with more of it."""
    return f"{address}{'&' if '?' in address else '?'}{urlencode(values)}"


def fitting(address: str) -> str:
    """The address, if NICE takes one of its length."""
    if len(address.encode()) > URL_LONGEST:
        raise Invalid(f"the identity service takes addresses of at most {URL_LONGEST} bytes", field="return_url")
    return address


def _headers(authorization: str) -> dict[str, str]:
    return {"Authorization": authorization, "Content-Type": "application/json", "X-Intc-DevLang": DEV_LANG}


def _answered(answer: Answer) -> tuple[str, bytes]:
    """The result code, which comes with refusals too."""
    code = read(answer.body, _Code).result_code
    if answer.status >= 400 and code == GOOD:
        raise Unavailable(f"the identity service answered {answer.status}")
    return code, answer.body


def _unavailable(code: str) -> NoReturn:
    raise Unavailable(f"the identity service does not serve us: {code[:16]}")
