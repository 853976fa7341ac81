"""Naver SENS as the sandbox plays it: what gets past the signature, and what the order itself must keep to."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from otpward.sandbox.sens import ACCESS_KEY, SERVICE_ID
from otpward.sandbox.world import World
from tests.sandbox.conftest import Clock

PATH = f"/sms/v2/services/{SERVICE_ID}/messages"
SIGN, TIME, KEY = "x-ncp-apigw-signature-v2", "x-ncp-apigw-timestamp", "x-ncp-iam-access-key"


def order(text: str = "인증번호 123456", *numbers: str, **changes: Any) -> dict[str, Any]:
    recipients = [{"to": number} for number in numbers or ("01012345678",)]
    plain = {"type": "SMS", "contentType": "COMM", "countryCode": "82", "from": "15880000", "content": text}
    return plain | {"messages": recipients} | changes


def millis(at: datetime) -> str:
    return str(int(at.timestamp() * 1000))


def signed(
    at: datetime, *, path: str = PATH, method: str = "POST", key: str = ACCESS_KEY, secret: str = "not-a-secret"
) -> dict[str, str]:
    text = f"{method} {path}\n{millis(at)}\n{key}".encode()
    made = base64.b64encode(hmac.digest(secret.encode(), text, hashlib.sha256)).decode()
    return {TIME: millis(at), KEY: key, SIGN: made}


def test_a_text_that_is_signed_arrives(client: httpx.Client, world: World, clock: Clock) -> None:
    answer = client.post(PATH, headers=signed(clock.at), json=order("안내", "01012345678", "01087654321"))
    assert (answer.status_code, answer.json()["statusCode"], answer.json()["statusName"]) == (202, "202", "success")
    assert [(text.to, text.via, text.kind) for text in world.memory.texts] == [
        ("+821012345678", "sens", "sms"),
        ("+821087654321", "sens", "sms"),
    ]


@pytest.mark.parametrize("seconds", [-299, 0, 299, 300, -300])
def test_a_clock_may_be_off_by_five_minutes(client: httpx.Client, clock: Clock, seconds: int) -> None:
    headers = signed(clock.at)
    clock.move(seconds)
    assert client.post(PATH, headers=headers, json=order()).status_code == 202


@pytest.mark.parametrize("seconds", [-301, 301, 86_400, -86_400])
def test_a_clock_that_is_off_by_more_is_refused(client: httpx.Client, world: World, clock: Clock, seconds: int) -> None:
    headers = signed(clock.at)
    clock.move(seconds)
    answer = client.post(PATH, headers=headers, json=order())
    assert (answer.status_code, answer.json()["error"]["errorCode"]) == (401, "200")
    assert world.memory.texts == []


FORGED: dict[str, Any] = {
    "nothing": lambda at: {},
    "no signature": lambda at: {TIME: millis(at), KEY: ACCESS_KEY},
    "empty signature": lambda at: signed(at) | {SIGN: ""},
    "another secret": lambda at: signed(at, secret="guessed"),
    "empty secret": lambda at: signed(at, secret=""),
    "another key": lambda at: signed(at, key="other"),
    "key swapped afterwards": lambda at: signed(at, key="other") | {KEY: ACCESS_KEY},
    "no key": lambda at: signed(at) | {KEY: ""},
    "time moved afterwards": lambda at: signed(at) | {TIME: str(int(millis(at)) + 1)},
    "time of words": lambda at: signed(at) | {TIME: "now"},
    "negative time": lambda at: signed(at) | {TIME: "-" + millis(at)},
    "time with a fraction": lambda at: signed(at) | {TIME: millis(at) + ".0"},
    "time in seconds": lambda at: signed(at) | {TIME: millis(at)[:-3]},
    "endless time": lambda at: signed(at) | {TIME: "9" * 400},
    "year ten thousand": lambda at: signed(at) | {TIME: "9" * 14},
    "time of other digits": lambda at: signed(at) | {TIME: "²" * 13},
    "another path": lambda at: signed(at, path="/sms/v2/services/other/messages"),
    "path with a query": lambda at: signed(at, path=PATH + "?a=b"),
    "another method": lambda at: signed(at, method="GET"),
    "lower case": lambda at: {name: value if name != SIGN else value.lower() for name, value in signed(at).items()},
    "hex": lambda at: signed(at) | {SIGN: base64.b64decode(signed(at)[SIGN]).hex()},
    "without padding": lambda at: signed(at) | {SIGN: signed(at)[SIGN].rstrip("=")},
    "not ASCII": lambda at: signed(at) | {SIGN: "é" * 44},
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED.keys())
def test_a_forged_request_is_refused(client: httpx.Client, world: World, clock: Clock, forged: Any) -> None:
    headers = [(name.encode(), value.encode("latin-1")) for name, value in forged(clock.at).items()]
    answer = client.post(PATH, headers=headers, json=order())
    assert answer.status_code == 401
    assert answer.json()["error"]["errorCode"] in {"200", "210"}
    assert world.memory.texts == []


def test_a_signature_is_good_for_no_other_path(client: httpx.Client, clock: Clock) -> None:
    headers = signed(clock.at)
    assert client.post(PATH + "?a=b", headers=headers, json=order()).status_code == 401
    assert client.post(PATH.replace(":", "%3A"), headers=headers, json=order()).status_code == 401
    other = PATH.replace("sandbox", "other")
    assert client.post(other, headers=headers, json=order()).status_code == 401
    assert client.post(other, headers=signed(clock.at, path=other), json=order()).status_code == 404


def test_sens_has_no_replay_of_its_own(client: httpx.Client, world: World, clock: Clock) -> None:
    """The protocol has no nonce: within five minutes the same signed request is good again, and so is it here."""
    headers = signed(clock.at)
    for _ in range(2):
        assert client.post(PATH, headers=headers, json=order()).status_code == 202
    assert len(world.memory.texts) == 2
    assert clock.at.tzinfo is UTC


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        order("가" * 46),
        order("가" * 1001, type="LMS"),
        order("😀"),
        order(""),
        order(type="MMS"),
        order(contentType="SPAM"),
        order(**{"from": "+82-15"}),
        order(**{"from": "1" * 14}),
        order(subject="제목"),
        order(type="LMS", subject="가" * 21),
        order(messages=[]),
        order(messages=[{"to": "01012345678"}] * 101),
        order(messages=[{"to": "01012345678", "content": "가" * 46}]),
        order("안내", "01012340027"),
        order("안내", "abc"),
        order(countryCode="KR"),
    ],
    ids=[
        "no order",
        "a list",
        "too long",
        "too long for LMS",
        "emoji",
        "empty",
        "picture without one",
        "unknown content type",
        "sender",
        "long sender",
        "subject over a short text",
        "long subject",
        "nobody",
        "too many",
        "own text too long",
        "refused number",
        "no number",
        "country of letters",
    ],
)
def test_an_order_against_the_rules_is_refused(client: httpx.Client, world: World, clock: Clock, body: Any) -> None:
    assert client.post(PATH, headers=signed(clock.at), json=body).status_code == 400
    assert world.memory.texts == []


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 60_000])
def test_what_is_no_json_is_refused(client: httpx.Client, clock: Clock, body: bytes) -> None:
    assert client.post(PATH, headers=signed(clock.at), content=body).status_code == 400


def test_a_long_text_shows_with_its_subject(client: httpx.Client, clock: Clock) -> None:
    body = order("가" * 300, type="lms", subject="한빛기관")
    assert client.post(PATH, headers=signed(clock.at), json=body).status_code == 202
    page = client.get("/inbox/01012345678?lang=en").text
    assert "한빛기관" in page
    assert ">Long<" in page
