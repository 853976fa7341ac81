"""SMS by Naver Cloud's Simple & Easy Notification Service (SENS, SMS API v2)."""

import base64
import hashlib
import hmac
from typing import Final
from urllib.parse import quote

import httpx
import msgspec

from otpward.adapters.bounded import Answer, exchange
from otpward.adapters.notify.sms import kind_for, phone_number, sender_digits, subject_for
from otpward.core.errors import Invalid, Unavailable
from otpward.core.secret import Secret
from otpward.ports.notifier import Channel, Message, Sent
from otpward.ports.surroundings import Clock

ACCEPTED: Final = "202"
"""Both the HTTP status and, inside the answer, the status of the request."""

OURS_TO_REPAIR: Final = frozenset({401, 403, 404})
"""The key, the service or our clock is wrong; the message is not, and can go once that is put right."""


class _Taken(msgspec.Struct, rename="camel"):
    request_id: str
    status_code: str


class SensSmsNotifier:
    """Sends SMS, or LMS where the text is long, through Naver SENS. Logs nothing."""

    def __init__(
        self,
        base_url: str,
        service_id: str,
        access_key: str,
        secret_key: Secret,
        sender_number: str,
        http: httpx.Client,
        timeout: float,
        clock: Clock,
    ) -> None:
        self._url = httpx.URL(f"{base_url.rstrip('/')}/sms/v2/services/{quote(service_id, safe=':')}/messages")
        self._access_key = access_key
        self._secret_key = secret_key
        self._sender_number = sender_digits(sender_number)
        self._http = http
        self._timeout = timeout
        self._clock = clock

    def send(self, message: Message) -> Sent:
        """Hand the text to the gateway; it counts as sent only if the gateway says in both places that it took it."""
        if message.channel is not Channel.SMS:
            raise Invalid("this gateway carries SMS only", field="channel")
        number = phone_number(message.to)
        kind = kind_for(message.text, number)
        subject = subject_for(kind, message.subject)
        order = {
            "type": kind,
            "contentType": "COMM",
            "countryCode": str(number.country),
            "from": self._sender_number,
            "content": message.text,
            "messages": [{"to": number.digits}],
        }
        timestamp = str(int(self._clock.now().timestamp() * 1000))
        answer = exchange(
            self._http,
            "POST",
            str(self._url),
            timeout=self._timeout,
            headers={
                "Content-Type": "application/json; charset=utf-8",
                "x-ncp-apigw-timestamp": timestamp,
                "x-ncp-iam-access-key": self._access_key,
                "x-ncp-apigw-signature-v2": signature(
                    self._secret_key, self._url.raw_path.decode("ascii"), timestamp, self._access_key
                ),
            },
            content=msgspec.json.encode(order | ({"subject": subject} if subject else {})),
        )
        return Sent(provider_reference=read_answer(answer))


def signature(secret_key: Secret, path: str, timestamp: str, access_key: str) -> str:
    """Sign who asks for what and when (API Gateway signature v2): the path as it is sent, the time in milliseconds."""
    signed = f"POST {path}\n{timestamp}\n{access_key}".encode()
    return base64.b64encode(hmac.digest(secret_key.reveal(), signed, hashlib.sha256)).decode("ascii")


def read_answer(answer: Answer) -> str:
    """Return the gateway's request id if it took the message.

    Raises:
        Unavailable: the key, the service or our clock is wrong, or the answer says nothing.
        Invalid: this message is refused for good.
    """
    if answer.status in OURS_TO_REPAIR:
        raise Unavailable(f"the SMS gateway does not accept our key, address or time: {answer.status}")
    if answer.status >= 400:
        raise Invalid(f"the SMS gateway refused the message with {answer.status}")
    try:
        taken = msgspec.json.decode(answer.body, type=_Taken)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Unavailable("the SMS gateway's answer cannot be read") from None
    if str(answer.status) != ACCEPTED or taken.status_code != ACCEPTED:
        raise Unavailable("the SMS gateway does not say that it took the message")
    return taken.request_id
