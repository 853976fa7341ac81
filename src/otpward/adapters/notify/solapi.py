"""SMS by Solapi (CoolSMS), messages v4."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import httpx
import msgspec

from otpward.adapters.bounded import ANSWER_LIMIT, Answer, exchange
from otpward.adapters.notify.sms import kind_for, phone_number, sender_digits, subject_for
from otpward.core.errors import Invalid, Unavailable, Unsure
from otpward.core.secret import Secret
from otpward.ports.notifier import Arrival, Channel, Message, Question, Refused, Report, Sent
from otpward.ports.surroundings import Clock, Entropy

SALT_OCTETS: Final = 16
"""32 letters of hex; the gateway takes 12 to 64, and no signature twice within 15 minutes."""

ACCOUNT_FAULTS: Final = frozenset({"1020", "1030", "1062", "2062", "2063", "2230"})
"""Account, balance or registered sender: ours to repair, and then the same message can go."""

PASSING_FAULTS: Final = frozenset({"1024", "2024", "3012", "3024"})
"""A server of theirs failed inside."""

EMPTY_PURSE: Final = "NotEnoughBalance"
"""The whole request is refused with it where nothing can be paid (unverified: under which HTTP status)."""

STATUS_DIGITS: Final = 4

MANY: Final = 500
"""In one call; the gateway takes 10,000, but so many are a minute of work to lose."""

ARRIVED: Final = "4000"
UNDERWAY: Final = frozenset({"2000", "3000"})
"""Taken, and taken by the carrier; every other code is a failure."""

PAGE: Final = 500
PAGES: Final = 40
AROUND: Final = timedelta(minutes=2)
"""How far the gateway's clock may be from ours."""
LIST_LIMIT: Final = 4 * 1024 * 1024


class _Count(msgspec.Struct, rename="camel"):
    total: int
    registered_failed: int


class _Group(msgspec.Struct, rename="camel"):
    group_id: str
    count: _Count


class _Failed(msgspec.Struct, rename="camel"):
    status_code: str
    custom_fields: dict[str, str] = {}


class _Taken(msgspec.Struct, rename="camel"):
    group_info: _Group
    failed_message_list: list[_Failed]


class Listed(msgspec.Struct, rename="camel"):
    """One message of the gateway's list."""

    type: str = ""
    status_code: str = ""
    group_id: str = ""
    custom_fields: dict[str, str] = {}


class _List(msgspec.Struct, rename="camel"):
    message_list: dict[str, Listed]
    next_key: str | None = None


class _Refused(msgspec.Struct, rename="camel"):
    error_code: str


