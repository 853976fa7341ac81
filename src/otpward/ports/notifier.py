"""Someone who carries a text to a person: an SMS gateway, a mail server."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from otpward.core.errors import Unavailable


class Channel(StrEnum):
    """How a notice travels."""

    SMS = "sms"
    MAIL = "mail"
    TALK = "alimtalk"
    """KakaoTalk's AlimTalk, to the phone number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One text for one person. `to` is E.164 (`+8210…`) or a mail address; `carries_code` marks a text with a phone code,
    which gateways send by a quicker route and which is erased here once it has gone.

    `reference` is ours, and goes with the message where the gateway keeps one, so that it can be asked whether it has it.
    `kind` is the notice's kind. `only_once`: rather lost than sent twice (a reminder). `stop` is where a mail program
    unsubscribes from such. `talk_code` is the AlimTalk template, `values` what stands in it.
    """

    channel: Channel
    to: str
    text: str
    subject: str = ""
    carries_code: bool = False
    reference: str = ""
    kind: str = ""
    only_once: bool = False
    stop: str = ""
    talk_code: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The gateway took it, under this reference of its own; `provider` is which one that was, where there are several.
    `falls_back`: should it not arrive by KakaoTalk, the gateway sends the text by itself."""

    provider_reference: str
    provider: str = ""
    falls_back: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The gateway refuses this one of many for good."""

    reason: str


class Arrival(StrEnum):
    """What a gateway says became of a message that it took."""

    UNDERWAY = "underway"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a gateway says of one message: its own reference, and how far it came."""

    provider_reference: str
    arrival: Arrival
    provider: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A message that we ask after: our reference, theirs if we know it, whom it went to and when."""

    reference: str
    provider_reference: str
    to: str
    sent_at: datetime
    provider: str = ""


class Notifier(Protocol):
    """Sends one message.

    Raises:
        Unavailable: the gateway did not answer or is overloaded; the same message may be sent again.
        Unsure: it may have taken it nevertheless.
        Invalid: the gateway refuses this message for good (bad number, text too long).
    """

    def send(self, message: Message) -> Sent: ...


@runtime_checkable
class BulkNotifier(Protocol):
    """Sends many at once, at most `most` in one call.

    The answer has an entry for each: what it raises instead is true of all of them.

    Raises:
        Unavailable: none of them was taken.
        Unsure: some or all may have been taken.
    """

    most: int

    def send_many(self, messages: Sequence[Message]) -> Sequence[Sent | Refused | Unavailable]: ...


@runtime_checkable
class Reporter(Protocol):
    """Says what became of messages, by our references. With `knows_ours` it finds a message whose `provider_reference` we never
    learnt, and one that is not in the answer was never taken there.

    Raises:
        Unavailable: it does not answer now.
    """

    knows_ours: bool

    def ask_after(self, questions: Sequence[Question]) -> Mapping[str, Report]: ...
