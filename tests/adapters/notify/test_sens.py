"""SMS by Naver SENS: each request signed for its path and moment, sent only when the answer says so twice."""

import json
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from otpward.adapters.bounded import ANSWER_LIMIT
from otpward.adapters.notify.sens import SensSmsNotifier, signature
from otpward.adapters.system import SystemClock
from otpward.core.errors import Invalid, Unavailable
from otpward.core.secret import Secret
from otpward.ports.notifier import Channel, Message
from otpward.ports.surroundings import Clock
from otpward.sandbox.sens import ACCESS_KEY, SERVICE_ID
from tests.adapters.conftest import Faulty
from tests.fakes.surroundings import FixedClock
from tests.sandbox.running import Running

CODE_TEXT = "[한빛기관] 인증번호 482913"
TAKEN = {"requestId": "R1", "requestTime": "2026-11-23T12:00:00.000", "statusCode": "202", "statusName": "success"}


def notifier(
    base_url: str,
    http: httpx.Client,
    *,
    service: str = SERVICE_ID,
    key: str = ACCESS_KEY,
    secret: bytes = b"not-a-secret",
    timeout: float = 5,
    clock: Clock | None = None,
) -> SensSmsNotifier:
    return SensSmsNotifier(base_url, service, key, Secret(secret), "1588-0000", http, timeout, clock or SystemClock())


def sms(text: str = CODE_TEXT, to: str = "+821012345678", subject: str = "한빛기관") -> Message:
    return Message(channel=Channel.SMS, to=to, text=text, subject=subject, carries_code=True)


def newest(sandbox: Running, http: httpx.Client, to: str) -> dict[str, str]:
    found: list[dict[str, str]] = http.get(f"{sandbox.base_url}/api/messages", params={"to": to}).json()
    return found[0]


def test_the_signature_is_the_one_that_was_computed_elsewhere() -> None:
    path = "/sms/v2/services/ncp:sms:kr:000:t/messages"
    made = signature(Secret(b"secret"), path, "1704067200000", "ACCESS")
    assert made == "AfyYAT0uumNh0G0YRMqqG/Hd+ZK8pRWq6tCP4lQarJY="


def test_a_text_arrives_on_the_phone(sandbox: Running, http: httpx.Client) -> None:
    sent = notifier(sandbox.base_url, http).send(sms(to="+821031223344"))
    assert sent.provider_reference
    text = newest(sandbox, http, "+821031223344")
    assert (text["text"], text["kind"], text["from"], text["via"], text["subject"]) == (
        CODE_TEXT,
        "sms",
        "15880000",
        "sens",
        "",
    )


def test_a_long_text_travels_as_a_long_one(sandbox: Running, http: httpx.Client) -> None:
    long = "인증번호 482913 " + "가" * 200
    notifier(sandbox.base_url, http).send(sms(long, "+821032223344"))
    text = newest(sandbox, http, "+821032223344")
    assert (text["text"], text["kind"], text["subject"]) == (long, "lms", "한빛기관")


def test_a_text_abroad_keeps_its_country(sandbox: Running, http: httpx.Client) -> None:
    notifier(sandbox.base_url, http).send(sms(to="+14155552672"))
    assert newest(sandbox, http, "+14155552672")["via"] == "sens"


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
        {"service": "ncp:sms:kr:1:other"},
        {"clock": FixedClock(datetime.now(UTC) - timedelta(minutes=6))},
        {"clock": FixedClock(datetime.now(UTC) + timedelta(minutes=30))},
    ],
    ids=["secret", "key", "service", "slow clock", "fast clock"],
)
def test_what_is_wrong_with_us_is_not_the_message_s_fault(sandbox: Running, http: httpx.Client, wrong: dict[str, Any]) -> None:
    with pytest.raises(Unavailable):
        notifier(sandbox.base_url, http, **wrong).send(sms(to="+821033223344"))
    assert http.get(f"{sandbox.base_url}/api/messages", params={"to": "+821033223344"}).json() == []


