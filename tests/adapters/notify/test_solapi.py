"""SMS by Solapi: no signature twice, sent only when the message was counted and no failure named."""

import json
import logging
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from otpward.adapters.bounded import ANSWER_LIMIT
from otpward.adapters.notify.solapi import SolapiSmsNotifier, authorization, signature
from otpward.adapters.system import SystemClock, SystemEntropy
from otpward.core.errors import Invalid, Unavailable
from otpward.core.secret import Secret
from otpward.ports.notifier import Channel, Message
from otpward.ports.surroundings import Clock, Entropy
from otpward.sandbox.solapi import API_KEY
from tests.adapters.conftest import Faulty
from tests.fakes.surroundings import FixedClock
from tests.sandbox.running import Running

CODE_TEXT = "[한빛기관] 인증번호 482913"


class SameSalt:
    """Chance that never changes: what no gateway may accept twice."""

    def octets(self, count: int) -> bytes:
        return b"\x01" * count


def notifier(
    base_url: str,
    http: httpx.Client,
    *,
    key: str = API_KEY,
    secret: bytes = b"not-a-secret",
    timeout: float = 5,
    clock: Clock | None = None,
    entropy: Entropy | None = None,
) -> SolapiSmsNotifier:
    return SolapiSmsNotifier(
        base_url, key, Secret(secret), "1588-0000", http, timeout, clock or SystemClock(), entropy or SystemEntropy()
    )


def sms(text: str = CODE_TEXT, to: str = "+821012345678", subject: str = "한빛기관") -> Message:
    return Message(channel=Channel.SMS, to=to, text=text, subject=subject, carries_code=True)


def newest(sandbox: Running, http: httpx.Client, to: str) -> dict[str, str]:
    found: list[dict[str, str]] = http.get(f"{sandbox.base_url}/api/messages", params={"to": to}).json()
    return found[0]


def answer(*failed: Any, total: int = 1, lost: int | None = None) -> dict[str, Any]:
    count = {
        "total": total,
        "registeredFailed": len(failed) if lost is None else lost,
        "registeredSuccess": total - len(failed),
    }
    return {"groupInfo": {"groupId": "G1", "count": count}, "failedMessageList": [{"statusCode": code} for code in failed]}


def test_the_signature_is_the_one_that_was_computed_elsewhere() -> None:
    made = signature(Secret(b"secret"), "2024-01-01T00:00:00Z", "salt0001")
    assert made == "768f18ad2ccd27d5c372680aa4d30a82a871d8d9df5e4adf7eaa72df007e407b"
    assert authorization("K", Secret(b"secret"), "2024-01-01T00:00:00Z", "salt0001") == (
        f"HMAC-SHA256 ApiKey=K, Date=2024-01-01T00:00:00Z, salt=salt0001, signature={made}"
    )


def test_a_text_arrives_on_the_phone(sandbox: Running, http: httpx.Client) -> None:
    sent = notifier(sandbox.base_url, http).send(sms(to="+821051223344"))
    assert sent.provider_reference
    text = newest(sandbox, http, "+821051223344")
    assert (text["text"], text["kind"], text["from"], text["via"], text["subject"]) == (
        CODE_TEXT,
        "sms",
        "15880000",
        "solapi",
        "",
    )


def test_a_long_text_travels_as_a_long_one(sandbox: Running, http: httpx.Client) -> None:
    long = "인증번호 482913 " + "가" * 200
    notifier(sandbox.base_url, http).send(sms(long, "+821052223344"))
    text = newest(sandbox, http, "+821052223344")
    assert (text["text"], text["kind"], text["subject"]) == (long, "lms", "한빛기관")


def test_a_text_abroad_keeps_its_country(sandbox: Running, http: httpx.Client) -> None:
    notifier(sandbox.base_url, http).send(sms(to="+14155552673"))
    assert newest(sandbox, http, "+14155552673")["via"] == "solapi"


@pytest.mark.parametrize(
    ("to", "timeout", "kind"),
    [("+821012340007", 5, Unavailable), ("+821012340017", 0.3, Unavailable), ("+821012340027", 5, Invalid)],
    ids=["the gateway is broken", "the gateway is slow", "the number is refused"],
)
def test_a_failing_number_fails_as_the_world_provokes_it(
    sandbox: Running, http: httpx.Client, to: str, timeout: float, kind: type[Exception]
) -> None:
    with pytest.raises(kind):
        notifier(sandbox.base_url, http, timeout=timeout).send(sms(to=to))


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": b"another"},
        {"key": "another"},
        {"clock": FixedClock(datetime.now(UTC) - timedelta(minutes=17))},
        {"clock": FixedClock(datetime.now(UTC) + timedelta(minutes=40))},
    ],
    ids=["secret", "key", "slow clock", "fast clock"],
)
def test_what_is_wrong_with_us_is_not_the_message_s_fault(sandbox: Running, http: httpx.Client, wrong: dict[str, Any]) -> None:
    with pytest.raises(Unavailable):
        notifier(sandbox.base_url, http, **wrong).send(sms(to="+821053223344"))
    assert http.get(f"{sandbox.base_url}/api/messages", params={"to": "+821053223344"}).json() == []


def test_each_request_is_signed_afresh_even_within_one_second(sandbox: Running, http: httpx.Client) -> None:
    still = FixedClock(datetime.now(UTC))
    for _ in range(3):
        notifier(sandbox.base_url, http, clock=still).send(sms(to="+821054223344"))
    stuck = notifier(sandbox.base_url, http, clock=still, entropy=SameSalt())
    stuck.send(sms(to="+821054223344"))
    with pytest.raises(Unavailable):
        stuck.send(sms(to="+821054223344"))
    assert len(http.get(f"{sandbox.base_url}/api/messages", params={"to": "+821054223344"}).json()) == 4


