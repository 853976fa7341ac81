"""The SMS gateway's own rules, and the inbox behind it."""

from typing import Any

import httpx
import pytest

from otpward.sandbox.asked import BODY_LIMIT
from otpward.sandbox.world import World

AUTH = "/sms/v3.0/appKeys/sandbox/sender/auth/sms"
PLAIN = "/sms/v3.0/appKeys/sandbox/sender/sms"
KEY = {"X-Secret-Key": "not-a-secret"}


def order(text: str = "인증번호 123456", *numbers: str) -> dict[str, Any]:
    recipients = [{"recipientNo": number} for number in numbers or ("01012345678",)]
    return {"body": text, "sendNo": "15880000", "recipientList": recipients}


@pytest.mark.parametrize(
    ("path", "headers", "body", "code"),
    [
        (AUTH, {}, order(), -1000),
        (AUTH.replace("sandbox", "other"), KEY, order(), -1000),
        (AUTH, KEY, {}, -9997),
        (AUTH, KEY, order("가" * 46), -2014),
        (PLAIN, KEY, order("😀"), -2014),
        (PLAIN, KEY, order(""), -2014),
        (AUTH, KEY, order("123456"), -4007),
        (PLAIN, KEY, order() | {"recipientList": []}, -2001),
        (PLAIN, KEY, order() | {"sendNo": "+82-15"}, -2019),
    ],
    ids=["no key", "other app", "no order", "too long", "emoji", "empty", "no auth word", "nobody", "sender"],
)
def test_an_order_against_the_rules_is_refused_with_200(
    client: httpx.Client, world: World, path: str, headers: dict[str, str], body: dict[str, Any], code: int
) -> None:
    answer = client.post(path, headers=headers, json=body)
    assert answer.status_code == 200
    assert (answer.json()["header"]["isSuccessful"], answer.json()["header"]["resultCode"]) == (False, code)
    assert world.memory.texts == []


def test_each_recipient_has_a_result_of_its_own(client: httpx.Client) -> None:
    answer = client.post(PLAIN, headers=KEY, json=order("안내", "01012345678", "01012340027", "abc")).json()
    assert [entry["resultCode"] for entry in answer["body"]["data"]["sendResultList"]] == [0, -2019, -2019]
    assert [text["to"] for text in client.get("/api/messages").json()] == ["+821012345678"]


@pytest.mark.parametrize("written", ["+821012345678", " 821012345678", "821012345678", "010-1234-5678", "01012345678"])
def test_a_phone_is_found_however_its_number_is_written(client: httpx.Client, written: str) -> None:
    for number in ("01012345678", "01087654321"):
        client.post(PLAIN, headers=KEY, json=order(f"받는 번호 {number}", number))
    texts = client.get("/api/messages", params={"to": written}).json()
    assert [text["text"] for text in texts] == ["받는 번호 01012345678"]
    assert "받는 번호 01012345678" in client.get(f"/inbox/{written}").text
    assert "01087654321" not in client.get("/inbox", params={"to": written}).text


def test_a_plus_that_became_a_space_is_forgiven(client: httpx.Client) -> None:
    client.post(PLAIN, headers=KEY, json=order())
    assert len(client.get("/api/messages?to=+821012345678").json()) == 1


def test_the_newest_message_comes_first_and_the_oldest_go(client: httpx.Client) -> None:
    for number in range(3):
        client.post(PLAIN, headers=KEY, json=order(f"문자 {number}"))
    assert [text["text"] for text in client.get("/api/messages").json()] == ["문자 2", "문자 1", "문자 0"]
    page = client.get("/inbox").text
    assert page.index("문자 2") < page.index("문자 0")


def test_a_message_is_shown_as_text(client: httpx.Client) -> None:
    client.post(PLAIN, headers=KEY, json=order("<script>alert(1)</script>"))
    assert "<script>alert" not in client.get("/inbox").text


def test_a_phone_that_is_no_number_is_refused(client: httpx.Client) -> None:
    assert client.get("/inbox/nobody").status_code == 422
    assert client.get("/api/messages", params={"to": "nobody"}).json()["field"] == "phone"


def test_a_large_body_is_refused(client: httpx.Client) -> None:
    assert client.post("/api/parcels", content=b"a" * (BODY_LIMIT + 1)).status_code == 422
