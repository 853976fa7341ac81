"""The SMS gateway at NHN Cloud's paths: takes a text by NHN's rules and puts it into the phone's inbox."""

import hmac
from datetime import datetime, timedelta, timezone
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from otpward.sandbox import asked
from otpward.sandbox.airwaves import LMS_BYTES, SMS_BYTES, fate, international, is_reachable, is_sender, size, trouble
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
    recipient_grouping_key: str = ""


class Order(msgspec.Struct, rename="camel"):
    """What the gateway is asked to send."""

    body: str
    send_no: str
    recipient_list: list[Recipient]
    title: str = ""


async def take_text(request: Request) -> Response:
    """Take a message as NHN Cloud does: 200 nearly always, and the truth in the header and in each result."""
    world: World = request.app.state.world
    given = request.headers.get("x-secret-key", "")
    if request.path_params["app_key"] != APP_KEY or not hmac.compare_digest(given.encode(), SECRET_KEY.encode()):
        return _refuse(INVALID_APP_KEY, "Invalid appKey.")
    try:
        order = msgspec.json.decode(await asked.body(request, limit=ORDER_LIMIT), type=Order)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _refuse(INVALID_JSON, "Invalid json format.")
    auth, long = request.url.path.endswith("/auth/sms"), request.url.path.endswith("/mms")
    fault = _fault(order, auth=auth, most=LMS_BYTES if long else SMS_BYTES)
    if fault is not None:
        return _refuse(*fault)
    numbers = [entry.recipient_no for entry in order.recipient_list]
    if (answer := await trouble(world, numbers)) is not None:
        return answer
    return _accept(world, order, kind="auth" if auth else "lms" if long else "sms")


def _fault(order: Order, *, auth: bool, most: int) -> tuple[int, str] | None:
    if not order.recipient_list:
        return NO_RECIPIENT, "Recipient is empty."
    if len(order.recipient_list) > 1000:
        return TOO_MANY, "More than 1000 recipients."
    if not 1 <= (size(order.body) or 0) <= most:
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
                text = Text(
                    id=memory.next_id(),
                    to=to,
                    sender=order.send_no,
                    subject=order.title,
                    text=order.body,
                    kind=kind,
                    at=world.now(),
                    reference=entry.recipient_grouping_key,
                    group=request_id,
                    state=fate(number),
                )
                memory.texts.append(text)
            code, words = (0, "SUCCESS") if good else (INVALID_NUMBER, "Invalid recipientNo.")
            results.append({"recipientNo": number, "resultCode": code, "resultMessage": words, "recipientSeq": place})
    data = {"requestId": request_id, "statusCode": "2", "sendResultList": results}
    return JSONResponse({"header": {"isSuccessful": True, "resultCode": 0, "resultMessage": "SUCCESS"}, "body": {"data": data}})


async def list_texts(request: Request) -> Response:
    """What went out between two moments, by pages; short texts and long ones have a list each."""
    world: World = request.app.state.world
    given, query = request.headers.get("x-secret-key", ""), request.query_params
    if request.path_params["app_key"] != APP_KEY or not hmac.compare_digest(given.encode(), SECRET_KEY.encode()):
        return _refuse(INVALID_APP_KEY, "Invalid appKey.")
    try:
        first, last = (datetime.fromisoformat(query[name]).replace(tzinfo=KST) for name in ("startCreateDate", "endCreateDate"))
        number, size_ = int(query.get("pageNum", "1")), min(int(query.get("pageSize", "15")), 1000)
    except (KeyError, ValueError):
        return _refuse(INVALID_JSON, "Invalid parameter.")
    kinds = {"lms"} if request.url.path.endswith("/mms") else {"sms", "auth"}
    mine = [text for text in world.memory.texts if text.via == "nhn" and text.kind in kinds and first <= text.at <= last]
    listed = [
        {"requestId": text.group, "msgStatus": STATUS[text.state], "recipientGroupingKey": text.reference or None}
        for text in mine[(number - 1) * size_ : number * size_]
    ]
    body = {"pageNum": number, "pageSize": size_, "totalCount": len(mine), "data": listed}
    return JSONResponse({"header": {"isSuccessful": True, "resultCode": 0, "resultMessage": "SUCCESS"}, "body": body})


STATUS: Final = {"underway": "2", "lost": "2", "delivered": "3", "failed": "0"}
KST: Final = timezone(timedelta(hours=9))
ORDER_LIMIT: Final = 1024 * 1024


def _refuse(code: int, words: str) -> JSONResponse:
    return JSONResponse({"header": {"isSuccessful": False, "resultCode": code, "resultMessage": words}, "body": None})


ROUTES: Final = [
    Route("/sms/v3.0/appKeys/{app_key}/sender/sms", take_text, methods=["POST"]),
    Route("/sms/v3.0/appKeys/{app_key}/sender/mms", take_text, methods=["POST"]),
    Route("/sms/v3.0/appKeys/{app_key}/sender/auth/sms", take_text, methods=["POST"]),
    Route("/sms/v3.0/appKeys/{app_key}/sender/sms", list_texts),
    Route("/sms/v3.0/appKeys/{app_key}/sender/mms", list_texts),
]
