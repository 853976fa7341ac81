"""Solapi as the sandbox plays it: what gets past the signature, never twice, and what each message must keep to."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import httpx
import pytest

from otpward.sandbox.solapi import API_KEY
from otpward.sandbox.world import World
from tests.sandbox.conftest import Clock

PATH = "/messages/v4/send-many/detail"
SALT = "0123456789abcdef"


def entry(text: str = "인증번호 123456", to: str = "01012345678", **changes: Any) -> dict[str, Any]:
    return {"to": to, "from": "15880000", "text": text, "type": "SMS"} | changes


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def signature(date: str, salt: str, secret: str = "not-a-secret") -> str:
    return hmac.digest(secret.encode(), f"{date}{salt}".encode(), hashlib.sha256).hex()


def header(date: str, *, salt: str = SALT, key: str = API_KEY, sign: str | None = None) -> str:
    return f"HMAC-SHA256 ApiKey={key}, Date={date}, salt={salt}, signature={signature(date, salt) if sign is None else sign}"


def post(client: httpx.Client, authorization: str, *entries: dict[str, Any]) -> httpx.Response:
    headers = [(b"Authorization", authorization.encode("latin-1"))]
    return client.post(PATH, headers=headers, json={"messages": list(entries) or [entry()]})


def test_a_text_that_is_signed_arrives(client: httpx.Client, world: World, clock: Clock) -> None:
    answer = post(client, header(stamp(clock.at)), entry(), entry("안내", "01087654321")).json()
    assert answer["groupInfo"]["count"] == {"total": 2, "registeredFailed": 0, "registeredSuccess": 2}
    assert answer["failedMessageList"] == []
    assert [(text.to, text.via) for text in world.memory.texts] == [("+821012345678", "solapi"), ("+821087654321", "solapi")]


@pytest.mark.parametrize("style", ["ApiKey={k}, Date={d}, ", "apiKey={k}, date={d}, "])
def test_both_ways_to_write_the_header_are_taken(client: httpx.Client, clock: Clock, style: str) -> None:
    date = stamp(clock.at)
    made = f"HMAC-SHA256 {style.format(k=API_KEY, d=date)}salt={SALT}, signature={signature(date, SALT)}"
    assert post(client, made).status_code == 200


def test_a_time_of_another_zone_is_the_same_time(client: httpx.Client, clock: Clock) -> None:
    date = clock.at.astimezone(timezone(timedelta(hours=9))).isoformat()
    assert post(client, header(date)).status_code == 200


@pytest.mark.parametrize(
    ("seconds", "error"), [(-900, ""), (0, ""), (900, ""), (-901, "RequestTimeTooSkewed"), (901, "RequestTimeTooSkewed")]
)
def test_a_clock_may_be_off_by_a_quarter_of_an_hour(client: httpx.Client, clock: Clock, seconds: int, error: str) -> None:
    made = header(stamp(clock.at))
    clock.move(seconds)
    answer = post(client, made)
    assert answer.status_code == (403 if error else 200)
    assert answer.json().get("errorCode", "") == error


FORGED: dict[str, Any] = {
    "nothing": lambda d: ("", "Unauthorized"),
    "basic": lambda d: ("Basic dTpw", "Unauthorized"),
    "another key": lambda d: (header(d, key="other"), "InvalidAPIKey"),
    "another secret": lambda d: (header(d, sign=signature(d, SALT, "guessed")), "SignatureDoesNotMatch"),
    "empty secret": lambda d: (header(d, sign=signature(d, SALT, "")), "SignatureDoesNotMatch"),
    "salt swapped": lambda d: (header(d, salt="f" * 16, sign=signature(d, SALT)), "SignatureDoesNotMatch"),
    "date swapped": lambda d: (header(d.replace("Z", "+00:00"), sign=signature(d, SALT)), "SignatureDoesNotMatch"),
    "border moved": lambda d: (header(d[:-1], salt="Z" + SALT, sign=signature(d, SALT)), "InvalidDateTime"),
    "upper case": lambda d: (header(d, sign=signature(d, SALT).upper()), "SignatureDoesNotMatch"),
    "short signature": lambda d: (header(d, sign=signature(d, SALT)[:-2]), "Unauthorized"),
    "empty signature": lambda d: (header(d, sign=""), "Unauthorized"),
    "short salt": lambda d: (header(d, salt="salt0001"), "Unauthorized"),
    "long salt": lambda d: (header(d, salt="s" * 65), "Unauthorized"),
    "weaker digest": lambda d: (header(d).replace("HMAC-SHA256", "HMAC-MD5"), "Unauthorized"),
    "key twice": lambda d: (header(d).replace("ApiKey=", f"ApiKey={API_KEY}, ApiKey="), "Unauthorized"),
    "more behind it": lambda d: (header(d) + ", signature=" + "0" * 64, "Unauthorized"),
    "line break": lambda d: (header(d) + "\u0085", "Unauthorized"),
    "date of words": lambda d: (header("yesterday"), "InvalidDateTime"),
    "date without a zone": lambda d: (header(d[:-1]), "InvalidDateTime"),
    "day alone": lambda d: (header(d[:10]), "InvalidDateTime"),
    "year one": lambda d: (header("0001-01-01T00:00:00+23:59"), "RequestTimeTooSkewed"),
    "not ASCII": lambda d: (header(d, key="é"), "InvalidAPIKey"),
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED.keys())
def test_a_forged_request_is_refused(client: httpx.Client, world: World, clock: Clock, forged: Any) -> None:
    made, error = forged(stamp(clock.at))
    answer = post(client, made)
    assert (answer.status_code, answer.json()["errorCode"]) == (403, error)
    assert world.memory.texts == []
    assert world.used_signatures == {}


def test_a_signature_is_good_once(client: httpx.Client, world: World, clock: Clock) -> None:
    made = header(stamp(clock.at))
    assert post(client, made).status_code == 200
    for seconds in (0, 60, 800):
        clock.move(seconds)
        answer = post(client, made, entry("다른 내용"))
        assert (answer.status_code, answer.json()["errorCode"]) == (403, "DuplicatedSignature")
    assert post(client, made.replace("ApiKey", "apiKey")).json()["errorCode"] == "DuplicatedSignature"
    assert post(client, header(stamp(clock.at), salt="another-salt-1")).status_code == 200
    assert len(world.memory.texts) == 2


def test_a_signature_dated_ahead_is_not_good_twice_either(client: httpx.Client, world: World, clock: Clock) -> None:
    """Forgotten a quarter of an hour after its use, it would be good again, for its own time is not over."""
    made = header(stamp(clock.at + timedelta(minutes=14)))
    assert post(client, made).status_code == 200
    clock.move(20 * 60)
    assert post(client, made).json()["errorCode"] == "DuplicatedSignature"
    clock.move(10 * 60)
    assert post(client, made).json()["errorCode"] == "RequestTimeTooSkewed"
    assert post(client, header(stamp(clock.at))).status_code == 200
    assert len(world.used_signatures) == 1


def test_a_signature_is_used_up_by_an_order_that_fails(client: httpx.Client, clock: Clock) -> None:
    made = header(stamp(clock.at))
    assert client.post(PATH, headers={"Authorization": made}, content=b"{").json()["errorCode"] == "ValidationError"
    assert post(client, made).json()["errorCode"] == "DuplicatedSignature"


RULES: dict[str, Any] = {
    "no text": (entry(""), "1010"),
    "no recipient": (entry(to=""), "1010"),
    "number of letters": (entry(to="abc"), "1011"),
    "sender": (entry(**{"from": "+82-15"}), "1011"),
    "country of letters": (entry(country="KR"), "1011"),
    "subject over a short text": (entry(subject="제목"), "1013"),
    "long subject": (entry(type="LMS", subject="가" * 21), "1014"),
    "emoji in the subject": (entry(type="LMS", subject="😀"), "1014"),
    "picture without one": (entry(type="MMS"), "1025"),
    "emoji": (entry("😀"), "1029"),
    "too long": (entry("가" * 46), "1031"),
    "too long for LMS": (entry("가" * 1001, type="LMS"), "1031"),
    "refused number": (entry(to="01012340027"), "1060"),
}


@pytest.mark.parametrize(("wrong", "code"), RULES.values(), ids=RULES.keys())
def test_a_message_against_the_rules_fails_by_itself(
    client: httpx.Client, world: World, clock: Clock, wrong: dict[str, Any], code: str
) -> None:
    answer = post(client, header(stamp(clock.at)), entry("안내", "01011112222"), wrong)
    assert answer.status_code == 200
    assert [one["statusCode"] for one in answer.json()["failedMessageList"]] == [code]
    assert answer.json()["groupInfo"]["count"] == {"total": 2, "registeredFailed": 1, "registeredSuccess": 1}
    assert [text.to for text in world.memory.texts] == ["+821011112222"]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"{}", b'{"messages": []}', b"[" * 60_000])
def test_what_is_no_order_is_refused(client: httpx.Client, clock: Clock, body: bytes) -> None:
    answer = client.post(PATH, headers={"Authorization": header(stamp(clock.at))}, content=body)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "ValidationError")


def test_without_a_type_the_length_decides(client: httpx.Client, world: World, clock: Clock) -> None:
    post(client, header(stamp(clock.at)), entry("가" * 45, type=""), entry("가" * 46, type=""))
    assert [text.kind for text in world.memory.texts] == ["sms", "lms"]
