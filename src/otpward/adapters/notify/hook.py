"""Texts handed to the institution's own system, which brings them to the member: a signed POST of JSON (Standard Webhooks)."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import httpx
import msgspec

from otpward.adapters.bounded import exchange
from otpward.core.errors import Invalid, Unavailable, Unsure
from otpward.core.secret import Secret
from otpward.ports.notifier import Channel, Message, Refused, Sent
from otpward.ports.surroundings import Clock

TYPE: Final = "notice.sms"
MANY: Final = 500
AT_ONCE: Final = 16
FOR_GOOD: Final = frozenset({400, 409, 410, 413, 422})
"""Who answers so wants this message neither now nor later; any other refusal is of our key or address, which are repaired."""
_SECRET_MARK: Final = b"whsec_"


class HookNotifier:
    """Hands texts to a system of the institution's own. The message's id is ours and the same each time it is tried, so that
    the other side can tell a second one; whether it arrived it may report to `/v1/notice-reports/signed`. A code is not handed
    over: it goes by the next gateway. Logs nothing."""

    most = MANY
    knows_ours = False
    carries_codes = False

    def __init__(self, url: str, secret: Secret, http: httpx.Client, timeout: float, clock: Clock) -> None:
        self._url = url
        self._key = signing_key(secret)
        self._http = http
        self._timeout = timeout
        self._clock = clock

    def send(self, message: Message) -> Sent:
        """Hand one over; any 2xx is a yes."""
        if message.channel is not Channel.SMS:
            raise Invalid("this gateway carries texts only", field="channel")
        if message.carries_code:
            raise Unavailable("a code does not go to another system")
        now = int(self._clock.now().timestamp())
        data = {
            "reference": message.reference,
            "kind": message.kind,
            "to": message.to,
            "subject": message.subject,
            "text": message.text,
            "only_once": message.only_once,
        }
        body = msgspec.json.encode({"type": TYPE, "timestamp": now, "data": data})
        answer = exchange(
            self._http,
            "POST",
            self._url,
            timeout=self._timeout,
            headers={
                "Content-Type": "application/json",
                "webhook-id": message.reference,
                "webhook-timestamp": str(now),
                "webhook-signature": signature(self._key, message.reference, now, body),
            },
            content=body,
        )
        if answer.status in FOR_GOOD:
            raise Invalid(f"the institution's system refused the message with {answer.status}")
        if answer.status >= 400:
            raise Unavailable(f"the institution's system does not accept our signature or address: {answer.status}")
        return Sent(provider_reference=message.reference)

    def send_many(self, messages: Sequence[Message]) -> Sequence[Sent | Refused | Unavailable]:
        """Hand many over, some side by side. Where nobody took anything, that is raised, and the next gateway is asked."""
        with ThreadPoolExecutor(min(AT_ONCE, max(1, len(messages))), thread_name_prefix="hook") as side_by_side:
            answers = list(side_by_side.map(self._answer, messages))
        down = [one for one in answers if isinstance(one, Unavailable) and not isinstance(one, Unsure)]
        if down and len(down) == len(answers):
            raise down[0]
        return answers

    def _answer(self, message: Message) -> Sent | Refused | Unavailable:
        try:
            return self.send(message)
        except Invalid as error:
            return Refused(reason=str(error))
        except Unavailable as error:
            return error


def signing_key(secret: Secret) -> bytes:
    """The octets of a secret that is written `whsec_…`; raises `Invalid`."""
    try:
        return base64.b64decode(secret.reveal().removeprefix(_SECRET_MARK), validate=True)
    except binascii.Error:
        raise Invalid("the secret is not of the form whsec_… in base64") from None


def signature(key: bytes, reference: str, at: int, body: bytes) -> str:
    """Over id, time and body (Standard Webhooks 1.0.0)."""
    signed = hmac.digest(key, f"{reference}.{at}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(signed).decode()}"
