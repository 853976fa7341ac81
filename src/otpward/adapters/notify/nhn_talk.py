"""KakaoTalk's AlimTalk by NHN Cloud (KakaoTalk Bizmessage v2.3): a template that was approved, filled in for each recipient."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Final
from urllib.parse import quote

import httpx
import msgspec

from otpward.adapters.bounded import exchange
from otpward.adapters.notify.sms import kind_for, phone_number, sender_digits, subject_for
from otpward.core.errors import Invalid, Unavailable, Unsure
from otpward.core.secret import Secret
from otpward.ports.notifier import Arrival, Channel, Message, Question, Refused, Report, Sent

ACCOUNT_FAULTS: Final = frozenset({-1000, -1001, -1002, -1003, -1006, -1014, -1017, -1027, -2017})
"""Key, sender or channel is wrong, or the day's volume is over: ours to repair, and then the same message can go."""
MANY: Final = 1000
PAGE: Final = 1000
PAGES: Final = 40
AROUND: Final = timedelta(minutes=3)
"""How far the gateway's clock may be from ours; it is asked in whole minutes."""
LIST_LIMIT: Final = 8 * 1024 * 1024
_KST: Final = timezone(timedelta(hours=9))
_ARRIVALS: Final = {"COMPLETED": Arrival.DELIVERED, "FAILED": Arrival.FAILED, "CANCEL": Arrival.FAILED}
_RESENT: Final = {
    "RSC02": Arrival.UNDERWAY,
    "RSC03": Arrival.UNDERWAY,
    "RSC04": Arrival.DELIVERED,
    "RSC05": Arrival.FAILED,
}
"""`resendStatus` of the text that follows: meant to go, under way, gone, failed; RSC01 is none."""


class _Header(msgspec.Struct, rename="camel"):
    is_successful: bool
    result_code: int


class _Result(msgspec.Struct, rename="camel"):
    result_code: int


class _Taken(msgspec.Struct, rename="camel"):
    request_id: str
    send_results: list[_Result]


class _Answer(msgspec.Struct):
    header: _Header
    message: _Taken | None = None


class _Listed(msgspec.Struct, rename="camel"):
    request_id: str
    message_status: str = ""
    resend_status: str = ""
    recipient_grouping_key: str | None = None


class _Page(msgspec.Struct, rename="camel"):
    total_count: int
    messages: list[_Listed]


class _List(msgspec.Struct, rename="camel"):
    header: _Header
    message_search_result_response: _Page | None = None


