"""The SMS gateway at NHN Cloud's paths: takes a text by NHN's rules and puts it into the phone's inbox."""

import hmac
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from otpward.sandbox import asked
from otpward.sandbox.airwaves import SMS_BYTES, international, is_reachable, is_sender, size, trouble
from otpward.sandbox.world import Text, World

APP_KEY: Final = "sandbox"
SECRET_KEY: Final = "not-a-secret"

AUTH_WORDS: Final = ("auth", "password", "verify", "にんしょう", "認証", "비밀번호", "인증")

INVALID_APP_KEY, INVALID_JSON, NO_RECIPIENT, EMPTY_BODY, INVALID_NUMBER, TOO_MANY = -1000, -9997, -2001, -2014, -2019, -2016
NO_AUTH_WORD: Final = -4007
"""Our own number for it; the real one is not published (unverified)."""


class Recipient(msgspec.Struct, rename="camel"):
    """One entry of `recipientList`."""

    recipient_no: str
    country_code: str = "82"


class Order(msgspec.Struct, rename="camel"):
    """What the gateway is asked to send."""

    body: str
    send_no: str
    recipient_list: list[Recipient]


async def take_text(request: Request) -> Response:
    """Take a message as NHN Cloud does: 200 nearly always, and the truth in the header and in each result."""
    world: World = request.app.state.world
    given = request.headers.get("x-secret-key", "")
    if request.path_params["app_key"] != APP_KEY or not hmac.compare_digest(given.encode(), SECRET_KEY.encode()):
        return _refuse(INVALID_APP_KEY, "Invalid appKey.")
    try:
        order = msgspec.json.decode(await asked.body(request), type=Order)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _refuse(INVALID_JSON, "Invalid json format.")
    auth = request.url.path.endswith("/auth/sms")
    fault = _fault(order, auth=auth)
    if fault is not None:
        return _refuse(*fault)
    numbers = [entry.recipient_no for entry in order.recipient_list]
    if (answer := await trouble(world, numbers)) is not None:
        return answer
    return _accept(world, order, kind="auth" if auth else "sms")


def _fault(order: Order, *, auth: bool) -> tuple[int, str] | None:
    if not order.recipient_list:
        return NO_RECIPIENT, "Recipient is empty."
    if len(order.recipient_list) > 1000:
        return TOO_MANY, "More than 1000 recipients."
    if not 1 <= (size(order.body) or 0) <= SMS_BYTES:
        return EMPTY_BODY, "Body is empty, too long, or has a character that cannot be sent."
    if not is_sender(order.send_no):
        return INVALID_NUMBER, "Invalid sendNo."
    if auth and not any(word in order.body.lower() for word in AUTH_WORDS):
        return NO_AUTH_WORD, "The body has no authentication word."
    return None


def _accept(world: World, order: Order, *, kind: str) -> JSONResponse:
    results = []
    with world.changing() as memory:
        request_id = f"{world.now():%Y%m%d%H%M%S}{memory.next_id():06d}"
        for place, entry in enumerate(order.recipient_list, start=1):
            number = entry.recipient_no
            good = is_reachable(number)
            if good:
                to = international(entry.country_code, number)
                text = Text(id=memory.next_id(), to=to, sender=order.send_no, text=order.body, kind=kind, at=world.now())
                memory.texts.append(text)
            code, words = (0, "SUCCESS") if good else (INVALID_NUMBER, "Invalid recipientNo.")
            results.append({"recipientNo": number, "resultCode": code, "resultMessage": words, "recipientSeq": place})
    data = {"requestId": request_id, "statusCode": "2", "sendResultList": results}
    return JSONResponse({"header": {"isSuccessful": True, "resultCode": 0, "resultMessage": "SUCCESS"}, "body": {"data": data}})


def _refuse(code: int, words: str) -> JSONResponse:
    return JSONResponse({"header": {"isSuccessful": False, "resultCode": code, "resultMessage": words}, "body": None})


ROUTES: Final = [
    Route("/sms/v3.0/appKeys/{app_key}/sender/sms", take_text, methods=["POST"]),
    Route("/sms/v3.0/appKeys/{app_key}/sender/auth/sms", take_text, methods=["POST"]),
]
