"""본인 확인 by NICE v1: their page asks the person, and the sealed result comes back through the browser (KOREA.md §2.1)."""

import base64
import hashlib
import hmac
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar
from urllib.parse import unquote_plus
from zoneinfo import ZoneInfo

import httpx
import msgspec

from otpward.adapters.bounded import Answer
from otpward.adapters.identity.nice_v1_crypto import CHARSET, Keys, derive_keys, is_whole, open_result, seal
from otpward.adapters.identity.person import born, ci_of, international
from otpward.adapters.identity.visit import VISIT_S, Visit, read, write
from otpward.core.errors import Unavailable
from otpward.core.model.evidence import Evidence
from otpward.core.model.proof import Method
from otpward.core.secret import Personal, Secret
from otpward.ports.prover import Asked, Begun, Refusal, Refused

BASE_URL: Final = "https://svc.niceapi.co.kr:22001"
SCREEN_URL: Final = "https://nice.checkplus.co.kr"
TOKEN_PATH: Final = "/digital/niceid/oauth/oauth/token"
CRYPTO_PATH: Final = "/digital/niceid/api/v1.0/common/crypto/token"
SCREEN_PATH: Final = "/CheckPlusSafeModel/service.cb"

T = TypeVar("T")

KST: Final = ZoneInfo("Asia/Seoul")

GATEWAY_GOOD: Final = "1200"
GOOD: Final = "0000"
ANSWERED: Final = "P000"

LASTS: Final = timedelta(minutes=10)
CLOCKS_APART: Final = timedelta(minutes=3)
"""By how much NICE lets clocks differ (1800)."""

NUMBER_LONGEST: Final = 30
TOKEN_LASTS_S: Final = 86_400
"""Theirs lasts fifty years; ours is asked for anew each day, so that a revoked one is not kept for longer."""

CARRIED_LONGEST: Final = 16_384
"""Characters. A result is about a thousand; this much is looked at before its MAC is."""


class _Header(msgspec.Struct):
    GW_RSLT_CD: str


class _Token(msgspec.Struct):
    access_token: str
    expires_in: float = 0


class _Crypto(msgspec.Struct):
    rsp_cd: str
    result_cd: str = ""
    site_code: str = ""
    token_version_id: str = ""
    token_val: str = ""


class _Answer(msgspec.Struct):
    dataHeader: _Header
    dataBody: dict[str, Any] | None = None


class _Claims(msgspec.Struct):
    resultcode: str = ""
    requestno: str = ""
    sitecode: str = ""
    enctime: str = ""
    responseno: str = ""
    name: str = ""
    utf8_name: str = ""
    birthdate: str = ""
    mobileno: str | None = None
    ci: str | None = None


class _Kept(msgspec.Struct):
    request_no: str
    asked_at: str
    token_val: str
    token_version_id: str
    site_code: str
    begun_at: datetime

    def keys(self) -> Keys:
        return derive_keys(asked_at=self.asked_at, request_number=self.request_no, token=Secret(self.token_val.encode()))


