"""Naver SENS at its own path: believes only a fresh signature over the path, then takes a text by SENS's rules."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from otpward.sandbox import asked
from otpward.sandbox.airwaves import LIMITS, SUBJECT_BYTES, international, is_number, is_reachable, is_sender, size, trouble
from otpward.sandbox.world import Text, World

SERVICE_ID: Final = "ncp:sms:kr:000000000000:sandbox"
ACCESS_KEY: Final = "sandbox-access-key"
SECRET_KEY: Final = "not-a-secret"

CLOCK_OFF: Final = timedelta(minutes=5)
"""A request is not valid if its time differs by more. Within it the same request is good again: SENS knows no replay."""
TIMESTAMP_DIGITS: Final = 14
RECIPIENTS: Final = 100

AUTHENTICATION_FAILED, PERMISSION_DENIED = ("200", "Authentication Failed"), ("210", "Permission Denied")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Recipient(msgspec.Struct):
    """One entry of `messages`; what it leaves out is taken from the order."""

    to: str
    subject: str | None = None
    content: str | None = None


class Order(msgspec.Struct, rename={"content_type": "contentType", "country_code": "countryCode", "sender": "from"}):
    """What the gateway is asked to send."""

    type: str
    sender: str
    content: str
    messages: list[Recipient]
    content_type: str = "COMM"
    country_code: str = "82"
    subject: str = ""


async def take_text(request: Request) -> Response:
    """Take a message as SENS does: 202 and a request id; the API gateway before it answers for the signature."""
    world: World = request.app.state.world
    refusal = _signature_fault(request, world.now())
    if refusal is not None:
        return _refuse(401, *refusal)
    if request.path_params["service_id"] != SERVICE_ID:
        return _refuse(404, "300", "Not Found Exception")
    try:
        order = msgspec.json.decode(await asked.body(request), type=Order)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _bad("the body is not an order")
    fault = _fault(order)
    if fault:
        return _bad(fault)
    numbers = [entry.to for entry in order.messages]
    if (answer := await trouble(world, numbers)) is not None:
        return answer
    if not all(is_reachable(number) for number in numbers):
        return _bad("messages.to")
    return _accept(world, order)


def _signature_fault(request: Request, now: datetime) -> tuple[str, str] | None:
    """What the API gateway finds wrong: the key, the time, or the signature over method, path as sent, time and key."""
    key, timestamp, given = (
        request.headers.get(name, "") for name in ("x-ncp-iam-access-key", "x-ncp-apigw-timestamp", "x-ncp-apigw-signature-v2")
    )
    if not hmac.compare_digest(key.encode(), ACCESS_KEY.encode()):
        return PERMISSION_DENIED
    if not is_number(timestamp) or len(timestamp) > TIMESTAMP_DIGITS:
        return AUTHENTICATION_FAILED
    if abs(now - (_EPOCH + timedelta(milliseconds=int(timestamp)))) > CLOCK_OFF:
        return AUTHENTICATION_FAILED
    path, query = request.scope["raw_path"].decode("latin-1"), request.url.query
    signed = f"{request.method} {path}{'?' if query else ''}{query}\n{timestamp}\n{key}".encode("latin-1")
    expected = base64.b64encode(hmac.digest(SECRET_KEY.encode(), signed, hashlib.sha256))
    return None if hmac.compare_digest(given.encode(), expected) else AUTHENTICATION_FAILED


def _fault(order: Order) -> str:
    """The field that breaks a rule; empty if none does."""
    limit = LIMITS.get(order.type.upper())
    contents = [order.content, *(entry.content for entry in order.messages if entry.content is not None)]
    subjects = [order.subject, *(entry.subject for entry in order.messages if entry.subject is not None)]
    rules = {
        "type": limit is not None,
        "contentType": order.content_type in {"COMM", "AD"},
        "countryCode": is_number(order.country_code),
        "from": is_sender(order.sender),
        "content": all(size(one) in range(1, (limit or 0) + 1) for one in contents),
        "subject": all(size(one) in range(SUBJECT_BYTES + 1 if order.type.upper() == "LMS" else 1) for one in subjects),
        "messages": 1 <= len(order.messages) <= RECIPIENTS,
    }
    return next((name for name, kept in rules.items() if not kept), "")


def _accept(world: World, order: Order) -> JSONResponse:
    with world.changing() as memory:
        request_id = f"VORSSA-{world.now():%Y%m%d%H%M%S}-{memory.next_id():06d}"
        for entry in order.messages:
            memory.texts.append(
                Text(
                    id=memory.next_id(),
                    to=international(order.country_code, entry.to),
                    sender=order.sender,
                    subject=order.subject if entry.subject is None else entry.subject,
                    text=order.content if entry.content is None else entry.content,
                    kind=order.type.lower(),
                    via="sens",
                    at=world.now(),
                )
            )
    at = f"{world.now():%Y-%m-%dT%H:%M:%S.%f}"[:-3]
    return JSONResponse({"requestId": request_id, "requestTime": at, "statusCode": "202", "statusName": "success"}, 202)


def _refuse(status: int, code: str, words: str) -> JSONResponse:
    return JSONResponse({"error": {"errorCode": code, "message": words, "details": ""}}, status)


def _bad(what: str) -> JSONResponse:
    return JSONResponse({"status": 400, "errorMessage": "Bad Request", "errors": [what]}, 400)


ROUTES: Final = [Route("/sms/v2/services/{service_id}/messages", take_text, methods=["POST"])]
