"""NICE 본인확인 v1 at its paths: tokens, page, and a sealed result in the way back (KOREA.md §2.1)."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote_plus, urlsplit
from zoneinfo import ZoneInfo

import msgspec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from otpward.core.errors import Invalid
from otpward.sandbox import asked
from otpward.sandbox.identity.nice_screens import Hall, Service, Visit, with_query
from otpward.sandbox.identity.people import Carrier, Scenario, told_of
from otpward.sandbox.pages import back_to
from otpward.sandbox.world import World

CLIENT_ID: Final = "sandbox"
CLIENT_SECRET: Final = "not-a-secret"
PRODUCT_ID: Final = "2101979031"
SITE_CODE: Final = "SANDBOX01"
TOKEN_PATH: Final = "/digital/niceid/oauth/oauth/token"
CRYPTO_PATH: Final = "/digital/niceid/api/v1.0/common/crypto/token"
SERVICE_PATH: Final = "/CheckPlusSafeModel/service.cb"
SCREENS: Final = "/CheckPlusSafeModel/screen"

SEOUL: Final = ZoneInfo("Asia/Seoul")
FIFTY_YEARS_S: Final = 1_576_800_000
CLOCKS_APART_S: Final = 180
LONG_AGO: Final = timedelta(minutes=30)
NUMBER_LONGEST: Final = 30
CARRIERS: Final = {Carrier.SKT: "1", Carrier.KT: "2", Carrier.LGU: "3", Carrier.MVNO: "5"}


class CryptoOrder(msgspec.Struct):
    """What keys are asked for with."""

    req_dtim: str
    req_no: str
    enc_mode: str


class CryptoBody(msgspec.Struct):
    """It lies in a body of its own."""

    dataBody: CryptoOrder


@dataclass(slots=True, kw_only=True)
class Keys:
    """One crypto token: the 44 characters that keys are cut from, and the request it was made for."""

    version: str
    text: bytes
    request_no: str = ""

    def seal(self, plain: bytes) -> dict[str, str]:
        """As it is carried by the browser."""
        padder = PKCS7(128).padder()
        encryptor = Cipher(algorithms.AES(self.text[:16]), modes.CBC(self.text[-16:])).encryptor()
        sealed = encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()
        enc_data = base64.b64encode(sealed)
        return {"token_version_id": self.version, "enc_data": enc_data.decode("ascii"), "integrity_value": self.mac(enc_data)}

    def mac(self, enc_data: bytes) -> str:
        """The integrity value."""
        return base64.b64encode(hmac.digest(self.text[:32], enc_data, "sha256")).decode("ascii")

    def open(self, enc_data: str) -> dict[str, Any]:
        """What a site sealed."""
        try:
            octets = base64.b64decode(enc_data, validate=True)
            decryptor = Cipher(algorithms.AES(self.text[:16]), modes.CBC(self.text[-16:])).decryptor()
            unpadder = PKCS7(128).unpadder()
            plain = unpadder.update(decryptor.update(octets) + decryptor.finalize()) + unpadder.finalize()
            return msgspec.json.decode(plain.decode("cp949"), type=dict[str, Any])
        except (ValueError, msgspec.DecodeError):
            raise Invalid("the order does not open") from None


class NiceV1:
    """What the service remembers. Nothing of it survives a restart."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.hall = Hall(world, SCREENS, self.arrive)
        self.access_tokens: set[str] = set()
        self.keys: dict[str, Keys] = {}
        self.by_visit: dict[str, Keys] = {}

    async def token(self, request: Request) -> Response:
        """The access token, good for about fifty years."""
        login = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode())
        if not hmac.compare_digest(request.headers.get("authorization", "").encode(), b"Basic " + login):
            return _gateway("1700", 401)
        if await asked.form(request) != {"grant_type": "client_credentials", "scope": "default"}:
            return _gateway("1400", 400)
        access_token = secrets.token_hex(24)
        self.access_tokens.add(access_token)
        body = {"access_token": access_token, "token_type": "bearer", "expires_in": FIFTY_YEARS_S, "scope": "default"}
        return _gateway("1200", 200, body)

    async def crypto(self, request: Request) -> Response:
        """Keys for one request."""
        fault = self._fault(request)
        if fault is not None:
            return fault
        try:
            order = msgspec.json.decode(await asked.body(request), type=CryptoBody).dataBody
        except (msgspec.DecodeError, UnicodeDecodeError):
            return _gateway("1400", 400)
        if len(order.req_dtim) != 14 or not 0 < len(order.req_no) <= NUMBER_LONGEST or order.enc_mode != "1":
            return _gateway("1200", 200, {"rsp_cd": "P000", "result_cd": "0001"})
        token_val, version = secrets.token_urlsafe(33), f"{secrets.token_hex(12)}-NC{SITE_CODE}"
        digest = hashlib.sha256(f"{order.req_dtim}{order.req_no}{token_val}".encode()).digest()
        self.keys[version] = Keys(version=version, text=base64.b64encode(digest))
        body = {
            "rsp_cd": "P000",
            "res_msg": "",
            "result_cd": "0000",
            "site_code": SITE_CODE,
            "token_version_id": version,
            "token_val": token_val,
            "period": 3600,
        }
        return _gateway("1200", 200, body)

    def _fault(self, request: Request) -> Response | None:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        try:
            access_token, at, client_id = base64.b64decode(given, validate=True).decode("ascii").split(":")
            apart_s = abs(int(at) - self.world.now().timestamp())
        except ValueError:
            return _gateway("1700", 401)
        if scheme.lower() != "bearer" or access_token not in self.access_tokens or client_id != CLIENT_ID:
            return _gateway("1700", 401)
        if apart_s > CLOCKS_APART_S:
            return _gateway("1800", 400)
        if request.headers.get("productid") != PRODUCT_ID:
            return _gateway("1707", 400)
        return None

    async def service(self, request: Request) -> Response:
        """The browser brings the site's order, sealed; it leads to the page."""
        carried: Mapping[str, str] = await asked.form(request) if request.method == "POST" else request.query_params
        keys = self.keys.get(carried.get("token_version_id", ""))
        enc_data = carried.get("enc_data", "")
        given = carried.get("integrity_value", "").encode()
        if (
            carried.get("m") != "service"
            or keys is None
            or not hmac.compare_digest(keys.mac(enc_data.encode()).encode(), given)
        ):
            raise Invalid("the order is not from a site that is known here")
        order = keys.open(enc_data)
        back = str(order.get("returnurl", ""))
        if order.get("sitecode") != SITE_CODE or not order.get("requestno"):
            raise Invalid("the order is not complete")
        keys.request_no = str(order["requestno"])
        visit = self.hall.open(site=urlsplit(back).netloc, services=(Service.PHONE,), back=back, closed=back)
        self.by_visit[visit.number] = keys
        return back_to(self.hall.address(visit))

    async def arrive(self, visit: Visit) -> str | Response:
        """The person is done: the result goes back with the browser, sealed."""
        if visit.scenario in (Scenario.BROKEN, Scenario.SLOW):
            return PlainTextResponse("service unavailable", 503)
        keys = self.by_visit[visit.number]
        plain = json.dumps(self._claims(visit, keys.request_no, self.world.now()), ensure_ascii=False).encode(
            "cp949", "replace"
        )
        sealed = keys.seal(plain)
        if visit.scenario is Scenario.TAMPERED:
            value = sealed["integrity_value"]
            sealed["integrity_value"] = ("B" if value[0] == "A" else "A") + value[1:]
        return with_query(visit.back, **sealed)

    def _claims(self, visit: Visit, request_no: str, now: datetime) -> dict[str, str]:
        assert visit.person is not None
        person = told_of(visit.person)
        if visit.scenario is Scenario.REPLAYED:
            request_no = f"EARLIER{request_no}"[:NUMBER_LONGEST]
        if visit.scenario is Scenario.EXPIRED:
            now -= LONG_AGO
        return {
            "resultcode": "0000",
            "requestno": request_no,
            "enctime": f"{now.astimezone(SEOUL):%Y%m%d%H%M%S}",
            "sitecode": SITE_CODE,
            "responseno": secrets.token_hex(10),
            "authtype": "M",
            "name": person.name,
            "utf8_name": quote_plus(person.name),
            "birthdate": f"{person.birth_date:%Y%m%d}",
            "gender": "1" if person.male else "0",
            "nationalinfo": "1" if person.foreign else "0",
            "mobileco": CARRIERS[visit.carrier],
            "mobileno": person.domestic_phone,
            "ci": person.ci,
            "di": person.di(SITE_CODE),
        }


def _gateway(code: str, status: int, body: dict[str, Any] | None = None) -> JSONResponse:
    return JSONResponse({"dataHeader": {"GW_RSLT_CD": code, "GW_RSLT_MSG": ""}, "dataBody": body}, status)


def routes(world: World) -> list[Route]:
    """The service over this world."""
    nice = NiceV1(world)
    return [
        Route(TOKEN_PATH, nice.token, methods=["POST"]),
        Route(CRYPTO_PATH, nice.crypto, methods=["POST"]),
        Route(SERVICE_PATH, nice.service, methods=["GET", "POST"]),
        *nice.hall.routes(),
    ]
