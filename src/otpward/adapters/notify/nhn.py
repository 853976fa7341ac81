"""SMS by NHN Cloud (api-sms v3.0)."""

from typing import Final
from urllib.parse import quote

import httpx
import msgspec

from otpward.adapters.bounded import exchange
from otpward.adapters.notify.sms import SMS_BYTES, phone_number, sender_digits, size
from otpward.core.errors import Invalid, Unavailable
from otpward.core.secret import Secret
from otpward.ports.notifier import Channel, Message, Sent

AUTH_WORDS: Final = ("인증", "비밀번호", "auth", "password", "verify")
"""The quick route takes a text only if one of these is in it. v2.4 took "verif" too, v3.0 asks for the whole word."""

ACCOUNT_FAULTS: Final = frozenset({-1000, -1001, -1002, -1003, -1004, -9998})
"""Key, address or path is wrong: ours to repair, and then the same message can go."""

PASSING_FAULTS: Final = frozenset({-9999, -2021})
"""The gateway failed inside, or could not queue."""


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


class _Answer(msgspec.Struct):
    header: _Header
    body: _Body | None = None


class NhnSmsNotifier:
    """Sends SMS through NHN Cloud; a text with a code goes by the route for authentication. Logs nothing."""

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
        check_text(message.text, carries_code=message.carries_code)
        order = {"body": message.text, "sendNo": self._sender_number, "recipientList": [recipient(message.to)]}
        answer = exchange(
            self._http,
            "POST",
            self._base + ("/auth/sms" if message.carries_code else "/sms"),
            timeout=self._timeout,
            headers={
                "Content-Type": "application/json;charset=UTF-8",
                "X-Secret-Key": self._secret_key.reveal().decode("ascii"),
            },
            content=msgspec.json.encode(order),
        )
        if answer.status in (401, 403, 404):
            raise Unavailable("the SMS gateway does not accept our key or address")
        if answer.status >= 400:
            raise Invalid(f"the SMS gateway refused the message with {answer.status}")
        return Sent(provider_reference=read_answer(answer.body))


def check_text(text: str, *, carries_code: bool) -> None:
    """Refuse what the carrier would cut or garble, before it costs anything."""
    octets = size(text)
    if not text.strip() or octets > SMS_BYTES:
        raise Invalid(f"an SMS holds 1 to {SMS_BYTES} bytes", field="text")
    if carries_code and not any(word in text.lower() for word in AUTH_WORDS):
        raise Invalid("a text with a code must name what the code is for", field="text")


def recipient(to: str) -> dict[str, str]:
    """The number as the gateway wants it; a country is named only where it is not Korea."""
    number = phone_number(to)
    return {"recipientNo": number.digits, **({"countryCode": str(number.country)} if number.abroad else {})}


def read_answer(body: bytes) -> str:
    """Return the gateway's request id if the header and every single result say yes."""
    try:
        answer = msgspec.json.decode(body, type=_Answer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Unavailable("the SMS gateway's answer cannot be read") from None
    if not answer.header.is_successful:
        raise _refusal(answer.header.result_code)
    if answer.body is None or not answer.body.data.send_result_list:
        raise Unavailable("the SMS gateway's answer names no result")
    for result in answer.body.data.send_result_list:
        if result.result_code != 0:
            raise _refusal(result.result_code)
    return answer.body.data.request_id


def _refusal(result_code: int) -> Invalid | Unavailable:
    if result_code in ACCOUNT_FAULTS | PASSING_FAULTS:
        return Unavailable(f"the SMS gateway cannot send now: {result_code}")
    return Invalid(f"the SMS gateway refused the message: {result_code}")