@pytest.mark.parametrize("prefix", ["", "/", "/relay"])
def test_the_request_is_what_the_gateway_documents(faulty: Faulty, http: httpx.Client, prefix: str) -> None:
    faulty.status, faulty.body = 202, json.dumps(TAKEN).encode()
    clock = FixedClock(datetime(2024, 1, 1, tzinfo=UTC))
    made = notifier(faulty.base_url + prefix, http, service="ncp:sms:kr:0:a/b", key="K", secret=b"s", clock=clock)
    assert made.send(sms()).provider_reference == "R1"
    path = f"{prefix.rstrip('/')}/sms/v2/services/ncp:sms:kr:0:a%2Fb/messages"
    assert faulty.asked == [path]
    assert json.loads(faulty.sent[0]) == {
        "type": "SMS",
        "contentType": "COMM",
        "countryCode": "82",
        "from": "15880000",
        "content": CODE_TEXT,
        "messages": [{"to": "01012345678"}],
    }
    heard = faulty.heard[0]
    assert heard["content-type"] == "application/json; charset=utf-8"
    assert (heard["x-ncp-apigw-timestamp"], heard["x-ncp-iam-access-key"]) == ("1704067200000", "K")
    assert heard["x-ncp-apigw-signature-v2"] == signature(Secret(b"s"), path, "1704067200000", "K")


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, TAKEN, Unavailable),
        (202, TAKEN | {"statusCode": "500", "statusName": "fail"}, Unavailable),
        (202, TAKEN | {"statusCode": 202}, Unavailable),
        (202, {"statusCode": "202"}, Unavailable),
        (202, [], Unavailable),
        (400, {"status": 400, "errorMessage": "Bad Request"}, Invalid),
        (401, {"error": {"errorCode": "200", "message": "Authentication Failed"}}, Unavailable),
        (403, {}, Unavailable),
        (404, {"error": {"errorCode": "300", "message": "Not Found Exception"}}, Unavailable),
        (413, {"error": {"errorCode": "430", "message": "Request Entity Too Large"}}, Invalid),
        (429, {"error": {"errorCode": "400", "message": "Quota Exceeded"}}, Unavailable),
        (503, {"error": {"errorCode": "500", "message": "Endpoint Error"}}, Unavailable),
    ],
    ids=str,
)
def test_only_a_whole_yes_is_a_yes(faulty: Faulty, http: httpx.Client, status: int, body: Any, kind: type[Exception]) -> None:
    faulty.status, faulty.body = status, json.dumps(body).encode()
    with pytest.raises(kind):
        notifier(faulty.base_url, http).send(sms())


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe", b"<html>", b'{"requestId":', b"[" * 100_000], ids=lambda body: repr(body[:10])
)
def test_garbage_is_not_an_answer(faulty: Faulty, http: httpx.Client, body: bytes) -> None:
    faulty.status, faulty.body = 202, body
    with pytest.raises(Unavailable):
        notifier(faulty.base_url, http).send(sms())


def test_an_answer_without_end_and_one_in_drips_are_cut_off(faulty: Faulty, http: httpx.Client) -> None:
    faulty.body = b" " * (ANSWER_LIMIT * 4)
    with pytest.raises(Unavailable, match="too large"):
        notifier(faulty.base_url, http).send(sms())
    faulty.body, faulty.chunk_wait_s = b" " * 20, 0.1
    with pytest.raises(Unavailable, match="in time"):
        notifier(faulty.base_url, http, timeout=0.4).send(sms())


def test_our_signature_does_not_follow_a_redirect(faulty: Faulty, http: httpx.Client) -> None:
    http.follow_redirects = True
    faulty.status, faulty.headers = 307, {"Location": f"{faulty.base_url}/elsewhere"}
    with pytest.raises(Unavailable):
        notifier(faulty.base_url, http).send(sms())
    assert len(faulty.asked) == 1


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
    assert not [word for word in ("482913", "1234", "4455", "not-a-secret", ACCESS_KEY, "ncp:sms") if word in heard]
