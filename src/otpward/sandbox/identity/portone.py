"""PortOne's identity verification at its paths: a number goes to the phone's inbox, or an approval waits on the app's page."""

import asyncio
import hmac
import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from otpward.core.errors import Invalid, NotFound
from otpward.sandbox import asked
from otpward.sandbox.identity.people import Person, Scenario, by_phone, recognised, scenario_of, told_of
from otpward.sandbox.pages import back_to, page
from otpward.sandbox.world import Text, World

SECRET: Final = "not-a-secret"
CHANNEL: Final = "channel-key-sandbox"
SENDER: Final = "15990000"
TRIES: Final = 5
LASTS_S: Final = 180
SENDS: Final = 5
OPERATORS: Final = ("SKT", "KT", "LGU", "SKT_MVNO", "KT_MVNO", "LGU_MVNO")

FAULTS: Final = {
    "INVALID_REQUEST": 400,
    "UNAUTHORIZED": 401,
    "IDENTITY_VERIFICATION_NOT_FOUND": 404,
    "IDENTITY_VERIFICATION_NOT_SENT": 404,
    "CHANNEL_NOT_FOUND": 404,
    "IDENTITY_VERIFICATION_ALREADY_SENT": 409,
    "IDENTITY_VERIFICATION_ALREADY_VERIFIED": 409,
    "MAX_TRANSACTION_COUNT_REACHED": 429,
    "PG_PROVIDER": 502,
}
MEANT: Final = {Scenario.CANCELS: "사용자가 취소했습니다.", Scenario.EXPIRED: "인증 시간이 만료되었습니다."}
SOME_DAY: Final = date(1980, 1, 1)
"""When somebody was born whom only a test knows, and who was asked for without a date."""


@dataclass(slots=True, kw_only=True)
class Verification:
    """One that was begun. `answer` is what the person pressed in the app."""

    id: str
    person: Person
    carrier: str
    by_app: bool
    requested_at: datetime
    sent_at: datetime
    sends: int = 1
    code: str = ""
    tries: int = 0
    answer: str = ""
    status: str = "READY"
    reason: str = ""
    done_at: datetime | None = None


