"""Many texts in few calls: each answered for by itself, and found again at the gateway by our own reference."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Protocol

import httpx
import pytest

from otpward.adapters.notify.nhn import NhnSmsNotifier
from otpward.adapters.notify.sens import SensSmsNotifier
from otpward.adapters.notify.solapi import SolapiSmsNotifier
from otpward.adapters.system import SystemClock, SystemEntropy
from otpward.core.errors import Unavailable
from otpward.core.secret import Secret
from otpward.ports.notifier import Arrival, Channel, Message, Question, Refused, Reporter, Sent
from otpward.sandbox import gateway, sens, solapi
from tests.sandbox.running import Running


class Many(Protocol):
    def send_many(self, messages: Sequence[Message]) -> Sequence[Sent | Refused | Unavailable]: ...


SECRET = Secret(b"not-a-secret")
MAKE: dict[str, Callable[[str, httpx.Client], Many]] = {
    "nhn": lambda url, http: NhnSmsNotifier(url, gateway.APP_KEY, SECRET, "1588-0000", http, 5),
    "sens": lambda url, http: SensSmsNotifier(
        url, sens.SERVICE_ID, sens.ACCESS_KEY, SECRET, "1588-0000", http, 5, SystemClock()
    ),
    "solapi": lambda url, http: SolapiSmsNotifier(
        url, solapi.API_KEY, SECRET, "1588-0000", http, 5, SystemClock(), SystemEntropy()
    ),
}
ENDS = {"1111": Arrival.DELIVERED, "0047": Arrival.UNDERWAY, "0057": Arrival.FAILED}


def message(place: int, end: str, text: str = "[한빛기관] OTP") -> Message:
    return Message(
        channel=Channel.SMS, to=f"+82105501{end}", text=text, subject="한빛기관", reference=f"ours-{place}-{text[:3]}"
    )


@pytest.mark.parametrize("name", MAKE)
def test_each_of_many_is_answered_for_and_found_again(sandbox: Running, http: httpx.Client, name: str) -> None:
    one = MAKE[name](sandbox.base_url, http)
    alike = [message(place, end) for place, end in enumerate([*ENDS, "0027"])]
    others = [message(9, "2222", f"{name} 다른 말"), message(10, "3333", f"{name} 긴 말 " * 30)]
    answers = one.send_many([*alike, *others])
    assert [type(answer) for answer in answers] == [Sent, Sent, Sent, Refused, Sent, Sent]
    kinds = {text["to"]: text["kind"] for text in http.get(f"{sandbox.base_url}/api/messages").json() if text["via"] == name}
    assert (kinds["+821055012222"], kinds["+821055013333"]) == ("sms", "lms")
    asked: object = one
    if not isinstance(asked, Reporter):
        assert name == "sens"
        return
    now = datetime.now(UTC)
    questions = [Question(reference=m.reference, provider_reference="", to=m.to, sent_at=now) for m in [*alike, *others]]
    found = asked.ask_after([*questions, Question(reference="never sent", provider_reference="", to="", sent_at=now)])
    assert {key: report.arrival for key, report in found.items() if key in {m.reference for m in alike}} == {
        m.reference: arrival for m, arrival in zip(alike, ENDS.values(), strict=False)
    }
    assert set(found) == {m.reference for m in [*alike[:3], *others]}


@pytest.mark.parametrize("name", MAKE)
@pytest.mark.parametrize("end", ["0007", "0037"], ids=["down", "garbage"])
def test_one_that_breaks_the_gateway_is_no_yes(sandbox: Running, http: httpx.Client, name: str, end: str) -> None:
    one = MAKE[name](sandbox.base_url, http)
    try:
        answers = one.send_many([message(1, end)])
    except Unavailable:
        return
    assert [isinstance(answer, Unavailable) for answer in answers] == [True]
