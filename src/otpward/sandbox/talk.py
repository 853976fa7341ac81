"""KakaoTalk's AlimTalk: what was approved is filled in and shown, anything else refused; at NHN's path, and for Solapi."""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from otpward.sandbox import asked
from otpward.sandbox.airwaves import LIMITS, NO_TALK, fate, international, is_reachable, is_sender, size, trouble
from otpward.sandbox.world import Memory, Text, World

APP_KEY: Final = "sandbox"
SECRET_KEY: Final = "not-a-secret"
SENDER_KEY: Final = "sandbox-sender-key"
CHANNEL_ID: Final = "KA01PF-SANDBOX"
APPROVED: Final[Mapping[str, str]] = {
    "CASE_APPROVED": "[#{name}] 재발급 신청\n\n신청 #{number} 승인했습니다.\n문의 #{phone}",
    "TOKEN_LOCKED": "[#{name}] OTP 잠김\n\n#{time}에 OTP가 잠겼습니다. 본인이 아니면 바로 전화해 주세요.\n#{phone}",
    "CHECK_CAMPAIGN": "[#{name}] OTP 점검\n\nOTP를 점검해 주세요. 1분이면 됩니다.\n지금 점검하기 #{link}\n문의 #{phone}",
}
"""Always there; others are handed in at `/talk`."""
LETTERS: Final = 1000
INVALID_APP_KEY, INVALID_JSON, NO_SENDER, TOO_MANY, INVALID_NUMBER = -1000, 4, -2017, -2016, -2019
NO_TEMPLATE, NOT_FILLED = -3015, -3016
"""Our own numbers for what KakaoTalk calls 3015 and 3016 (unverified: what NHN makes of them)."""
_NAME: Final = re.compile(r"#\{([^{}]+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One AlimTalk on its way; `text` and `falls_back`: what goes in its place where the phone has no KakaoTalk."""

    to: str
    country: str
    sender: str
    said: str
    via: str
    text: str = ""
    subject: str = ""
    text_kind: str = ""
    falls_back: bool = False
    reference: str = ""
    group: str = ""


def template_of(world: World, code: str) -> str | None:
    """What was approved under this code."""
    return world.memory.templates.get(code) or APPROVED.get(code)


def filled(template: str, values: Mapping[str, str]) -> str | None:
    """The template with everything in it; None where something is missing or it grows too long."""
    if any(not values.get(name) for name in _NAME.findall(template)):
        return None
    said = _NAME.sub(lambda found: values[found[1]], template)
    return said if len(said) <= LETTERS else None


def show(one: Shown, world: World, memory: Memory) -> None:
    """Put it on the phone; where that has no KakaoTalk it does not arrive, and the text does if one was to follow."""
    talks = not one.to.endswith(NO_TALK)
    state = fate(one.to) if talks else "failed"
    texts = [("talk", one.said, "", state)]
    if state == "failed" and one.falls_back:
        texts.append((one.text_kind.lower(), one.text, one.subject, fate(one.to)))
    for kind, text, subject, became in texts:
        memory.texts.append(
            Text(
                id=memory.next_id(),
                to=international(one.country, one.to),
                sender=one.sender,
                subject=subject,
                text=text,
                kind=kind,
                via=one.via,
                at=world.now(),
                reference=one.reference,
                group=one.group,
                state=became,
            )
        )


class Resend(msgspec.Struct, rename="camel"):
    """`resendParameter`: the text that follows."""

    is_resend: bool = False
    resend_type: str = ""
    resend_title: str = ""
    resend_content: str = ""
    resend_send_no: str = ""


class Recipient(msgspec.Struct, rename="camel"):
    """One entry of `recipientList`."""

    recipient_no: str
    template_parameter: dict[str, str] = {}
    resend_parameter: Resend = msgspec.field(default_factory=Resend)
    recipient_grouping_key: str = ""


class Order(msgspec.Struct, rename="camel"):
    """What the gateway is asked to send."""

    sender_key: str
    template_code: str
    recipient_list: list[Recipient]


async def take_talk(request: Request) -> Response:
    """Take AlimTalk as NHN Cloud does: the truth is in the header and in each result."""
    world: World = request.app.state.world
    if not _known(request):
        return _refuse(INVALID_APP_KEY, "Invalid appKey.")
    try:
        order = msgspec.json.decode(await asked.body(request, limit=ORDER_LIMIT), type=Order)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _refuse(INVALID_JSON, "Parameter validation failed.")
    if not hmac.compare_digest(order.sender_key.encode(), SENDER_KEY.encode()):
        return _refuse(NO_SENDER, "Not exist sender.")
    if not 1 <= len(order.recipient_list) <= 1000:
        return _refuse(TOO_MANY, "1 to 1000 recipients.")
    template = template_of(world, order.template_code)
    if template is None:
        return _refuse(NO_TEMPLATE, "TemplateNotFound")
    if (answer := await trouble(world, [one.recipient_no for one in order.recipient_list])) is not None:
        return answer
    return _accept(world, order, template)


def _accept(world: World, order: Order, template: str) -> JSONResponse:
    results = []
    with world.changing() as memory:
        request_id = f"{world.now():%Y%m%d%H%M%S}T{memory.next_id():06d}"
        for place, entry in enumerate(order.recipient_list, start=1):
            said, text = filled(template, entry.template_parameter), entry.resend_parameter
            code, words = _fault(entry, said)
            if said is not None and code == 0:
                shown = Shown(
                    to=entry.recipient_no,
                    country="82",
                    sender=text.resend_send_no,
                    said=said,
                    via="nhn",
                    text=text.resend_content,
                    subject=text.resend_title,
                    text_kind=text.resend_type,
                    falls_back=text.is_resend,
                    reference=entry.recipient_grouping_key,
                    group=request_id,
                )
                show(shown, world, memory)
            result = {"recipientSeq": place, "recipientNo": entry.recipient_no, "resultCode": code, "resultMessage": words}
            results.append(result | {"recipientGroupingKey": entry.recipient_grouping_key})
    return JSONResponse({"header": _FINE, "message": {"requestId": request_id, "sendResults": results}})


def _fault(entry: Recipient, said: str | None) -> tuple[int, str]:
    text = entry.resend_parameter
    if not is_reachable(entry.recipient_no):
        return INVALID_NUMBER, "Invalid recipientNo."
    if said is None:
        return NOT_FILLED, "NoMatchedTemplate"
    limit = LIMITS.get(text.resend_type, 0)
    if text.is_resend and not (is_sender(text.resend_send_no) and 1 <= (size(text.resend_content) or 0) <= limit):
        return INVALID_JSON, "Invalid resendParameter."
    return 0, "SUCCESS"


async def list_talk(request: Request) -> Response:
    """What went out between two minutes, by pages, and what became of the text that followed."""
    world: World = request.app.state.world
    query = request.query_params
    if not _known(request):
        return _refuse(INVALID_APP_KEY, "Invalid appKey.")
    try:
        between = [datetime.fromisoformat(query[name]).replace(tzinfo=KST) for name in ("startCreateDate", "endCreateDate")]
        number, many = int(query.get("pageNum", "1")), min(int(query.get("pageSize", "15")), 1000)
    except (KeyError, ValueError):
        return _refuse(INVALID_JSON, "Parameter validation failed.")
    texts = [one for one in world.memory.texts if one.via == "nhn" and between[0] <= one.at <= between[1]]
    followed = {(one.group, one.to): one.state for one in texts if one.kind != "talk"}
    mine = [one for one in texts if one.kind == "talk"]
    listed = [
        {
            "requestId": one.group,
            "messageStatus": STATUS.get(one.state, ""),
            "resendStatus": RESENT.get(followed.get((one.group, one.to), ""), "RSC01"),
            "recipientGroupingKey": one.reference or None,
        }
        for one in mine[(number - 1) * many : number * many]
    ]
    return JSONResponse({"header": _FINE, "messageSearchResultResponse": {"messages": listed, "totalCount": len(mine)}})


def _known(request: Request) -> bool:
    given = request.headers.get("x-secret-key", "")
    return request.path_params["app_key"] == APP_KEY and hmac.compare_digest(given.encode(), SECRET_KEY.encode())


def _refuse(code: int, words: str) -> JSONResponse:
    return JSONResponse({"header": {"isSuccessful": False, "resultCode": code, "resultMessage": words}, "message": None})


_FINE: Final = {"isSuccessful": True, "resultCode": 0, "resultMessage": "SUCCESS"}
STATUS: Final = {"delivered": "COMPLETED", "failed": "FAILED"}
RESENT: Final = {"delivered": "RSC04", "failed": "RSC05", "lost": "RSC03"}
KST: Final = timezone(timedelta(hours=9))
ORDER_LIMIT: Final = 4 * 1024 * 1024

ROUTES: Final = [
    Route("/alimtalk/v2.3/appkeys/{app_key}/messages", take_talk, methods=["POST"]),
    Route("/alimtalk/v2.3/appkeys/{app_key}/messages", list_talk),
]
