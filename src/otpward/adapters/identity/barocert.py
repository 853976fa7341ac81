"""Certificates in apps by Barocert: Kakao, Naver and PASS ask their user, who approves with PIN or fingerprint."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import httpx
import msgspec

from otpward.adapters.bounded import Answer
from otpward.adapters.identity.linkhub import Linkhub
from otpward.adapters.identity.person import born, ci_of, domestic, eight_digits, international
from otpward.adapters.identity.visit import VISIT_S, Visit, read
from otpward.core.errors import Invalid, Unavailable
from otpward.core.model.evidence import Evidence
from otpward.core.model.proof import Method
from otpward.core.secret import Personal, Secret
from otpward.ports.prover import Asked, Begun, Refusal, Refused

LASTS_S: Final = 300
RECEIPT_DIGITS: Final = 32
CLIENT_DIGITS: Final = 12


class App(StrEnum):
    """Whose certificate."""

    KAKAO = "KAKAO"
    NAVER = "NAVER"
    PASS = "PASS"


SCOPES: Final[Mapping[App, tuple[str, ...]]] = {
    App.KAKAO: ("partner", "401", "402", "403", "404", "405"),
    App.NAVER: ("partner", "421", "422", "423", "424"),
    App.PASS: ("partner", "441", "442", "443", "444"),
}
"""As their SDK asks for, so that an account that works there works here."""

WAITING, DONE, LATE, DECLINED = 0, 1, 2, 3
"""States of a request; the last one, and any above, are (unverified)."""


class _Kept(msgspec.Struct):
    receipt: str
    token: str
    name: str
    phone: str


class _Receipt(msgspec.Struct, rename={"receipt": "receiptID"}):
    receipt: str


class _Status(msgspec.Struct, rename={"receipt": "receiptID"}):
    receipt: str
    state: int


class _Verified(msgspec.Struct, rename="camel"):
    receiver_name: str
    state: int = DONE
    receipt: str = msgspec.field(name="receiptID", default="")
    signed_data: str = ""
    ci: str | None = None
    receiver_year: str = ""
    receiver_day: str = ""
    receiver_h_p: str = msgspec.field(name="receiverHP", default="")


class _Fault(msgspec.Struct):
    code: int = 0


class BarocertProver:
    """Has the app ask, and fetches what was signed.

    What is signed is a token of our own, made for this one request. Kakao hands it back in `signedData`, where it is looked
    for; Naver signs a text of its own, and how PASS packs ours is (unverified): there the receipt alone binds the answer to us.
    """

    method: Final = Method.APP
    asks: Final[tuple[str, ...]] = ()

    def __init__(
        self,
        name: str,
        *,
        app: App,
        token_url: str,
        base_url: str,
        link_id: str,
        secret: Secret,
        client_code: str,
        title: str,
        call_center: str,
        http: httpx.Client,
        whole_s: float = VISIT_S,
    ) -> None:
        if not (client_code.isascii() and client_code.isdecimal() and len(client_code) == CLIENT_DIGITS):
            raise Invalid(f"a Barocert client code has {CLIENT_DIGITS} digits", field="client_code")
        if app is not App.KAKAO and not call_center:
            raise Invalid("Naver and PASS show a number to call", field="call_center")
        self.name = name
        self._app = app
        self._linkhub = Linkhub(token_url=token_url, api_url=base_url, link_id=link_id, secret=secret, scopes=SCOPES[app])
        self._path = f"/{app}/Identity"
        self._client_code = client_code
        self._title = title
        self._call_center = call_center
        self._http = http
        self._whole_s = whole_s

    def begin(self, asked: Asked) -> Begun:
        """Have the app ask its user.

        Raises:
            Invalid: no name, birth date or Korean phone that could be asked with.
            Unavailable: the service does not take it, or knows no such user.
        """
        phone, birth = domestic(asked.phone), eight_digits(asked.birth_date)
        if not asked.name:
            raise Invalid("the app asks by name", field="name")
        token = hmac.digest(asked.nonce, f"barocert {asked.number}".encode(), "sha256").hex()
        order = {
            "receiverHP": self._linkhub.seal(Personal(phone)),
            "receiverName": self._linkhub.seal(asked.name),
            "receiverBirthday": self._linkhub.seal(Personal(birth)),
            "expireIn": LASTS_S,
            "appUseYN": False,
            **self._own_fields(token),
        }
        visit = Visit(self._http, self._whole_s)
        answer = self._linkhub.post(visit, f"{self._path}/{self._client_code}", order, now=asked.now)
        if answer.status != 200:
            raise Unavailable(f"the certificate service did not begin: {code_of(answer)}")
        receipt = read(answer.body, _Receipt).receipt
        if not (receipt.isascii() and receipt.isdecimal() and len(receipt) == RECEIPT_DIGITS):
            raise Unavailable("the certificate service gave no receipt")
        kept = _Kept(receipt=receipt, token=token, name=asked.name.reveal(), phone=phone)
        return Begun(kept=Secret(msgspec.json.encode(kept)), push=True)

    def complete(self, kept: Secret, callback: Mapping[str, str], *, now: datetime) -> Evidence | Refused:
        """What the person pressed, and, once, who it was."""
        begun = msgspec.json.decode(kept.reveal(), type=_Kept)
        visit = Visit(self._http, self._whole_s)
        answer = self._linkhub.look(visit, f"{self._path}/{self._client_code}/{begun.receipt}", now=now)
        if answer.status != 200:
            return Refused(why=Refusal.FAILED, detail=code_of(answer))
        status = read(answer.body, _Status)
        if status.receipt != begun.receipt:
            return Refused(why=Refusal.FORGED, detail="another receipt")
        if status.state != DONE:
            return Refused(why=WHY.get(status.state, Refusal.FAILED), detail=f"state {status.state}")
        proof: dict[str, object] | None = None
        if self._app is App.PASS:
            proof = {
                "receiverHP": self._linkhub.seal(Personal(begun.phone)),
                "receiverName": self._linkhub.seal(Personal(begun.name)),
            }
        answer = self._linkhub.post(visit, f"{self._path}/Verify/{self._client_code}/{begun.receipt}", proof, now=now)
        if answer.status != 200:
            return Refused(why=Refusal.FAILED, detail=code_of(answer))
        return self._judge(read(answer.body, _Verified), begun, answer.body, now)

    def _judge(self, said: _Verified, begun: _Kept, body: bytes, now: datetime) -> Evidence | Refused:
        if said.receipt != begun.receipt or said.state != DONE:
            return Refused(why=Refusal.FORGED, detail="another receipt or state")
        if self._app is App.KAKAO and not holds(said.signed_data, begun.token):
            return Refused(why=Refusal.FORGED, detail="another text was signed")
        phone = international(said.receiver_h_p or begun.phone)
        if phone != international(begun.phone):
            return Refused(why=Refusal.FORGED, detail="another phone")
        return Evidence(
            method=self.method,
            provider=self.name,
            provider_tx=begun.receipt,
            name=Personal(said.receiver_name),
            birth_date=born(said.receiver_year[:4] + said.receiver_day[-4:]),
            phone=phone,
            ci=ci_of(said.ci),
            verified_at=now,
            raw_hash=hashlib.sha256(body).digest(),
        )

    def _own_fields(self, token: str) -> dict[str, Any]:
        match self._app:
            case App.KAKAO:
                return {"reqTitle": self._title, "token": self._linkhub.seal(Personal(token))}
            case App.NAVER:
                return {"callCenterNum": self._call_center}
            case App.PASS:
                return {
                    "reqTitle": self._title,
                    "reqMessage": self._linkhub.seal(Personal(self._title)),
                    "callCenterNum": self._call_center,
                    "token": self._linkhub.seal(Personal(token)),
                    "userAgreementYN": True,
                    "receiverInfoYN": True,
                }


WHY: Final = {WAITING: Refusal.NOT_YET, LATE: Refusal.EXPIRED, DECLINED: Refusal.CANCELLED}


def holds(signed: str, token: str) -> bool:
    """Whether the token stands in what was signed: as it is, or in base64 of either alphabet, whole or in parts."""
    return any(token.encode() in piece for part in (signed, *signed.split(".")) for piece in (part.encode(), unpacked(part)))


def unpacked(part: str) -> bytes:
    """What base64 holds; nothing where it is none."""
    try:
        return base64.b64decode(part.rstrip("=").translate(TO_STANDARD) + "=" * (-len(part.rstrip("=")) % 4), validate=True)
    except ValueError:
        return b""


TO_STANDARD: Final = str.maketrans("-_", "+/")


def code_of(answer: Answer) -> str:
    """Their number for what went wrong; their sentence may name a person."""
    try:
        return f"{answer.status} {msgspec.json.decode(answer.body, type=_Fault).code}"
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return str(answer.status)
