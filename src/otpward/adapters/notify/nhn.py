"""SMS by NHN Cloud (api-sms v3.0)."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from typing import Final
from urllib.parse import quote

import httpx
import msgspec

from otpward.adapters.bounded import ANSWER_LIMIT, exchange
from otpward.adapters.notify.sms import SMS_BYTES, Kind, kind_for, phone_number, sender_digits, size, subject_for
from otpward.core.errors import Invalid, Unavailable, Unsure
from otpward.core.secret import Secret
from otpward.ports.notifier import Arrival, Channel, Message, Question, Refused, Report, Sent

AUTH_WORDS: Final = ("인증", "비밀번호", "auth", "password", "verify")
"""The quick route takes a text only if one of these is in it. v2.4 took "verif" too, v3.0 asks for the whole word."""

ACCOUNT_FAULTS: Final = frozenset({-1000, -1001, -1002, -1003, -1004, -9998})
"""Key, address or path is wrong: ours to repair, and then the same message can go."""

PASSING_FAULTS: Final = frozenset({-9999, -2021})
"""The gateway failed inside, or could not queue."""


MANY: Final = 500
AT_ONCE: Final = 16
"""Calls under way together, where each text has words of its own; as many connections are kept open."""
RECIPIENTS: Final = 1000
PAGE: Final = 1000
PAGES: Final = 40
AROUND: Final = timedelta(minutes=2)
"""How far the gateway's clock may be from ours."""
LIST_LIMIT: Final = 4 * 1024 * 1024
_KST: Final = timezone(timedelta(hours=9))
_ARRIVALS: Final = {"3": Arrival.DELIVERED, "0": Arrival.FAILED, "4": Arrival.FAILED, "5": Arrival.FAILED}
"""`msgStatus`: 0 failed, 1 asked for, 2 under way, 3 arrived, 4 cancelled, 5 a double."""


class _Header(msgspec.Struct, rename="camel"):
    is_successful: bool
    result_code: int


class _Result(msgspec.Struct, rename="camel"):
    result_code: int


class _Data(msgspec.Struct, rename="camel"):
    request_id: str
    send_result_list: list[_Result]


class _Body(msgspec.Struct):
    data: _Data


class _Listed(msgspec.Struct, rename="camel"):
    request_id: str
    msg_status: str = ""
    recipient_grouping_key: str | None = None


class _Page(msgspec.Struct, rename="camel"):
    total_count: int
    data: list[_Listed]


class _List(msgspec.Struct):
    header: _Header
    body: _Page | None = None


class _Answer(msgspec.Struct):
    header: _Header
    body: _Body | None = None