def test_the_request_is_what_the_gateway_documents(faulty: Faulty, http: httpx.Client) -> None:
    faulty.body = json.dumps(answer()).encode()
    clock = FixedClock(datetime(2024, 1, 1, 0, 0, 0, 999_999, tzinfo=UTC))
    made = notifier(faulty.base_url + "/", http, key="K", secret=b"s", clock=clock, entropy=SameSalt())
    assert made.send(sms()).provider_reference == "G1"
    assert faulty.asked == ["/messages/v4/send-many/detail"]
    assert json.loads(faulty.sent[0]) == {
        "messages": [{"to": "01012345678", "from": "15880000", "text": CODE_TEXT, "type": "SMS"}]
    }
    assert faulty.heard[0]["authorization"] == authorization("K", Secret(b"s"), "2024-01-01T00:00:00Z", "01" * 16)
    made.send(sms("a" * 91, "+821012345678"))
    made.send(sms("a", "+14155552671"))
    entries = [json.loads(body)["messages"][0] for body in faulty.sent[1:]]
    assert [(one["type"], one.get("subject"), one.get("country"), one["to"]) for one in entries] == [
        ("LMS", "한빛기관", None, "01012345678"),
        ("SMS", None, "1", "4155552671"),
    ]


def test_a_salt_has_a_length_that_the_gateway_takes(faulty: Faulty, http: httpx.Client) -> None:
    faulty.body = json.dumps(answer()).encode()
    for _ in range(5):
        notifier(faulty.base_url, http).send(sms())
    salts = {re.findall(r"salt=([0-9a-f]+),", heard["authorization"])[0] for heard in faulty.heard}
    assert len(salts) == 5
    assert {len(salt) for salt in salts} == {32}


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, answer("1060"), Invalid),
        (200, answer("1031"), Invalid),
        (200, answer("3010"), Invalid),
        (200, answer("1020"), Unavailable),
        (200, answer("1024"), Unavailable),
        (200, answer("1030"), Unavailable),
        (200, answer("1062"), Unavailable),
        (200, answer("2230"), Unavailable),
        (200, answer("1060", lost=0), Invalid),
        (200, answer(lost=1), Unavailable),
        (200, answer(total=0), Unavailable),
        (200, answer(total=2), Unavailable),
        (200, {"groupInfo": answer()["groupInfo"]}, Unavailable),
        (200, {"failedMessageList": []}, Unavailable),
        (200, answer(1060), Unavailable),
        (200, [], Unavailable),
        (400, {"errorCode": "ValidationError", "errorMessage": "to"}, Invalid),
        (400, {"errorCode": "NotEnoughBalance", "errorMessage": ""}, Unavailable),
        (400, [], Invalid),
        (401, {"errorCode": "Unauthorized"}, Unavailable),
        (402, {"errorCode": "NotEnoughBalance"}, Unavailable),
        (403, {"errorCode": "SignatureDoesNotMatch"}, Unavailable),
        (404, {}, Unavailable),
        (429, {}, Unavailable),
        (500, answer(), Unavailable),
    ],
    ids=str,
)
def test_only_a_whole_yes_is_a_yes(faulty: Faulty, http: httpx.Client, status: int, body: Any, kind: type[Exception]) -> None:
    faulty.status, faulty.body = status, json.dumps(body).encode()
    with pytest.raises(kind):
        notifier(faulty.base_url, http).send(sms())


@pytest.mark.parametrize("code", ["482913", "01012345678", "１０６０", "10\n6", ""], ids=repr)
def test_what_a_gateway_says_in_place_of_a_code_is_not_repeated(faulty: Faulty, http: httpx.Client, code: str) -> None:
    faulty.body = json.dumps(answer(code)).encode()
    with pytest.raises(Invalid) as refusal:
        notifier(faulty.base_url, http).send(sms())
    assert str(refusal.value) == "the SMS gateway refused the message: ?"


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe", b"<html>", b'{"groupInfo":', b"[" * 100_000], ids=lambda body: repr(body[:10])
)
def test_garbage_is_not_an_answer(faulty: Faulty, http: httpx.Client, body: bytes, status: int) -> None:
    faulty.status, faulty.body = status, body
    with pytest.raises(Unavailable if status == 200 else Invalid):
        notifier(faulty.base_url, http).send(sms())


def test_an_answer_without_end_and_one_in_drips_are_cut_off(faulty: Faulty, http: httpx.Client) -> None:
    faulty.body = b" " * (ANSWER_LIMIT * 4)
    with pytest.raises(Unavailable, match="too large"):
        notifier(faulty.base_url, http).send(sms())
    faulty.body, faulty.chunk_wait_s = b" " * 20, 0.1
    with pytest.raises(Unavailable, match="in time"):
        notifier(faulty.base_url, http, timeout=0.4).send(sms())


def test_a_mail_is_not_sent_as_sms(http: httpx.Client) -> None:
    with pytest.raises(Invalid):
        notifier("http://127.0.0.1:9", http).send(Message(channel=Channel.MAIL, to="a@b.example", text="x"))


def test_neither_text_nor_number_nor_key_is_logged_or_said(
    sandbox: Running, http: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    notifier(sandbox.base_url, http).send(sms(to="+821044556677"))
    said = []
    for to, secret in (("+821012340007", b"not-a-secret"), ("+821012340027", b"not-a-secret"), ("+821044556677", b"another")):
        with pytest.raises((Unavailable, Invalid)) as fault:
            notifier(sandbox.base_url, http, secret=secret).send(sms(to=to))
        said.append(f"{fault.value} {fault.value.__cause__}")
    heard = caplog.text + "".join(said)
    assert not [word for word in ("482913", "1234", "4455", "not-a-secret", API_KEY) if word in heard]
