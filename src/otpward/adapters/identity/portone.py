"""휴대폰 본인확인 by PortOne v2: a number by SMS that is typed on our page, or an approval in the carrier's app."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final
from urllib.parse import quote

import httpx
import msgspec

from otpward.adapters.bounded import Answer
from otpward.adapters.identity.person import born, ci_of, domestic, eight_digits, international
from otpward.adapters.identity.visit import VISIT_S, Visit, read, write
from otpward.core.errors import Invalid, Unavailable
from otpward.core.model.evidence import Evidence
from otpward.core.model.proof import Method
from otpward.core.secret import NOTHING, Personal, Secret
from otpward.ports.prover import Asked, Begun, Refusal, Refused

CARRIERS: Final = frozenset({"SKT", "KT", "LGU", "SKT_MVNO", "KT_MVNO", "LGU_MVNO"})

CODE_DIGITS: Final = range(4, 9)

OURS: Final = frozenset({"UNAUTHORIZED", "FORBIDDEN", "CHANNEL_NOT_FOUND", "MAX_TRANSACTION_COUNT_REACHED"})
"""Faults of the key, the contract or the day's limit: the person can do nothing about them."""

NO_MORE: Final = {
    "PG_PROVIDER": Refusal.FAILED,
    "IDENTITY_VERIFICATION_ALREADY_VERIFIED": Refusal.FAILED,
    "IDENTITY_VERIFICATION_NOT_FOUND": Refusal.EXPIRED,
    "IDENTITY_VERIFICATION_NOT_SENT": Refusal.EXPIRED,
}
"""Why no number is sent again; asking once more changes nothing."""


class Way(StrEnum):
    """How the carrier asks the person."""

    SMS = "SMS"
    APP = "APP"


class _Kept(msgspec.Struct):
    id: str
    phone: str


class _Fault(msgspec.Struct):
    type: str = ""


class _Customer(msgspec.Struct, rename="camel"):
    name: str
    birth_date: str = ""
    phone_number: str = ""
    ci: str | None = None


class _Failure(msgspec.Struct, rename="camel"):
    reason: str = ""
    pg_code: str = ""


class _Verification(msgspec.Struct, rename="camel"):
    id: str
    status: str
    verified_customer: _Customer | None = None
    verified_at: datetime | None = None
    pg_tx_id: str = ""
    failure: _Failure | None = None


class _Confirmed(msgspec.Struct, rename="camel"):
    identity_verification: _Verification


