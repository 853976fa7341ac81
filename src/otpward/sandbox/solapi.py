"""Solapi at its own path: believes a signature once and within a quarter of an hour, then takes texts by Solapi's rules."""

import hashlib
import hmac
import re
from datetime import datetime, timedelta
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from otpward.sandbox import asked, talk
from otpward.sandbox.airwaves import (
    LIMITS,
    LMS_BYTES,
    SMS_BYTES,
    SUBJECT_BYTES,
    fate,
    international,
    is_number,
    is_reachable,
    is_sender,
    size,
    trouble,
)
from otpward.sandbox.world import Text, World

API_KEY: Final = "sandbox-api-key"
API_SECRET: Final = "not-a-secret"

CLOCK_OFF: Final = timedelta(minutes=15)
MESSAGES: Final = 10_000
ORDER_LIMIT: Final = 16 * 1024 * 1024
_AUTHORIZATION: Final = re.compile(
    r"HMAC-SHA256 apiKey=(?P<key>[^\s,]+), ?date=(?P<date>[^\s,]+), ?"
    r"salt=(?P<salt>[^\s,]{12,64}), ?signature=(?P<sign>[0-9a-f]{64})",
    re.IGNORECASE | re.ASCII,
)
"""Their guides write `apiKey` and `ApiKey`, `date` and `Date`; both are taken."""

MISSING, FORMAT, SUBJECT, LONG_SUBJECT, TYPE, CHARACTER, LENGTH, BLOCKED = (
    "1010",
    "1011",
    "1013",
    "1014",
    "1025",
    "1029",
    "1031",
    "1060",
)
TALK: Final = "ATA"
NOT_FILLED: Final = "3016"
"""KakaoTalk's own word for what matches no template (unverified: Solapi's number for it)."""


class Talk(msgspec.Struct, rename="camel"):
    """`kakaoOptions`: the template, what stands in it, and whether the text may follow."""

    pf_id: str = ""
    template_id: str = ""
    variables: dict[str, str] = {}
    disable_sms: bool = False

    @property
    def values(self) -> dict[str, str]:
        """By their names alone."""
        return {name.removeprefix("#{").removesuffix("}"): value for name, value in self.variables.items()}


class Entry(msgspec.Struct, rename={"sender": "from", "custom_fields": "customFields", "kakao_options": "kakaoOptions"}):
    """One entry of `messages`."""

    to: str
    sender: str
    text: str = ""
    type: str = ""
    subject: str = ""
    country: str = "82"
    custom_fields: dict[str, str] = {}
    kakao_options: Talk | None = None

    @property
    def kind(self) -> str:
        """The kind asked for; left out, it follows from the text's length."""
        return self.type.upper() or ("SMS" if (size(self.text) or 0) <= SMS_BYTES and not self.subject else "LMS")


class Order(msgspec.Struct):
    """What the gateway is asked to send."""

    messages: list[Entry]


async def take_texts(request: Request) -> Response:
    """Take messages as Solapi does: 200, and what was not taken in a list of its own."""
    world: World = request.app.state.world
    refusal = _signature_fault(request.headers.get("authorization", ""), world)
    if refusal:
        return _refuse(403, refusal)
    try:
        order = msgspec.json.decode(await asked.body(request, limit=ORDER_LIMIT), type=Order)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _refuse(400, "ValidationError")
    if not 1 <= len(order.messages) <= MESSAGES:
        return _refuse(400, "ValidationError")
    if (answer := await trouble(world, [entry.to for entry in order.messages])) is not None:
        return answer
    return _accept(world, order)


def _signature_fault(header: str, world: World) -> str:
    """The name of what is wrong with the authorization; empty, and the signature is used up, if nothing is."""
    given = _AUTHORIZATION.fullmatch(header)
    if given is None:
        return "Unauthorized"
    if not hmac.compare_digest(given["key"].encode(), API_KEY.encode()):
        return "InvalidAPIKey"
    try:
        date = datetime.fromisoformat(given["date"])
        late = abs(world.now() - date)
    except (ValueError, TypeError, OverflowError):
        return "InvalidDateTime"
    if late > CLOCK_OFF:
        return "RequestTimeTooSkewed"
    expected = hmac.digest(API_SECRET.encode(), f"{given['date']}{given['salt']}".encode(), hashlib.sha256).hex()
    if not hmac.compare_digest(given["sign"].encode(), expected.encode()):
        return "SignatureDoesNotMatch"
    return "" if _used_now(given["sign"], date, world) else "DuplicatedSignature"


def _used_now(signature: str, date: datetime, world: World) -> bool:
    """Use this signature up; False if it was. It is remembered until its own time is over, not only for a while from now:
    one dated ahead lives longer."""
    for old in [one for one, until in world.used_signatures.items() if until < world.now()]:
        del world.used_signatures[old]
    if signature in world.used_signatures:
        return False
    world.used_signatures[signature] = date + CLOCK_OFF
    return True