class Desk:
    """What this service remembers; a restart forgets it, as ten minutes would."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._begun: dict[str, Verification] = {}

    async def send(self, request: Request) -> Response:
        """`POST /identity-verifications/{id}/send`."""
        stop = await self._stopped(request)
        if stop is not None:
            return stop
        number = request.path_params["id"]
        try:
            order = await asked.document(request)
            begun = self._ordered(number, order)
        except (Invalid, KeyError, TypeError, ValueError):
            return refuse("INVALID_REQUEST")
        if order.get("channelKey") != CHANNEL:
            return refuse("CHANNEL_NOT_FOUND")
        if number in self._begun:
            verified = self._begun[number].status == "VERIFIED"
            return refuse(f"IDENTITY_VERIFICATION_ALREADY_{'VERIFIED' if verified else 'SENT'}")
        if begun is None:
            return refuse("PG_PROVIDER")
        if scenario_of(begun.person.phone) is Scenario.BROKEN:
            return PlainTextResponse("service unavailable", 503)
        if scenario_of(begun.person.phone) is Scenario.SLOW:
            await asyncio.sleep(self._world.slow_s)
        self._begun[number] = begun
        if not begun.by_app:
            self._text(begun)
        return JSONResponse({})

    async def resend(self, request: Request) -> Response:
        """`POST /identity-verifications/{id}/resend`: a new number; the old one is void.

        The carrier refuses the one whose time always runs out, and everybody the sixth.
        """
        stop = await self._stopped(request)
        if stop is not None:
            return stop
        begun = self._begun.get(request.path_params["id"])
        if begun is None:
            return refuse("IDENTITY_VERIFICATION_NOT_FOUND")
        if begun.status != "READY":
            return refuse("IDENTITY_VERIFICATION_ALREADY_VERIFIED")
        if scenario_of(begun.person.phone) is Scenario.EXPIRED:
            return refuse("PG_PROVIDER")
        if begun.sends >= SENDS:
            return refuse("MAX_TRANSACTION_COUNT_REACHED")
        begun.sends, begun.sent_at = begun.sends + 1, self._world.now()
        if not begun.by_app:
            self._text(begun)
        return JSONResponse({})

    async def confirm(self, request: Request) -> Response:
        """`POST /identity-verifications/{id}/confirm`: the number is right, or the app was answered."""
        stop = await self._stopped(request)
        if stop is not None:
            return stop
        begun = self._begun.get(request.path_params["id"])
        if begun is None:
            return refuse("IDENTITY_VERIFICATION_NOT_FOUND")
        if begun.status == "VERIFIED":
            return refuse("IDENTITY_VERIFICATION_ALREADY_VERIFIED")
        try:
            typed = str((await asked.document(request)).get("otp", ""))
        except Invalid:
            return refuse("INVALID_REQUEST")
        self._decide(begun, typed)
        if begun.status != "VERIFIED":
            return refuse("PG_PROVIDER")
        return JSONResponse({"identityVerification": self._told(begun)})

    async def look(self, request: Request) -> Response:
        """`GET /identity-verifications/{id}`."""
        stop = await self._stopped(request)
        if stop is not None:
            return stop
        begun = self._begun.get(request.path_params["id"])
        return refuse("IDENTITY_VERIFICATION_NOT_FOUND") if begun is None else JSONResponse(self._told(begun))

    async def app(self, request: Request) -> Response:
        """The carrier's app: what waits for an answer, newest first."""
        waiting = [
            {"id": each.id, "phone": each.person.phone, "name": each.person.name, "title": each.carrier}
            for each in reversed(self._begun.values())
            if each.by_app and each.status == "READY" and not each.answer
        ]
        return page(request, "pushes.html", place="portone", waiting=waiting)

    async def answer(self, request: Request) -> Response:
        """The buttons of the app."""
        begun = self._begun.get(request.path_params["id"])
        if begun is None or not begun.by_app:
            raise NotFound("nothing waits under this number")
        begun.answer = "yes" if (await asked.form(request)).get("answer") == "yes" else "no"
        return back_to("/identity/portone")

    def _ordered(self, number: str, order: dict[str, Any]) -> Verification | None:
        """The order, or none where the carrier knows nobody of that name, day and number."""
        customer = order["customer"]
        by_app = {"SMS": False, "APP": True}[order["method"]]
        front = str(customer.get("identityNumber", ""))
        if not by_app and not (len(front) == 7 and front.isdigit()):
            raise Invalid("identityNumber has seven digits")
        if order["operator"] not in OPERATORS or not customer["ipAddress"]:
            raise Invalid("no such operator, or no address")
        phone, name = asked.phone_number(customer["phoneNumber"]), str(customer["name"])
        known = by_phone(phone)
        century = "20" if front[6:] in ("3", "4", "7", "8") else "19"
        some_day = known.birth_date if known else SOME_DAY
        born = date.fromisoformat(century + front[:6]) if front else some_day
        person = recognised(name=name, birth_date=born, phone=phone)
        if person is None:
            return None
        now, carrier = self._world.now(), order["operator"]
        return Verification(id=number, person=person, carrier=carrier, by_app=by_app, requested_at=now, sent_at=now)

    def _text(self, begun: Verification) -> None:
        begun.code = f"{secrets.randbelow(1_000_000):06}"
        with self._world.changing() as memory:
            words = f"[본인확인] 인증번호 {begun.code}"
            memory.texts.append(
                Text(id=memory.next_id(), to=begun.person.phone, sender=SENDER, text=words, kind="auth", at=self._world.now())
            )

    def _decide(self, begun: Verification, typed: str) -> None:
        now, bad = self._world.now(), scenario_of(begun.person.phone)
        if begun.status != "READY":
            return
        begun.tries += not begun.by_app
        if bad in MEANT:
            begun.status, begun.reason = "FAILED", MEANT[bad]
        elif (now - begun.sent_at).total_seconds() > LASTS_S:
            begun.status, begun.reason = "FAILED", MEANT[Scenario.EXPIRED]
        elif begun.answer == "no":
            begun.status, begun.reason = "FAILED", MEANT[Scenario.CANCELS]
        elif begun.answer == "yes" if begun.by_app else hmac.compare_digest(typed.encode(), begun.code.encode()):
            begun.status, begun.done_at = "VERIFIED", now
        elif begun.tries >= TRIES:
            begun.status, begun.reason = "FAILED", "인증번호를 여러 번 잘못 입력했습니다."

    def _told(self, begun: Verification) -> dict[str, Any]:
        told: dict[str, Any] = {
            "id": begun.id,
            "status": begun.status,
            "requestedAt": begun.requested_at.isoformat(),
            "pgTxId": f"sandbox-{begun.id}",
        }
        bad = scenario_of(begun.person.phone)
        if begun.status == "VERIFIED" and begun.done_at is not None:
            someone = told_of(begun.person)
            told["verifiedAt"] = begun.done_at.isoformat()
            told["verifiedCustomer"] = {
                "name": someone.name,
                "phoneNumber": someone.domestic_phone if bad is not Scenario.TAMPERED else "01099998888",
                "operator": begun.carrier,
                "birthDate": someone.birth_date.isoformat(),
                "ci": someone.ci,
            }
            if bad is Scenario.REPLAYED:
                told["id"] = "an-older-verification"
        if begun.status == "FAILED":
            told["failure"] = {"reason": begun.reason, "pgCode": "9999", "pgMessage": begun.reason}
        return told

    async def _stopped(self, request: Request) -> Response | None:
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), f"PortOne {SECRET}".encode()):
            return refuse("UNAUTHORIZED")
        return None


def refuse(kind: str) -> JSONResponse:
    """A refusal as PortOne words it."""
    return JSONResponse({"type": kind, "message": ""}, FAULTS[kind])


def routes(world: World) -> list[Route]:
    """PortOne's paths, and the page of the carrier's app."""
    desk = Desk(world)
    return [
        Route("/identity-verifications/{id}/send", desk.send, methods=["POST"]),
        Route("/identity-verifications/{id}/resend", desk.resend, methods=["POST"]),
        Route("/identity-verifications/{id}/confirm", desk.confirm, methods=["POST"]),
        Route("/identity-verifications/{id}", desk.look),
        Route("/identity/portone", desk.app),
        Route("/identity/portone/{id}", desk.answer, methods=["POST"]),
    ]