class NhnTalkNotifier:
    """Sends AlimTalk through NHN Cloud under one sender's key: up to a thousand in a call, each with values of its own. Our
    reference goes along as `recipientGroupingKey`. With `falls_back` the gateway sends the text where KakaoTalk does not show
    it; otherwise it says that it failed. Logs nothing."""

    most = MANY
    knows_ours = True

    def __init__(
        self,
        base_url: str,
        app_key: str,
        secret_key: Secret,
        sender_key: str,
        sender_number: str,
        http: httpx.Client,
        timeout: float,
        *,
        falls_back: bool = False,
    ) -> None:
        self._url = f"{base_url.rstrip('/')}/alimtalk/v2.3/appkeys/{quote(app_key, safe='')}/messages"
        self._secret_key = secret_key
        self._sender_key = sender_key
        self._sender_number = sender_digits(sender_number)
        self._http = http
        self._timeout = timeout
        self._falls_back = falls_back

    def send(self, message: Message) -> Sent:
        """Hand one over; it counts as sent only if the gateway took it for the recipient too."""
        answer = self.send_many([message])[0]
        if isinstance(answer, Refused):
            raise Invalid(answer.reason)
        if isinstance(answer, Unavailable):
            raise answer
        return answer

    def send_many(self, messages: Sequence[Message]) -> list[Sent | Refused | Unavailable]:
        """Hand many over, those of one template in one call."""
        said: dict[int, Sent | Refused | Unavailable] = {}
        groups: dict[str, list[tuple[int, dict[str, object]]]] = {}
        for place, message in enumerate(messages):
            try:
                groups.setdefault(message.talk_code, []).append((place, self._recipient(message)))
            except Invalid as error:
                said[place] = Refused(reason=str(error))
        for template, group in groups.items():
            answers = self._send_group(template, [entry for _, entry in group])
            said |= {place: answer for (place, _), answer in zip(group, answers, strict=True)}
        return [said[place] for place in range(len(messages))]

    def ask_after(self, questions: Sequence[Question]) -> Mapping[str, Report]:
        """What became of these, looked up among all that went out around that time."""
        first, last = min(one.sent_at for one in questions), max(one.sent_at for one in questions)
        between = {"startCreateDate": _local(first - AROUND), "endCreateDate": _local(last + AROUND)}
        wanted = {one.reference for one in questions}
        found: dict[str, Report] = {}
        for number in range(1, PAGES + 1):
            page = self._page({**between, "pageNum": str(number), "pageSize": str(PAGE)})
            for one in page.messages:
                if one.recipient_grouping_key in wanted:
                    said = Report(provider_reference=one.request_id, arrival=arrival_of(one))
                    found[str(one.recipient_grouping_key)] = said
            if number * PAGE >= page.total_count:
                return found
        raise Unavailable("the AlimTalk gateway's list does not end")

    def _recipient(self, message: Message) -> dict[str, object]:
        if message.channel is not Channel.TALK:
            raise Invalid("this gateway carries AlimTalk only", field="channel")
        number = phone_number(message.to)
        if number.abroad:
            raise Invalid("AlimTalk goes to numbers in Korea", field="to")
        kind = kind_for(message.text, number)
        text: dict[str, object] = {"isResend": self._falls_back}
        if self._falls_back:
            text |= {"resendType": kind, "resendContent": message.text, "resendSendNo": self._sender_number}
            if subject := subject_for(kind, message.subject):
                text["resendTitle"] = subject
        return {
            "recipientNo": number.digits,
            "templateParameter": dict(message.values),
            "resendParameter": text,
            **({"recipientGroupingKey": message.reference} if message.reference else {}),
        }

    def _send_group(self, template: str, entries: list[dict[str, object]]) -> list[Sent | Refused | Unavailable]:
        """What the gateway said of each; a template that it does not know is refused for all of them."""
        try:
            taken = self._post(template, entries)
        except Invalid as error:
            return [Refused(reason=str(error))] * len(entries)
        except Unavailable as error:
            return [error] * len(entries)
        sent = Sent(provider_reference=taken.request_id, falls_back=self._falls_back)
        return [sent if one.result_code == 0 else _told(one.result_code) for one in taken.send_results]

    def _post(self, template: str, entries: list[dict[str, object]]) -> _Taken:
        order = {"senderKey": self._sender_key, "templateCode": template, "recipientList": entries}
        answer = exchange(
            self._http,
            "POST",
            self._url,
            timeout=self._timeout,
            headers={"Content-Type": "application/json;charset=UTF-8", **self._key()},
            content=msgspec.json.encode(order),
            limit=LIST_LIMIT,
        )
        if answer.status in (401, 403, 404):
            raise Unavailable("the AlimTalk gateway does not accept our key or address")
        if answer.status >= 400:
            raise Invalid(f"the AlimTalk gateway refused the call with {answer.status}")
        try:
            said = msgspec.json.decode(answer.body, type=_Answer)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise Unsure("the AlimTalk gateway's answer cannot be read") from None
        if not said.header.is_successful:
            raise _fault(said.header.result_code)
        if said.message is None or len(said.message.send_results) != len(entries):
            raise Unsure("the AlimTalk gateway does not say what it took")
        return said.message

    def _page(self, query: Mapping[str, str]) -> _Page:
        answer = exchange(
            self._http, "GET", self._url, timeout=self._timeout, params=query, headers=self._key(), limit=LIST_LIMIT
        )
        try:
            listed = msgspec.json.decode(answer.body, type=_List)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise Unavailable("the AlimTalk gateway's list cannot be read") from None
        if not listed.header.is_successful or listed.message_search_result_response is None:
            raise Unavailable(f"the AlimTalk gateway does not tell what it sent: {listed.header.result_code}")
        return listed.message_search_result_response

    def _key(self) -> dict[str, str]:
        return {"X-Secret-Key": self._secret_key.reveal().decode("ascii")}


def arrival_of(listed: _Listed) -> Arrival:
    """How far it came: by KakaoTalk, or by the text that the gateway sent in its place."""
    arrival = _ARRIVALS.get(listed.message_status, Arrival.UNDERWAY)
    return _RESENT.get(listed.resend_status, arrival) if arrival is Arrival.FAILED else arrival


def _told(code: int) -> Refused | Unavailable:
    fault = _fault(code)
    return fault if isinstance(fault, Unavailable) else Refused(reason=str(fault))


def _fault(code: int) -> Invalid | Unavailable:
    if code in ACCOUNT_FAULTS:
        return Unavailable(f"the AlimTalk gateway cannot send now: {code}")
    return Invalid(f"the AlimTalk gateway refused the message: {code}")


def _local(at: datetime) -> str:
    return at.astimezone(_KST).strftime("%Y-%m-%d %H:%M")
