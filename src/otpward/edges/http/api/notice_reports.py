"""A provider says by itself what became of a text: by NHN's webhook, or by Standard Webhooks. Who cannot sign is refused."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from otpward.core.errors import OtpwardError
from otpward.core.secret import Secret
from otpward.edges.http.api.problems import problem
from otpward.edges.http.front import Front
from otpward.ports.notifier import Arrival, Report
from otpward.services.notices.follow_notices import take_report

PATH: Final = "/v1/notice-reports"
REPLAY_WINDOW: Final = timedelta(minutes=5)
"""Standard Webhooks: what is older, or ahead, was recorded and played again."""
_OCTETS: Final = 64 * 1024
_HOOKS: Final = 1000
_NHN_EVENT: Final = "MESSAGE_RESULT_UPDATE"
_NHN_ARRIVED: Final = "1000"
"""The result code of a text that arrived (unverified in the webhook; so it is in the list of what was sent)."""
_SECRET_MARK: Final = b"whsec_"


class _Hook(msgspec.Struct, rename="camel"):
    request_id: str
    result_code: str = ""


class _Nhn(msgspec.Struct):
    event: str
    hooks: list[_Hook]


class _Said(msgspec.Struct):
    reference: str
    arrival: Arrival


class _Signed(msgspec.Struct):
    data: list[_Said]


def nhn_signed(headers: Mapping[str, str], secret: Secret) -> bool:
    """Whether the webhook carries the signature that was entered at the provider. It is a password and signs nothing, so the
    same report can be played again; what is said of a notice that has arrived changes nothing any more."""
    return hmac.compare_digest(headers.get("x-toast-webhook-signature", "").encode(), secret.reveal())


def standard_signed(headers: Mapping[str, str], body: bytes, secret: Secret, *, now: datetime) -> bool:
    """Whether one of the signatures is ours over id, time and body (Standard Webhooks 1.0.0), and the time is now."""
    told, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not (told and stamp.isascii() and stamp.isdigit() and len(stamp) <= 10):
        return False
    if abs(now - datetime.fromtimestamp(int(stamp), UTC)) > REPLAY_WINDOW:
        return False
    try:
        key = base64.b64decode(secret.reveal().removeprefix(_SECRET_MARK), validate=True)
    except binascii.Error:
        return False
    expected = b"v1," + base64.b64encode(hmac.digest(key, f"{told}.{stamp}.".encode() + body, hashlib.sha256))
    given = headers.get("webhook-signature", "").encode().split(b" ")
    return any(hmac.compare_digest(one, expected) for one in given[:10])


def routes(front: Front) -> list[BaseRoute]:
    """One address for each way of signing; without its secret it is not there."""

    async def nhn(request: Request) -> Response:
        body = await request.body()
        secret = front.report_secrets.get("nhn")
        if secret is None:
            return problem(404, "not_found")
        if not nhn_signed(request.headers, secret):
            return problem(401, "unauthenticated")
        try:
            told = msgspec.json.decode(body[: _OCTETS + 1], type=_Nhn)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return problem(400, "invalid")
        said = [
            (hook.request_id, Arrival.DELIVERED if hook.result_code == _NHN_ARRIVED else Arrival.FAILED)
            for hook in told.hooks[:_HOOKS]
            if told.event == _NHN_EVENT
        ]
        return await run_in_threadpool(_take, said)

    async def signed(request: Request) -> Response:
        body = await request.body()
        secret = front.report_secrets.get("signed")
        if secret is None:
            return problem(404, "not_found")
        if not standard_signed(request.headers, body, secret, now=front.house.clock.now()):
            return problem(401, "unauthenticated")
        try:
            told = msgspec.json.decode(body, type=_Signed)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return problem(400, "invalid")
        return await run_in_threadpool(_take, [(one.reference, one.arrival) for one in told.data[:_HOOKS]])

    def _take(said: list[tuple[str, Arrival]]) -> Response:
        inside = front.institution().id
        try:
            for reference, arrival in said:
                report = Report(provider_reference=reference, arrival=arrival)
                front.house.do(inside, lambda desk: take_report(reference, report, desk=desk))  # noqa: B023 -- done at once
        except OtpwardError:
            return problem(503, "unavailable")
        return Response(status_code=204, headers={"Cache-Control": "no-store"})

    return [Route(f"{PATH}/nhn", nhn, methods=["POST"]), Route(f"{PATH}/signed", signed, methods=["POST"])]
