"""SMS by Solapi (CoolSMS), messages v4."""

import hashlib
import hmac
from datetime import UTC
from typing import Final

import httpx
import msgspec

from otpward.adapters.bounded import Answer, exchange
from otpward.adapters.notify.sms import kind_for, phone_number, sender_digits, subject_for
from otpward.core.errors import Invalid, Unavailable
from otpward.core.secret import Secret
from otpward.ports.notifier import Channel, Message, Sent
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


class _Count(msgspec.Struct, rename="camel"):
    total: int
    registered_failed: int


class _Group(msgspec.Struct, rename="camel"):
    group_id: str
    count: _Count


class _Failed(msgspec.Struct, rename="camel"):
    status_code: str


class _Taken(msgspec.Struct, rename="camel"):
    group_info: _Group
    failed_message_list: list[_Failed]


class _Refused(msgspec.Struct, rename="camel"):
    error_code: str


class SolapiSmsNotifier:
    """Sends SMS, or LMS where the text is long, through Solapi. Logs nothing."""

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
        self._api_key = api_key
        self._api_secret = api_secret
        self._sender_number = sender_digits(sender_number)
        self._http = http
        self._timeout = timeout
        self._clock = clock
        self._entropy = entropy

    def send(self, message: Message) -> Sent:
        """Hand the text to the gateway; it counts as sent only if the gateway counted it and named no failure."""
        if message.channel is not Channel.SMS:
            raise Invalid("this gateway carries SMS only", field="channel")
        number = phone_number(message.to)
        kind = kind_for(message.text, number)
        entry = {"to": number.digits, "from": self._sender_number, "text": message.text, "type": kind}
        if number.abroad:
            entry["country"] = str(number.country)
        if subject := subject_for(kind, message.subject):
            entry["subject"] = subject
        answer = exchange(
            self._http,
            "POST",
            self._url,
            timeout=self._timeout,
            headers={"Content-Type": "application/json; charset=utf-8", "Authorization": self._authorization()},
            content=msgspec.json.encode({"messages": [entry]}),
        )
        return Sent(provider_reference=read_answer(answer))

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
        Unavailable: the key, the purse or our clock is wrong, a server failed, or the answer says nothing.
        Invalid: this message is refused for good.
    """
    if answer.status in (401, 402, 403, 404):
        raise Unavailable(f"the SMS gateway does not accept our key, address or time: {answer.status}")
    if answer.status >= 400:
        if _error_code(answer.body) == EMPTY_PURSE:
            raise Unavailable("the SMS gateway's account is empty")
        raise Invalid(f"the SMS gateway refused the message with {answer.status}")
    try:
        taken = msgspec.json.decode(answer.body, type=_Taken)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Unavailable("the SMS gateway's answer cannot be read") from None
    for failed in taken.failed_message_list:
        raise _refusal(failed.status_code)
    if taken.group_info.count.total != 1 or taken.group_info.count.registered_failed != 0:
        raise Unavailable("the SMS gateway does not say that it took the message")
    return taken.group_info.group_id


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