class NhnSmsNotifier:
    """Sends SMS, or LMS where the text is long, through NHN Cloud; a text with a code goes by the route for authentication. Our
    reference goes along as `recipientGroupingKey`, by which a message is found again. Logs nothing."""

    most = MANY
    knows_ours = True

    def __init__(
        self,
        base_url: str,
        app_key: str,
        secret_key: Secret,
        sender_number: str,
        http: httpx.Client,
        timeout: float,
    ) -> None:
        self._base = f"{base_url.rstrip('/')}/sms/v3.0/appKeys/{quote(app_key, safe='')}/sender"
        self._secret_key = secret_key
        self._sender_number = sender_digits(sender_number)
        self._http = http
        self._timeout = timeout

    def send(self, message: Message) -> Sent:
        """Hand the text to the gateway; it counts as sent only if the gateway took it for the recipient too."""
        if message.channel is not Channel.SMS:
            raise Invalid("this gateway carries SMS only", field="channel")
        return Sent(provider_reference=read_answer(self._post([message])))

    def send_many(self, messages: Sequence[Message]) -> list[Sent | Refused | Unavailable]:
        """Hand many over: those with the same words in one call, since this gateway takes one text for many recipients (it puts
        in values of each only where the text is a template that was registered with it). Calls go out side by side; each says
        for itself what became of its texts."""
        alike: dict[tuple[str, str, bool], list[Message]] = {}
        for message in messages:
            alike.setdefault((message.text, message.subject, message.carries_code), []).append(message)
        parts = [group[at : at + RECIPIENTS] for group in alike.values() for at in range(0, len(group), RECIPIENTS)]
        said: dict[str, Sent | Refused | Unavailable] = {}
        with ThreadPoolExecutor(min(AT_ONCE, max(1, len(parts))), thread_name_prefix="nhn") as side_by_side:
            for some in side_by_side.map(self._send_alike, parts):
                said |= some
        return [said[one.reference] for one in messages]

    def ask_after(self, questions: Sequence[Question]) -> Mapping[str, Report]:
        """What became of these, looked up among all that went out around that time, short and long."""
        first, last = min(one.sent_at for one in questions), max(one.sent_at for one in questions)
        between = {"startCreateDate": _local(first - AROUND), "endCreateDate": _local(last + AROUND)}
        wanted = {one.reference for one in questions}
        found: dict[str, Report] = {}
        for kind in ("sms", "mms"):
            for number in range(1, PAGES + 1):
                page = self._page(kind, {**between, "pageNum": str(number), "pageSize": str(PAGE)})
                for one in page.data:
                    if one.recipient_grouping_key in wanted:
                        arrival = _ARRIVALS.get(one.msg_status, Arrival.UNDERWAY)
                        found[str(one.recipient_grouping_key)] = Report(provider_reference=one.request_id, arrival=arrival)
                if number * PAGE >= page.total_count:
                    break
            else:
                raise Unavailable("the SMS gateway's list does not end")
        return found

    def _send_alike(self, group: Sequence[Message]) -> dict[str, Sent | Refused | Unavailable]:
        try:
            request_id, codes = read_many(self._post(group), len(group))
        except Invalid as error:
            if len(group) > 1:  # one of them, and each is asked for by itself
                return {key: one for message in group for key, one in self._send_alike([message]).items()}
            return {group[0].reference: Refused(reason=str(error))}
        except Unavailable as error:
            return {message.reference: error for message in group}
        return {
            message.reference: Sent(provider_reference=request_id) if code == 0 else _told(code)
            for message, code in zip(group, codes, strict=True)
        }

    def _post(self, group: Sequence[Message]) -> bytes:
        """The answer to one text for these recipients."""
        message = group[0]
        kind = check_text(message)
        order: dict[str, object] = {"body": message.text, "sendNo": self._sender_number}
        order["recipientList"] = [
            {**recipient(one.to), **({"recipientGroupingKey": one.reference} if one.reference else {})} for one in group
        ]
        if kind is Kind.LMS:
            order["title"] = subject_for(kind, message.subject)
        where = "/auth/sms" if message.carries_code else "/mms" if kind is Kind.LMS else "/sms"
        answer = exchange(
            self._http,
            "POST",
            self._base + where,
            timeout=self._timeout,
            headers={"Content-Type": "application/json;charset=UTF-8", **self._key()},
            content=msgspec.json.encode(order),
            limit=LIST_LIMIT if len(group) > 1 else ANSWER_LIMIT,
        )
        if answer.status in (401, 403, 404):
            raise Unavailable("the SMS gateway does not accept our key or address")
        if answer.status >= 400:
            raise Invalid(f"the SMS gateway refused the message with {answer.status}")
        return answer.body

    def _page(self, kind: str, query: Mapping[str, str]) -> _Page:
        answer = exchange(
            self._http,
            "GET",
            f"{self._base}/{kind}",
            timeout=self._timeout,
            params=query,
            headers=self._key(),
            limit=LIST_LIMIT,
        )
        try:
            listed = msgspec.json.decode(answer.body, type=_List)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise Unavailable("the SMS gateway's list cannot be read") from None
        if answer.status != 200 or not listed.header.is_successful or listed.body is None:
            raise Unavailable("the SMS gateway does not tell what it sent")
        return listed.body

    def _key(self) -> dict[str, str]:
        return {"X-Secret-Key": self._secret_key.reveal().decode("ascii")}


def check_text(message: Message) -> Kind:
    """The kind that the text goes as; refuses what the carrier would cut or garble, before it costs anything."""
    if message.carries_code and (not message.text.strip() or size(message.text) > SMS_BYTES):
        raise Invalid(f"an SMS holds 1 to {SMS_BYTES} bytes", field="text")
    if message.carries_code and not any(word in message.text.lower() for word in AUTH_WORDS):
        raise Invalid("a text with a code must name what the code is for", field="text")
    return kind_for(message.text, phone_number(message.to))


def recipient(to: str) -> dict[str, str]:
    """The number as the gateway wants it; a country is named only where it is not Korea."""
    number = phone_number(to)
    return {"recipientNo": number.digits, **({"countryCode": str(number.country)} if number.abroad else {})}


def read_answer(body: bytes) -> str:
    """Return the gateway's request id if the header and every single result say yes."""
    data = _read(body)
    for result in data.send_result_list:
        if result.result_code != 0:
            raise _refusal(result.result_code)
    return data.request_id


def read_many(body: bytes, sent: int) -> tuple[str, list[int]]:
    """The gateway's request id and the code of each recipient, in order; raises as `read_answer` for the whole call."""
    data = _read(body)
    if len(data.send_result_list) != sent:
        raise Unsure("the SMS gateway does not say what it took")
    return data.request_id, [result.result_code for result in data.send_result_list]


def _read(body: bytes) -> _Data:
    try:
        answer = msgspec.json.decode(body, type=_Answer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Unsure("the SMS gateway's answer cannot be read") from None
    if not answer.header.is_successful:
        raise _refusal(answer.header.result_code)
    if answer.body is None or not answer.body.data.send_result_list:
        raise Unsure("the SMS gateway's answer names no result")
    return answer.body.data


def _told(code: int) -> Refused | Unavailable:
    fault = _refusal(code)
    return fault if isinstance(fault, Unavailable) else Refused(reason=str(fault))


def _local(at: datetime) -> str:
    return at.astimezone(_KST).strftime("%Y-%m-%d %H:%M:%S")


def _refusal(result_code: int) -> Invalid | Unavailable:
    if result_code in ACCOUNT_FAULTS | PASSING_FAULTS:
        return Unavailable(f"the SMS gateway cannot send now: {result_code}")
    return Invalid(f"the SMS gateway refused the message: {result_code}")
