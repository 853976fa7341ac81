"""Texts for the institution's own system: signed, the same id each time, never a code; and the next gateway where it fails."""

import base64
import json
from datetime import datetime
from typing import Any

import httpx
import pytest

from otpward.adapters.notify.chain import ChainNotifier
from otpward.adapters.notify.hook import HookNotifier
from otpward.core.errors import Invalid, Unavailable, Unsure
from otpward.core.secret import Secret
from otpward.edges.http.api.notice_reports import standard_signed
from otpward.ports.notifier import Channel, Message, Refused, Sent
from tests.adapters.conftest import Faulty
from tests.fakes.surroundings import FixedClock

KEY = b"not-a-secret-but-32-octets-long!"
SECRET = Secret(b"whsec_" + base64.b64encode(KEY))
CLOCK = FixedClock(datetime.fromisoformat("2026-11-23T12:00:00+09:00"))


def hook(faulty: Faulty, http: httpx.Client, timeout: float = 5) -> HookNotifier:
    return HookNotifier(f"{faulty.base_url}/texts", SECRET, http, timeout, CLOCK)


def message(**changes: Any) -> Message:
    whole: dict[str, Any] = {
        "channel": Channel.SMS,
        "to": "+821055503333",
        "text": "[한빛기관] OTP가 잠겼습니다. 1588-0000",
        "subject": "한빛기관",
        "reference": "0190-1",
        "kind": "token_locked",
    }
    return Message(**whole | changes)


def test_it_is_signed_and_holds_no_secret(faulty: Faulty, http: httpx.Client) -> None:
    faulty.status = 202
    assert hook(faulty, http).send(message()) == Sent(provider_reference="0190-1")
    [headers], [body] = faulty.heard, faulty.sent
    assert (faulty.asked, headers["webhook-id"]) == (["/texts"], "0190-1")
    assert standard_signed(headers, body, SECRET, now=CLOCK.at)
    assert not standard_signed(headers, body + b" ", SECRET, now=CLOCK.at)
    assert not standard_signed(headers, body, Secret(b"whsec_" + base64.b64encode(b"another")), now=CLOCK.at)
    told = json.loads(body)
    assert (told["type"], told["data"]["kind"], told["data"]["to"]) == ("notice.sms", "token_locked", "+821055503333")
    assert KEY not in body
    assert SECRET.reveal() not in body


@pytest.mark.parametrize(
    ("status", "fault"),
    [(422, Invalid), (410, Invalid), (401, Unavailable), (404, Unavailable), (503, Unavailable), (500, Unsure)],
)
def test_what_is_no_yes(faulty: Faulty, http: httpx.Client, status: int, fault: type[Exception]) -> None:
    faulty.status = status
    with pytest.raises(fault):
        hook(faulty, http).send(message())


def test_a_code_never_leaves_for_another_system(faulty: Faulty, http: httpx.Client) -> None:
    with pytest.raises(Unavailable):
        hook(faulty, http).send(message(carries_code=True))
    assert faulty.asked == []


class Second:
    """The gateway behind it."""

    most = 10
    knows_ours = True

    def __init__(self) -> None:
        self.took: list[Message] = []

    def send(self, message: Message) -> Sent:
        self.took.append(message)
        return Sent(provider_reference="second")

    def send_many(self, messages: Any) -> list[Sent | Refused]:
        return [self.send(one) for one in messages]


def test_the_next_gateway_has_the_codes_and_what_the_system_cannot_take_now(faulty: Faulty, http: httpx.Client) -> None:
    second = Second()
    both = ChainNotifier([("first", hook(faulty, http)), ("second", second)])
    assert both.send(message(carries_code=True)).provider == "second"
    assert both.send(message()).provider == "first", "a code is no reason to pass it over"
    assert [type(one) for one in both.send_many([message(), message(reference="0190-2")])] == [Sent, Sent]
    faulty.status = 503
    assert both.send(message()).provider == "second"
    assert [getattr(one, "provider", "") for one in both.send_many([message()])] == ["second"]
    assert len(second.took) == 3


def test_of_many_each_is_answered_for(faulty: Faulty, http: httpx.Client) -> None:
    faulty.status = 422
    assert [type(one) for one in hook(faulty, http).send_many([message(), message()])] == [Refused, Refused]
    faulty.status = 503
    with pytest.raises(Unavailable):
        hook(faulty, http).send_many([message()])