class NiceV1Prover:
    """Seals the order into a form, and opens what comes back only if its MAC is right. Logs nothing."""

    method = Method.AGENCY

    def __init__(
        self,
        name: str,
        base_url: str,
        screen_url: str,
        client_id: str,
        client_secret: Secret,
        product_id: str,
        http: httpx.Client,
        *,
        timeout: float = VISIT_S,
    ) -> None:
        self.name = name
        self._base = base_url.rstrip("/")
        self._screen = screen_url.rstrip("/") + SCREEN_PATH
        self._client_id = client_id
        self._client_secret = client_secret
        self._product_id = product_id
        self._http = http
        self._timeout = timeout
        self._lock = threading.Lock()
        self._held: tuple[str, datetime] | None = None

    def begin(self, asked: Asked) -> Begun:
        """Ask for keys for one transaction and seal the order; an access token that was revoked is replaced once."""
        visit = Visit(self._http, self._timeout)
        request_no = f"{asked.number}{asked.nonce.hex()}"[:NUMBER_LONGEST]
        asked_at = f"{asked.now.astimezone(KST):%Y%m%d%H%M%S}"
        held = self._held_token(now=asked.now)
        crypto = self._crypto(visit, held, request_no, asked_at, now=asked.now) if held else None
        if crypto is None:
            fresh = self._fresh_token(visit, now=asked.now)
            crypto = self._crypto(visit, fresh, request_no, asked_at, now=asked.now)
        if crypto is None:
            self._forget()
            raise Unavailable("the identity service does not accept our key")
        kept = _Kept(
            request_no=request_no,
            asked_at=asked_at,
            token_val=crypto.token_val,
            token_version_id=crypto.token_version_id,
            site_code=crypto.site_code,
            begun_at=asked.now,
        )
        order = {
            "requestno": request_no,
            "returnurl": asked.return_url,
            "sitecode": crypto.site_code,
            "methodtype": "get",
            "authtype": "M",
            "popupyn": "N",
            "receivedata": "",
        }
        enc_data, integrity_value = seal(write(order), keys=kept.keys())
        form = {
            "m": "service",
            "token_version_id": crypto.token_version_id,
            "enc_data": enc_data,
            "integrity_value": integrity_value,
        }
        return Begun(kept=Secret(write(kept)), link=self._screen, form=form)

    def complete(self, kept: Secret, callback: Mapping[str, str], *, now: datetime) -> Evidence | Refused:
        """Judge what the browser carried; NICE is not asked again, so all of it hangs on the MAC and on our number in it."""
        ours = msgspec.json.decode(kept.reveal(), type=_Kept)
        # A plus sign that NICE does not escape arrives as a space.
        enc_data = callback.get("enc_data", "").replace(" ", "+")
        integrity_value = callback.get("integrity_value", "").replace(" ", "+")
        if not enc_data:
            return Refused(why=Refusal.CANCELLED)
        if now - ours.begun_at > LASTS:
            return Refused(why=Refusal.EXPIRED)
        if not hmac.compare_digest(callback.get("token_version_id", "").encode(), ours.token_version_id.encode()):
            return _forged("the result is of another transaction")
        keys = ours.keys()
        if len(enc_data) > CARRIED_LONGEST or not is_whole(enc_data, integrity_value, key=keys.signing):
            return _forged("the integrity value is not of this transaction")
        plain = open_result(enc_data, keys=keys)
        if plain is None:
            return _forged("the result does not open")
        return self._judged(ours, plain, now=now)

    def _judged(self, ours: _Kept, plain: bytes, *, now: datetime) -> Evidence | Refused:
        try:
            claims = read(plain.decode(CHARSET).encode(), _Claims)
        except UnicodeDecodeError:
            raise Unavailable("the identity service's result cannot be read") from None
        if not claims.resultcode:
            return _forged("what came back is no result")  # our own order is under the same keys
        if claims.resultcode != GOOD:
            return Refused(why=Refusal.FAILED, detail=f"NICE {claims.resultcode[:16]}")
        if not hmac.compare_digest(claims.requestno.encode(), ours.request_no.encode()):
            return _forged("the result is of another request")
        if claims.sitecode != ours.site_code:
            return _forged("the result is for another site")
        sealed_at = moment(claims.enctime)
        if sealed_at is None or abs(now - sealed_at) > LASTS or sealed_at < ours.begun_at - CLOCKS_APART:
            return Refused(why=Refusal.EXPIRED)
        name = unquote_plus(claims.utf8_name) or claims.name
        if not name.strip():
            return Refused(why=Refusal.FAILED, detail="the result names nobody")
        return Evidence(
            method=self.method,
            provider=self.name,
            provider_tx=claims.responseno or ours.token_version_id,
            name=Personal(name),
            birth_date=born(claims.birthdate),
            phone=international(claims.mobileno or ""),
            ci=ci_of(claims.ci),
            verified_at=now,
            raw_hash=hashlib.sha256(plain).digest(),
        )

    def _held_token(self, *, now: datetime) -> str | None:
        with self._lock:
            return self._held[0] if self._held is not None and now < self._held[1] else None

    def _forget(self) -> None:
        with self._lock:
            self._held = None

    def _fresh_token(self, visit: Visit, *, now: datetime) -> str:
        basic = base64.b64encode(f"{self._client_id}:".encode() + self._client_secret.reveal()).decode("ascii")
        answer = visit.ask(
            "POST",
            self._base + TOKEN_PATH,
            headers={"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded;charset=utf-8"},
            content=b"grant_type=client_credentials&scope=default",
        )
        code, body = _answered(answer)
        if code != GATEWAY_GOOD:
            raise Unavailable(f"the identity service does not serve us: {code[:16]}")
        token = _shaped(body, _Token)
        with self._lock:
            self._held = token.access_token, now + timedelta(seconds=max(0.0, min(token.expires_in, TOKEN_LASTS_S)))
        return token.access_token

    def _crypto(self, visit: Visit, access_token: str, request_no: str, asked_at: str, *, now: datetime) -> _Crypto | None:
        """The keys' token; None if our access token is not taken (any more)."""
        bearer = base64.b64encode(f"{access_token}:{int(now.timestamp())}:{self._client_id}".encode()).decode("ascii")
        answer = visit.ask(
            "POST",
            self._base + CRYPTO_PATH,
            headers={"Authorization": f"bearer {bearer}", "ProductID": self._product_id, "Content-Type": "application/json"},
            content=write(
                {
                    "dataHeader": {"CNTY_CD": "ko"},
                    "dataBody": {"req_dtim": asked_at, "req_no": request_no, "enc_mode": "1"},
                }
            ),
        )
        if answer.status == 401:
            return None
        code, body = _answered(answer)
        if code != GATEWAY_GOOD:
            raise Unavailable(f"the identity service does not serve us: {code[:16]}")
        crypto = _shaped(body, _Crypto)
        if crypto.rsp_cd != ANSWERED or crypto.result_cd != GOOD:
            raise Unavailable(f"the identity service gives no keys: {crypto.rsp_cd[:16]} {crypto.result_cd[:16]}")
        if not (crypto.token_val and crypto.token_version_id and crypto.site_code):
            raise Unavailable("the identity service's keys cannot be used")
        return crypto


def moment(text: str) -> datetime | None:
    """A Korean yyyyMMddHHmmss; none for what is none."""
    try:
        return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=KST)
    except ValueError:
        return None


def _answered(answer: Answer) -> tuple[str, dict[str, Any]]:
    told = read(answer.body, _Answer)
    if answer.status >= 400 and told.dataHeader.GW_RSLT_CD == GATEWAY_GOOD:
        raise Unavailable(f"the identity service answered {answer.status}")
    return told.dataHeader.GW_RSLT_CD, told.dataBody or {}


def _shaped(body: dict[str, Any], kind: type[T]) -> T:
    try:
        return msgspec.convert(body, kind, strict=False)
    except msgspec.ValidationError:
        raise Unavailable("the identity service's answer cannot be read") from None


def _forged(detail: str) -> Refused:
    return Refused(why=Refusal.FORGED, detail=detail)
