"""Someone who carries a text to a person: an SMS gateway, a mail server."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Channel(StrEnum):
    """How a notice travels."""

    SMS = "sms"
    MAIL = "mail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One text for one person. `to` is E.164 (`+8210…`) or a mail address; `carries_code` marks a text with a phone code,
    which gateways send by a quicker route and which is erased here once it has gone."""

    channel: Channel
    to: str
    text: str
    subject: str = ""
    carries_code: bool = False
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The gateway took it, under this reference of its own."""

    provider_reference: str


class Notifier(Protocol):
    """Sends one message.

    Raises:
        Unavailable: the gateway did not answer or is overloaded; the same message may be sent again.
        Invalid: the gateway refuses this message for good (bad number, text too long).
    """

    def send(self, message: Message) -> Sent: ...
