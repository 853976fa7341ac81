"""AlimTalk by NHN Cloud and Solapi: an approved template, filled in; refused where it matches none; a text where it fails."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from otpward.adapters.notify.nhn_talk import NhnTalkNotifier
from otpward.adapters.notify.solapi_talk import SolapiTalkNotifier
from otpward.adapters.system import SystemClock, SystemEntropy
from otpward.core.errors import Invalid, Unavailable
from otpward.core.secret import Secret
from otpward.ports.notifier import Arrival, Channel, Message, Question, Refused, Sent
from otpward.sandbox import solapi, talk
from tests.sandbox.running import Running

Talks = NhnTalkNotifier | SolapiTalkNotifier
SECRET = Secret(b"not-a-secret")
MAKE: dict[str, Callable[..., Talks]] = {
    "nhn": lambda url, http, **more: NhnTalkNotifier(
        url, talk.APP_KEY, SECRET, more.pop("channel", talk.SENDER_KEY), "1588-0000", http, 5, **more
    ),
    "solapi": lambda url, http, **more: SolapiTalkNotifier(
        url,
        solapi.API_KEY,
        SECRET,
        "1588-0000",
        http,
        5,
        SystemClock(),
        SystemEntropy(),
        channel_id=more.pop("channel", talk.CHANNEL_ID),
        **more,
    ),
}
VALUES = {"name": "한빛기관", "phone": "1588-0000", "number": "R-1", "time": "10월 3일 10:31"}


def message(end: str, reference: str = "", **changes: Any) -> Message:
    whole: dict[str, Any] = {
        "channel": Channel.TALK,
        "to": f"+82105502{end}",
        "text": "[한빛기관] 신청 R-1 승인했습니다. 문의 1588-0000",
        "subject": "한빛기관",
        "reference": reference or f"talk-{end}",
        "talk_code": "CASE_APPROVED",
        "values": VALUES,
    }
    return Message(**whole | changes)


def inbox(sandbox: Running, http: httpx.Client, name: str, end: str) -> list[tuple[str, str]]:
    found = http.get(f"{sandbox.base_url}/api/messages", params={"to": f"+82105502{end}"}).json()
    return [(one["kind"], one["state"]) for one in found if one["via"] == name]


@pytest.mark.parametrize("name", MAKE)
@pytest.mark.parametrize("falls_back", [False, True], ids=["we send the text", "they send the text"])
def test_each_arrives_or_says_that_it_did_not(sandbox: Running, http: httpx.Client, name: str, falls_back: bool) -> None:
    one = MAKE[name](sandbox.base_url, http, falls_back=falls_back)
    mark = f"{name}-{falls_back}"
    end = {"nhn": "1", "solapi": "2"}[name] + str(int(falls_back))
    arrives, without = message(f"{end}11", f"{mark}-a"), message("0067", f"{mark}-b")
    wrong = message(f"{end}33", f"{mark}-c", values={"name": "한빛기관"})
    unknown = message(f"{end}44", f"{mark}-d", talk_code="NOT_APPROVED")
    abroad = message("", f"{mark}-e", to="+12025550123")
    answers = one.send_many([arrives, without, wrong, unknown, abroad])
    assert [type(answer) for answer in answers] == [Sent, Sent, Refused, Refused, Refused]
    assert [answer.falls_back for answer in answers if isinstance(answer, Sent)] == [falls_back] * 2
    assert inbox(sandbox, http, name, f"{end}11") == [("talk", "delivered")]
    assert inbox(sandbox, http, name, f"{end}33") == []
    newest = inbox(sandbox, http, name, "0067")
    assert newest[0] == (("sms", "delivered") if falls_back else ("talk", "failed"))
    now = datetime.now(UTC)
    asked = [Question(reference=m.reference, provider_reference="", to=m.to, sent_at=now) for m in (arrives, without, wrong)]
    assert {key: report.arrival for key, report in one.ask_after(asked).items()} == {
        f"{mark}-a": Arrival.DELIVERED,
        f"{mark}-b": Arrival.DELIVERED if falls_back else Arrival.FAILED,
    }


@pytest.mark.parametrize("name", MAKE)
def test_one_alone(sandbox: Running, http: httpx.Client, name: str) -> None:
    one = MAKE[name](sandbox.base_url, http)
    assert one.send(message("7777", f"alone-{name}")).provider_reference
    assert inbox(sandbox, http, name, "7777") == [("talk", "delivered")]
    for bad in (message("7778", talk_code="NOT_APPROVED"), message("7779", values={}), message("7770", channel=Channel.SMS)):
        with pytest.raises(Invalid):
            one.send(bad)


@pytest.mark.parametrize("name", MAKE)
@pytest.mark.parametrize("end", ["0007", "0037"], ids=["down", "garbage"])
def test_one_that_breaks_the_gateway_is_no_yes(sandbox: Running, http: httpx.Client, name: str, end: str) -> None:
    with pytest.raises(Unavailable):
        MAKE[name](sandbox.base_url, http).send(message(end))


def test_a_wrong_key_of_the_channel_is_ours_to_repair(sandbox: Running, http: httpx.Client) -> None:
    with pytest.raises(Unavailable):
        MAKE["nhn"](sandbox.base_url, http, channel="another").send(message("8888"))
