"""KakaoTalk's AlimTalk by Solapi: a template that was approved, filled in; as a text where it does not arrive."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import httpx

from otpward.adapters.notify.solapi import Listed, SolapiSmsNotifier, arrival_of
from otpward.core.errors import Invalid
from otpward.core.secret import Secret
from otpward.ports.notifier import Arrival, Channel, Message, Refused, Sent
from otpward.ports.surroundings import Clock, Entropy

TALK: str = "ATA"


class SolapiTalkNotifier(SolapiSmsNotifier):
    """Sends AlimTalk through Solapi under one channel of KakaoTalk (`pfId`). With `falls_back` the gateway sends the text by
    itself where KakaoTalk does not show it; otherwise it says that it failed, and we send it by whichever gateway answers."""

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
        *,
        channel_id: str,
        falls_back: bool = False,
    ) -> None:
        super().__init__(base_url, api_key, api_secret, sender_number, http, timeout, clock, entropy)
        self._channel_id = channel_id
        self._falls_back = falls_back

    def send(self, message: Message) -> Sent:
        """Hand one over; it counts as sent only if the gateway counted it and named no failure."""
        return replace(super().send(message), falls_back=self._falls_back)

    def send_many(self, messages: Sequence[Message]) -> list[Sent | Refused]:
        """Hand many over in one call."""
        answers = super().send_many(messages)
        return [replace(one, falls_back=self._falls_back) if isinstance(one, Sent) else one for one in answers]

    def _arrival(self, listed: Listed) -> Arrival:
        arrival = arrival_of(listed.status_code)
        if self._falls_back and arrival is Arrival.FAILED and listed.type == TALK:
            return Arrival.UNDERWAY  # its text follows, in an entry of its own
        return arrival

    def _entry(self, message: Message) -> dict[str, object]:
        if message.channel is not Channel.TALK:
            raise Invalid("this gateway carries AlimTalk only", field="channel")
        entry = self._text(message)
        if "country" in entry:
            raise Invalid("AlimTalk goes to numbers in Korea", field="to")
        return {
            **entry,
            "type": TALK,
            "kakaoOptions": {
                "pfId": self._channel_id,
                "templateId": message.talk_code,
                "variables": variables(message.values),
                "disableSms": not self._falls_back,
            },
        }


def variables(values: Mapping[str, str]) -> dict[str, str]:
    """As Solapi wants them named: `#{name}`."""
    return {f"#{{{name}}}": value for name, value in values.items()}