class SolapiSmsNotifier:
    """Sends SMS, or LMS where the text is long, through Solapi. Our reference goes along in `customFields`, by which the
    gateway can be asked whether it has a message (it refuses no second one under it). Logs nothing."""

    most = MANY
    knows_ours = True

    def __init__(
        self,
        base_url: str,
        api_key: str,
        api_secret: Secret,
        sender_number: str,
        http: httpx.Client,
        timeout: float,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._url = f"{base_url.rstrip('/')}/messages/v4/send-many/detail"
        self._list_url = f"{base_url.rstrip('/')}/messages/v4/list"
        self._api_key = api_key
        self._api_secret = api_secret
        self._sender_number = sender_digits(sender_number)
        self._http = http
        self._timeout = timeout
        self._clock = clock
        self._entropy = entropy

    def send(self, message: Message) -> Sent:
        """Hand the text to the gateway; it counts as sent only if the gateway counted it and named no failure."""
        return Sent(provider_reference=read_answer(self._post([self._entry(message)])))

    def send_many(self, messages: Sequence[Message]) -> list[Sent | Refused]:
        """Hand many over in one call; what the gateway names as failed is refused, all others it took."""
        entries: dict[str, dict[str, object]] = {}
        refused: dict[str, Refused] = {}
        for message in messages:
            try:
                entries[message.reference] = self._entry(message)
            except Invalid as error:
                refused[message.reference] = Refused(reason=str(error))
        group = ""
        if entries:
            group, failed = read_many(self._post(list(entries.values())), len(entries))
            refused |= {reference: Refused(reason=code) for reference, code in failed.items()}
        return [refused.get(one.reference) or Sent(provider_reference=group) for one in messages]

    def ask_after(self, questions: Sequence[Question]) -> Mapping[str, Report]:
        """What became of these, looked up among all that went out around that time."""
        wanted = {one.reference for one in questions}
        found: dict[str, Report] = {}
        groups = {one.provider_reference for one in questions}
        if "" in groups:
            first, last = min(one.sent_at for one in questions), max(one.sent_at for one in questions)
            times = {"startDate": _moment(first - AROUND), "endDate": _moment(last + AROUND), "dateType": "CREATED"}
            self._walk(times, wanted, found)
        for group in sorted(groups - {""}):
            self._walk({"groupId": group}, wanted, found)
        return found

    def _walk(self, among: Mapping[str, str], wanted: set[str], found: dict[str, Report]) -> None:
        key = ""
        for _ in range(PAGES):
            answer = exchange(
                self._http,
                "GET",
                self._list_url,
                timeout=self._timeout,
                params={**among, "limit": str(PAGE), **({"startKey": key} if key else {})},
                headers={"Authorization": self._authorization()},
                limit=LIST_LIMIT,
            )
            page = read_list(answer)
            for listed in page.message_list.values():
                reference = listed.custom_fields.get("reference", "")
                if reference in wanted:
                    said = Report(provider_reference=listed.group_id, arrival=self._arrival(listed))
                    found[reference] = better(said, found.get(reference))
            key = page.next_key or ""
            if not key:
                return
        raise Unavailable("the SMS gateway's list does not end")

    def _arrival(self, listed: "Listed") -> Arrival:
        return arrival_of(listed.status_code)

    def _entry(self, message: Message) -> dict[str, object]:
        if message.channel is not Channel.SMS:
            raise Invalid("this gateway carries SMS only", field="channel")
        return self._text(message)

    def _text(self, message: Message) -> dict[str, object]:
        number = phone_number(message.to)
        kind = kind_for(message.text, number)
        entry: dict[str, object] = {"to": number.digits, "from": self._sender_number, "text": message.text, "type": kind}
        if number.abroad:
            entry["country"] = str(number.country)
        if subject := subject_for(kind, message.subject):
            entry["subject"] = subject
        if message.reference:
            entry["customFields"] = {"reference": message.reference}
        return entry

    def _post(self, entries: Sequence[Mapping[str, object]]) -> Answer:
        return exchange(
            self._http,
            "POST",
            self._url,
            timeout=self._timeout,
            headers={"Content-Type": "application/json; charset=utf-8", "Authorization": self._authorization()},
            content=msgspec.json.encode({"messages": entries}),
            limit=LIST_LIMIT if len(entries) > 1 else ANSWER_LIMIT,
        )

    def _authorization(self) -> str:
        date = self._clock.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return authorization(self._api_key, self._api_secret, date, self._entropy.octets(SALT_OCTETS).hex())


def signature(api_secret: Secret, date: str, salt: str) -> str:
    """Sign the moment and the salt. The body is not signed: what protects it is TLS."""
    return hmac.digest(api_secret.reveal(), f"{date}{salt}".encode(), hashlib.sha256).hex()


def authorization(api_key: str, api_secret: Secret, date: str, salt: str) -> str:
    """The header that goes with one request, and with no other."""
    return f"HMAC-SHA256 ApiKey={api_key}, Date={date}, salt={salt}, signature={signature(api_secret, date, salt)}"


def read_answer(answer: Answer) -> str:
    """Return the gateway's group id if it took the message.

    Raises:
        Unavailable: the key, the purse or our clock is wrong, or a server failed.
        Unsure: the answer says nothing.
        Invalid: this message is refused for good.
    """
    taken = _read(answer)
    for failed in taken.failed_message_list:
        raise _refusal(failed.status_code)
    if taken.group_info.count.total != 1 or taken.group_info.count.registered_failed != 0:
        raise Unsure("the SMS gateway does not say that it took the message")
    return taken.group_info.group_id


def read_many(answer: Answer, sent: int) -> tuple[str, dict[str, str]]:
    """The gateway's group id, and which of ours it did not take, with the code that says why.

    Raises:
        Unavailable: as `read_answer`.
        Unsure: the numbers do not add up, or a failure cannot be told apart.
        Invalid: the whole call is refused for good.
    """
    taken = _read(answer)
    failed = {one.custom_fields.get("reference", ""): one.status_code for one in taken.failed_message_list}
    count = taken.group_info.count
    if count.total != sent or count.registered_failed != len(failed) or "" in failed:
        raise Unsure("the SMS gateway does not say what it took")
    return taken.group_info.group_id, failed


def read_list(answer: Answer) -> _List:
    """A page of what went out; raises `Unavailable`."""
    if answer.status != 200:
        raise Unavailable(f"the SMS gateway does not tell what it sent: {answer.status}")
    try:
        return msgspec.json.decode(answer.body, type=_List)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Unavailable("the SMS gateway's list cannot be read") from None


def arrival_of(status_code: str) -> Arrival:
    """What a status code says."""
    if status_code == ARRIVED:
        return Arrival.DELIVERED
    return Arrival.UNDERWAY if status_code in UNDERWAY else Arrival.FAILED


def better(one: Report, other: Report | None) -> Report:
    """Of two that the gateway made of one of ours (a text where KakaoTalk failed), the one that came further."""
    order = (Arrival.FAILED, Arrival.UNDERWAY, Arrival.DELIVERED)
    return one if other is None or order.index(one.arrival) > order.index(other.arrival) else other


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _read(answer: Answer) -> _Taken:
    if answer.status in (401, 402, 403, 404):
        raise Unavailable(f"the SMS gateway does not accept our key, address or time: {answer.status}")
    if answer.status >= 400:
        if _error_code(answer.body) == EMPTY_PURSE:
            raise Unavailable("the SMS gateway's account is empty")
        raise Invalid(f"the SMS gateway refused the message with {answer.status}")
    try:
        return msgspec.json.decode(answer.body, type=_Taken)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Unsure("the SMS gateway's answer cannot be read") from None


def _refusal(status_code: str) -> Invalid | Unavailable:
    known = status_code if status_code.isascii() and status_code.isdigit() and len(status_code) == STATUS_DIGITS else "?"
    if known in ACCOUNT_FAULTS | PASSING_FAULTS:
        return Unavailable(f"the SMS gateway cannot send now: {known}")
    return Invalid(f"the SMS gateway refused the message: {known}")


def _error_code(body: bytes) -> str:
    try:
        return msgspec.json.decode(body, type=_Refused).error_code
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
