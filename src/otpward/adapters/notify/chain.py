"""Several gateways for one channel, in order: where the first does not answer, the next is asked."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from otpward.core.errors import Unavailable, Unsure
from otpward.ports.notifier import BulkNotifier, Message, Notifier, Question, Refused, Report, Reporter, Sent

REST_S: Final = 30.0
"""A gateway that failed is passed over for so long, so that nobody waits for it with each message."""


class ChainNotifier:
    """Hands a message to the first gateway that takes it, and never to two, but where one left us unsure: then a text that
    warns goes again by the next (twice rather than not at all), and one that reminds does not (`only_once`).

    What a gateway refuses for good is refused: the number is no better at the next.
    """

    def __init__(self, gateways: Sequence[tuple[str, Notifier]], clock: Callable[[], float] = time.monotonic) -> None:
        self._gateways = tuple(gateways)
        self._rests_until: dict[str, float] = {}
        self._clock = clock
        sizes: list[object] = [one for _, one in self._gateways]
        self.most = min((one.most if isinstance(one, BulkNotifier) else 1 for one in sizes), default=1)
        self.knows_ours = all(isinstance(one, Reporter) and one.knows_ours for one in sizes)

    def send(self, message: Message) -> Sent:
        """Hand one message over."""
        unsure: Unsure | None = None
        down: Unavailable | None = None
        for name, gateway in self._ready():
            if message.carries_code and not getattr(gateway, "carries_codes", True):
                continue
            try:
                return replace(gateway.send(message), provider=name)
            except Unsure as error:
                self._rest(name)
                unsure = error
                if message.only_once:
                    break
            except Unavailable as error:
                self._rest(name)
                down = error
        raise unsure or down or Unavailable("there is no gateway")

    def send_many(self, messages: Sequence[Message]) -> Sequence[Sent | Refused | Unavailable]:
        """Hand many over in one call, to the first gateway that answers."""
        down: Unavailable | None = None
        for name, gateway in self._ready():
            many: object = gateway
            try:
                answers = many.send_many(messages) if isinstance(many, BulkNotifier) else [gateway.send(messages[0])]
            except Unsure:
                self._rest(name)
                raise
            except Unavailable as error:
                self._rest(name)
                down = error
                continue
            return [replace(one, provider=name) if isinstance(one, Sent) else one for one in answers]
        raise down or Unavailable("there is no gateway")

    def ask_after(self, questions: Sequence[Question]) -> Mapping[str, Report]:
        """Each is asked after where it went, and everywhere if that is not known."""
        found: dict[str, Report] = {}
        for name, gateway in self._gateways:
            asked: object = gateway
            mine = [one for one in questions if one.provider in {"", name}]
            if isinstance(asked, Reporter) and mine:
                if not asked.knows_ours:
                    mine = [one for one in mine if one.provider_reference]
                found |= {key: replace(one, provider=name) for key, one in asked.ask_after(mine).items()} if mine else {}
        return found

    def _ready(self) -> list[tuple[str, Notifier]]:
        """In order, those that rest behind all others: with nobody else, they are asked too."""
        now = self._clock()
        return sorted(self._gateways, key=lambda one: self._rests_until.get(one[0], 0.0) > now)

    def _rest(self, name: str) -> None:
        self._rests_until[name] = self._clock() + REST_S