class PortoneProver:
    """Asks PortOne, and through it the carrier. What the browser brings is not believed: it is asked again, server to server.

    `asks` names what the person must add to begin: the carrier, and for SMS the seventh digit of 주민등록번호.
    """

    method: Final = Method.AGENCY

    def __init__(
        self,
        name: str,
        *,
        base_url: str,
        secret: Secret,
        channel_key: str,
        our_address: str,
        http: httpx.Client,
        store_id: str = "",
        way: Way = Way.SMS,
        whole_s: float = VISIT_S,
    ) -> None:
        self.name = name
        self.asks = ("carrier", "digit") if way is Way.SMS else ("carrier",)
        self._base = f"{base_url.rstrip('/')}/identity-verifications"
        self._secret = secret
        self._channel_key = channel_key
        self._our_address = our_address
        self._http = http
        self._store = {"storeId": store_id} if store_id else {}
        self._way = way
        self._whole_s = whole_s

    def begin(self, asked: Asked) -> Begun:
        """Have the carrier send a number, or wake its app.

        Raises:
            Invalid: no carrier, digit, phone or birth date that could be asked with.
            Unavailable: PortOne or the carrier does not take it.
        """
        phone = domestic(asked.phone)
        customer = {"name": asked.name.reveal(), "phoneNumber": phone, "ipAddress": self._our_address}
        carrier = asked.added.get("carrier", "")
        if carrier not in CARRIERS:
            raise Invalid("no such carrier", field="carrier")
        if self._way is Way.SMS:
            customer["identityNumber"] = seven_digits(asked)
        order = {
            **self._store,
            "channelKey": self._channel_key,
            "customer": customer,
            "operator": carrier,
            "method": self._way.value,
        }
        answer = self._post(Visit(self._http, self._whole_s), asked.number, "send", order)
        if answer.status != 200:
            raise Unavailable(f"the identity service did not begin: {answer.status} {fault_of(answer)}")
        kept = write(_Kept(id=asked.number, phone=phone))
        return Begun(kept=Secret(kept), code=self._way is Way.SMS, push=self._way is Way.APP)

    def resend(self, kept: Secret, *, now: datetime) -> Secret | Refused:
        """Have the number sent again. Which of the two then counts is for the carrier to say, and is asked of it.

        Raises:
            Unavailable: it was not.
        """
        number = msgspec.json.decode(kept.reveal(), type=_Kept).id
        answer = self._post(Visit(self._http, self._whole_s), number, "resend", None)
        if answer.status == 200:
            return kept
        fault = fault_of(answer)
        if fault in NO_MORE:
            return Refused(why=NO_MORE[fault], detail=fault)
        raise Unavailable(f"the identity service did not send again: {answer.status} {fault}")

    def complete(self, kept: Secret, callback: Mapping[str, str], *, now: datetime) -> Evidence | Refused:
        """Have the number checked (or the app's answer fetched) and say who it was."""
        begun = msgspec.json.decode(kept.reveal(), type=_Kept)
        order = dict(self._store)
        if self._way is Way.SMS:
            order["otp"] = callback.get("code", "").strip()
            if not (order["otp"].isascii() and order["otp"].isdecimal() and len(order["otp"]) in CODE_DIGITS):
                return Refused(why=Refusal.NOT_YET, detail="no number was typed")
        visit = Visit(self._http, self._whole_s)
        answer = self._post(visit, begun.id, "confirm", order)
        if answer.status == 200:
            return self._judge(read(answer.body, _Confirmed).identity_verification, begun, answer.body, now)
        fault = fault_of(answer)
        if fault == "IDENTITY_VERIFICATION_NOT_FOUND":
            return Refused(why=Refusal.EXPIRED, detail=fault)
        if fault in OURS or answer.status in (401, 403):
            raise Unavailable(f"the identity service does not serve us: {answer.status} {fault}")
        if fault not in ("PG_PROVIDER", "INVALID_REQUEST", "IDENTITY_VERIFICATION_ALREADY_VERIFIED"):
            raise Unavailable(f"the identity service did not confirm: {answer.status} {fault}")
        # A wrong number, an app nobody has answered and a refusal for good look alike here; the record tells them apart.
        answer = visit.ask("GET", f"{self._base}/{quote(begun.id, safe='')}", params=self._store, headers=self._headers())
        if answer.status != 200:
            raise Unavailable(f"the identity service does not say: {answer.status} {fault_of(answer)}")
        return self._judge(read(answer.body, _Verification), begun, answer.body, now)

    def _judge(self, said: _Verification, begun: _Kept, body: bytes, now: datetime) -> Evidence | Refused:
        if not hmac.compare_digest(said.id.encode(), begun.id.encode()):
            return Refused(why=Refusal.FORGED, detail="an answer about another verification")
        match said.status:
            case "VERIFIED" if said.verified_customer is not None:
                pass
            case "READY":
                return Refused(why=Refusal.NOT_YET, detail="not confirmed")
            case "FAILED":
                return Refused(why=why_failed(said.failure), detail=said.failure.pg_code[:40] if said.failure else "")
            case _:
                raise Unavailable("the identity service's answer has no status we know")
        customer = said.verified_customer
        phone = international(customer.phone_number or begun.phone)
        if phone != international(begun.phone):
            return Refused(why=Refusal.FORGED, detail="an answer about another phone")
        return Evidence(
            method=self.method,
            provider=self.name,
            provider_tx=said.pg_tx_id or said.id,
            name=Personal(customer.name),
            birth_date=born(customer.birth_date),
            phone=phone,
            ci=ci_of(customer.ci),
            subject=NOTHING,
            verified_at=said.verified_at if said.verified_at and said.verified_at.tzinfo else now,
            raw_hash=hashlib.sha256(body).digest(),
        )

    def _post(self, visit: Visit, number: str, act: str, order: Mapping[str, object] | None) -> Answer:
        answer = visit.ask(
            "POST",
            f"{self._base}/{quote(number, safe='')}/{act}",
            params=self._store if order is None else None,
            headers=self._headers(),
            content=None if order is None else write(order),
            faults_too=True,
        )
        if answer.status >= 500 and fault_of(answer) != "PG_PROVIDER":
            raise Unavailable(f"the identity service answered {answer.status}")
        return answer

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"PortOne {self._secret.reveal().decode('ascii')}", "Content-Type": "application/json"}


def seven_digits(asked: Asked) -> str:
    """The date of birth in six digits and the one the person added.

    Raises:
        Invalid: no such digit or date.
    """
    digit = asked.added.get("digit", "")
    if digit not in tuple("0123456789"):
        raise Invalid("one digit is asked for", field="digit")
    return eight_digits(asked.birth_date)[2:] + digit


def fault_of(answer: Answer) -> str:
    """The kind of a refusal, which is ours to read only where it is a word of theirs."""
    try:
        kind = msgspec.json.decode(answer.body, type=_Fault).type
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    return kind if kind.isascii() and kind.replace("_", "").isalpha() and len(kind) <= 60 else ""


def why_failed(failure: _Failure | None) -> Refusal:
    """The carriers' codes are not published; their sentences say whether somebody cancelled or was late (unverified)."""
    reason = failure.reason.lower() if failure else ""
    if "취소" in reason or "거절" in reason or "cancel" in reason:
        return Refusal.CANCELLED
    return Refusal.EXPIRED if "만료" in reason or "시간" in reason or "expire" in reason else Refusal.FAILED