def _fault(entry: Entry) -> str:
    """The status code of the rule that is broken; empty if none is."""
    octets, limit = size(entry.text), LMS_BYTES if entry.kind == TALK else LIMITS.get(entry.kind)
    rules = (
        (MISSING, bool(entry.to and entry.sender and entry.text)),
        (FORMAT, is_number(entry.to) and is_sender(entry.sender) and is_number(entry.country)),
        (TYPE, limit is not None),
        (CHARACTER, octets is not None),
        (LENGTH, octets in range((limit or 0) + 1)),
        (SUBJECT, not entry.subject or entry.kind != "SMS"),
        (LONG_SUBJECT, size(entry.subject) in range(SUBJECT_BYTES + 1)),
        (BLOCKED, is_reachable(entry.to)),
    )
    return next((code for code, kept in rules if not kept), "")


def _said(entry: Entry, world: World) -> str | None:
    """The template filled in; None where it is not known or something is missing; empty for a text."""
    if entry.kind != TALK:
        return ""
    told = entry.kakao_options
    template = talk.template_of(world, told.template_id) if told is not None and told.pf_id == talk.CHANNEL_ID else None
    return talk.filled(template, told.values) if told is not None and template else None


def _shown(entry: Entry, told: Talk, said: str, group: str) -> talk.Shown:
    return talk.Shown(
        to=entry.to,
        country=entry.country,
        sender=entry.sender,
        said=said,
        via="solapi",
        text=entry.text,
        subject=entry.subject,
        text_kind="SMS" if (size(entry.text) or 0) <= SMS_BYTES else "LMS",
        falls_back=not told.disable_sms,
        reference=entry.custom_fields.get("reference", ""),
        group=group,
    )


def _accept(world: World, order: Order) -> JSONResponse:
    failed = []
    with world.changing() as memory:
        group_id = f"G4V{world.now():%Y%m%d%H%M%S}{memory.next_id():016d}"
        for entry in order.messages:
            said = _said(entry, world)
            if code := _fault(entry) or ("" if said is not None else NOT_FILLED):
                parts = {
                    "to": entry.to,
                    "from": entry.sender,
                    "type": entry.kind,
                    "country": entry.country,
                    "customFields": entry.custom_fields,
                }
                failed.append({**parts, "statusCode": code, "statusMessage": "not taken"})
                continue
            if entry.kind == TALK and entry.kakao_options is not None and said:
                talk.show(_shown(entry, entry.kakao_options, said, group_id), world, memory)
                continue
            memory.texts.append(
                Text(
                    id=memory.next_id(),
                    to=international(entry.country, entry.to),
                    sender=entry.sender,
                    subject=entry.subject,
                    text=entry.text,
                    kind=entry.kind.lower(),
                    via="solapi",
                    at=world.now(),
                    reference=entry.custom_fields.get("reference", ""),
                    group=group_id,
                    state=fate(entry.to),
                )
            )
    total = len(order.messages)
    count = {"total": total, "registeredFailed": len(failed), "registeredSuccess": total - len(failed)}
    return JSONResponse({"groupInfo": {"groupId": group_id, "count": count}, "failedMessageList": failed})


async def list_texts(request: Request) -> Response:
    """What went out: of one call (`groupId`), or between two moments; by pages, the newest last."""
    world: World = request.app.state.world
    refusal = _signature_fault(request.headers.get("authorization", ""), world)
    if refusal:
        return _refuse(403, refusal)
    query = request.query_params
    try:
        limit, start = int(query.get("limit", "20")), int(query.get("startKey", "0"))
        between = [datetime.fromisoformat(query[name]) for name in ("startDate", "endDate") if name in query]
    except ValueError:
        return _refuse(400, "ValidationError")
    mine = [text for text in world.memory.texts if text.via == "solapi" and text.id > start]
    if "groupId" in query:
        mine = [text for text in mine if text.group == query["groupId"]]
    if len(between) == 2:
        mine = [text for text in mine if between[0] <= text.at <= between[1]]
    page = mine[: min(limit, 500)]
    listed = {
        f"M4V{text.id:020d}": {
            "groupId": text.group,
            "to": text.to,
            "type": TALK if text.kind == "talk" else text.kind.upper(),
            "statusCode": STATUS[text.state],
            "customFields": {"reference": text.reference} if text.reference else {},
        }
        for text in page
    }
    return JSONResponse({"messageList": listed, "nextKey": str(page[-1].id) if len(mine) > len(page) else None})


STATUS: Final = {"underway": "3000", "lost": "3000", "delivered": "4000", "failed": "3102"}


def _refuse(status: int, code: str) -> JSONResponse:
    return JSONResponse({"errorCode": code, "errorMessage": "not taken"}, status)


ROUTES: Final = [
    Route("/messages/v4/send-many/detail", take_texts, methods=["POST"]),
    Route("/messages/v4/list", list_texts),
]
