"""SMS by Naver Cloud's Simple & Easy Notification Service (SENS, SMS API v2)."""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import quote

import httpx
import msgspec

from otpward.adapters.bounded import Answer, exchange
from otpward.adapters.notify.sms import Kind, Number, kind_for, phone_number, sender_digits, subject_for
from otpward.core.errors import Invalid, Unavailable, Unsure
from otpward.core.secret import Secret
from otpward.ports.notifier import Channel, Message, Refused, Sent
from otpward.ports.surroundings import Clock

MANY: Final = 100
"""Recipients of one call."""

ACCEPTED: Final = "202"
"""Both the HTTP status and, inside the answer, the status of the request."""

OURS_TO_REPAIR: Final = frozenset({401, 403, 404})
"""The key, the service or our clock is wrong; the message is not, and can go once that is put right."""


class _Taken(msgspec.Struct, rename="camel"):
    request_id: str
    status_code: str


class SensSmsNotifier:
    """Sends SMS, or LMS where the text is long, through Naver SENS. It keeps no reference of ours, so it cannot be asked
    whether it has a message. Logs nothing."""

    most = 500

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
        _, number = sorted_out(message)
        return Sent(provider_reference=self._post([message], [{"to": number.digits}]))

    def send_many(self, messages: Sequence[Message]) -> list[Sent | Refused | Unavailable]:
        """Hand many over, a hundred of one kind and country in one call, each with its own words."""
        said: dict[str, Sent | Refused | Unavailable] = {}
        alike: dict[tuple[str, int, str], list[tuple[Message, Number]]] = {}
        for message in messages:
            try:
                kind, number = sorted_out(message)
            except Invalid as error:
                said[message.reference] = Refused(reason=str(error))
                continue
            alike.setdefault((kind, number.country, message.subject), []).append((message, number))
        for group in alike.values():
            for start in range(0, len(group), MANY):
                said |= self._send_group(group[start : start + MANY])
        return [said[one.reference] for one in messages]

    def _send_group(self, group: Sequence[tuple[Message, Number]]) -> dict[str, Sent | Refused | Unavailable]:
        mine = [message for message, _ in group]
        try:
            request_id = self._post(mine, [{"to": number.digits, "content": one.text} for one, number in group])
        except Unavailable as error:
            return {one.reference: error for one in mine}
        except Invalid as error:
            if len(group) > 1:  # one of them, and each is asked for by itself
                return {key: answer for pair in group for key, answer in self._send_group([pair]).items()}
            return {mine[0].reference: Refused(reason=str(error))}
        return {one.reference: Sent(provider_reference=request_id) for one in mine}

    def _post(self, messages: Sequence[Message], recipients: Sequence[Mapping[str, str]]) -> str:
        message = messages[0]
        kind, number = sorted_out(message)
        subject = subject_for(kind, message.subject)
        order = {
            "type": kind,
            "contentType": "COMM",
            "countryCode": str(number.country),
            "from": self._sender_number,
            "content": message.text,
            "messages": recipients,
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
        return read_answer(answer)


def sorted_out(message: Message) -> tuple[Kind, Number]:
    """As which kind it goes, and whereto; raises `Invalid` for what this gateway does not carry."""
    if message.channel is not Channel.SMS:
        raise Invalid("this gateway carries SMS only", field="channel")
    number = phone_number(message.to)
    return kind_for(message.text, number), number


def signature(secret_key: Secret, path: str, timestamp: str, access_key: str) -> str:
    """Sign who asks for what and when (API Gateway signature v2): the path as it is sent, the time in milliseconds."""
    signed = f"POST {path}\n{timestamp}\n{access_key}".encode()
    return base64.b64encode(hmac.digest(secret_key.reveal(), signed, hashlib.sha256)).decode("ascii")


def read_answer(answer: Answer) -> str:
    """Return the gateway's request id if it took the message.

    Raises:
        Unavailable: the key, the service or our clock is wrong.
        Unsure: the answer says nothing.
        Invalid: this message is refused for good.
    """
    if answer.status in OURS_TO_REPAIR:
        raise Unavailable(f"the SMS gateway does not accept our key, address or time: {answer.status}")
    if answer.status >= 400:
        raise Invalid(f"the SMS gateway refused the message with {answer.status}")
    try:
        taken = msgspec.json.decode(answer.body, type=_Taken)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Unsure("the SMS gateway's answer cannot be read") from None
    if str(answer.status) != ACCEPTED or taken.status_code != ACCEPTED:
        raise Unsure("the SMS gateway does not say that it took the message")
    return taken.request_id
