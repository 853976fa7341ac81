"""NICE's page as people walk through it, and what its gateways refuse."""

import base64
import time
from typing import Any

import httpx
import pytest

from otpward.sandbox.identity.people import PEOPLE, Scenario
from otpward.sandbox.world import World
from tests.sandbox.conftest import Clock
from tests.sandbox.nice_walk import Walker

SITE = "http://sandbox.localhost"
V2 = "/ido/intc/v1.0/auth"
NUMBER = "REQ-2026-11-23-000001"
BASIC = "Basic " + base64.urlsafe_b64encode(b"sandbox:not-a-secret").rstrip(b"=").decode()


def token(client: httpx.Client) -> dict[str, Any]:
    order = {"grant_type": "client_credentials", "request_no": NUMBER}
    answer = client.post(f"{V2}/token", headers={"Authorization": BASIC}, json=order)
    told: dict[str, Any] = answer.raise_for_status().json()
    return told


def screen(client: httpx.Client, **changed: Any) -> httpx.Response:
    order = {
        "request_no": NUMBER,
        "return_url": "http://site.example/back?case=1",
        "close_url": "http://site.example/back?closed=1",
        "svc_types": ["M", "I"],
        "method_type": "GET",
        **changed,
    }
    return client.post(f"{V2}/url", headers={"Authorization": f"Bearer {token(client)['access_token']}"}, json=order)


@pytest.fixture
def walker(client: httpx.Client) -> Walker:
    """At the first page."""
    walker = Walker(client, SITE)
    walker.open(screen(client).raise_for_status().json()["auth_url"])
    return walker


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_page_is_there_in_both_languages(walker: Walker, client: httpx.Client, lang: str) -> None:
    client.get("/", params={"lang": lang})
    for fields in ({}, {"carrier": "kt"}, {"name": "홍길동", "birth": "1960-01-01", "phone": "010-5550-1101"}):
        walker.post(**fields) if fields else walker.open(walker.at)
        assert f'<html lang="{lang}">' in walker.page
        assert "site.example" in walker.page
        assert "<script>" not in walker.page
    walker.post(code=walker.code(PEOPLE[0].phone))
    assert walker.heading() == {"ko": "본인 확인을 마쳤습니다", "en": "You have proven who you are"}[lang]


def test_the_way_back_carries_a_number_and_nothing_else(walker: Walker) -> None:
    walker.as_person(PEOPLE[3])
    carried = walker.carried()
    assert carried.pop("case") == "1"
    assert [len(value) for value in carried.values()] == [32]
    assert list(carried) == ["web_transaction_id"]


@pytest.mark.parametrize("at", ["pick", "who", "code"])
def test_cancelling_leads_to_the_other_address(walker: Walker, at: str) -> None:
    if at != "pick":
        walker.post(carrier="skt")
    if at == "code":
        walker.post(name=PEOPLE[0].name, birth="19600101", phone=PEOPLE[0].phone)
    walker.post(cancel="yes")
    assert walker.carried() == {"closed": "1"}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": ""}, "이름을 입력해 주세요."),
        ({"birth": "1960"}, "생년월일 8자리를 확인해 주세요."),
        ({"birth": "19601301"}, "생년월일 8자리를 확인해 주세요."),
        ({"phone": "010"}, "휴대폰 번호를 확인해 주세요."),
        ({"phone": "+1 212 555 0100"}, "휴대폰 번호를 확인해 주세요."),
        ({"birth": "19600102"}, "통신사에 등록된 정보와 다릅니다."),
        ({"name": "홍길순"}, "통신사에 등록된 정보와 다릅니다."),
    ],
    ids=str,
)
def test_what_does_not_fit_is_said_and_keeps_what_was_typed(walker: Walker, fields: dict[str, str], words: str) -> None:
    walker.post(carrier="mvno")
    typed = {"name": "홍길동", "birth": "19600101", "phone": "01055501101"} | fields
    answer = walker.post(**typed)
    assert answer.status_code == 422
    assert words in walker.page
    assert all(f'value="{value}"' in walker.page for value in typed.values() if value)
    assert 'aria-describedby="problem"' in walker.page


def test_no_carrier_is_said_too(walker: Walker) -> None:
    assert walker.post().status_code == 422
    assert "하나를 골라 주세요." in walker.page


def test_three_wrong_codes_end_it(walker: Walker) -> None:
    walker.post(carrier="kt")
    walker.post(name="홍길동", birth="19600101", phone="01055501101")
    for _ in range(3):
        walker.post(code="not it")
    assert walker.heading() == "여러 번 틀려 끝냈습니다"
    assert walker.carried() == {"closed": "1"}


def test_a_code_can_be_sent_again_and_the_newest_counts(walker: Walker, world: World) -> None:
    walker.post(carrier="kt")
    walker.post(name="홍길동", birth="19600101", phone="01055501101")
    walker.post(again="yes")
    assert len(world.memory.texts) == 2
    walker.post(code=f" {walker.code(PEOPLE[0].phone)} ")
    assert "web_transaction_id" in walker.carried()


def test_a_wrong_ipin_password_is_refused_and_three_end_it(walker: Walker) -> None:
    for _ in range(3):
        walker.with_ipin("m1001", "guess")
    assert walker.carried() == {"closed": "1"}


def test_ipin_is_not_offered_where_the_site_did_not_ask(client: httpx.Client) -> None:
    walker = Walker(client, SITE)
    walker.open(screen(client, svc_types=["M"]).json()["auth_url"])
    assert "아이핀" not in walker.page.replace("통신사 또는 아이핀", "")
    assert walker.post(carrier="ipin").status_code == 422


def test_after_ten_minutes_time_is_up(walker: Walker, clock: Clock) -> None:
    clock.move(601)
    walker.post(carrier="kt")
    assert walker.heading() == "시간이 지났습니다"
    assert walker.carried() == {"closed": "1"}


def test_the_page_of_nobody_is_not_there(client: httpx.Client) -> None:
    assert client.get("/ido/intc/v1.0/screen/guess").status_code == 404


@pytest.mark.parametrize(
    "changed",
    [
        {"request_no": "short"},
        {"request_no": "x" * 51},
        {"svc_types": []},
        {"svc_types": ["Z"]},
        {"method_type": "POST"},
        {"return_url": "javascript:alert(1)"},
        {"close_url": "data:text/html,x"},
    ],
    ids=str,
)
def test_an_order_against_the_rules_is_refused(client: httpx.Client, changed: dict[str, Any]) -> None:
    assert screen(client, **changed).json() == {"result_code": "1001", "result_message": "failure"}


def test_nobody_is_served_without_a_key_or_a_token(client: httpx.Client, clock: Clock) -> None:
    for login in ("", "Basic x", BASIC + "="):
        assert client.post(f"{V2}/token", headers={"Authorization": login}, json={}).json()["result_code"] == "1006"
    old = {"Authorization": f"Bearer {token(client)['access_token']}"}
    clock.move(24 * 3600)
    for headers in ({}, {"Authorization": "Bearer x"}, old):
        for path in ("url", "result"):
            assert client.post(f"{V2}/{path}", headers=headers, json={}).json()["result_code"] == "1004"


def test_a_result_is_there_only_for_all_three_numbers_and_once(client: httpx.Client) -> None:
    told = screen(client).json()
    walker = Walker(client, SITE)
    walker.open(told["auth_url"])
    bearer = {"Authorization": f"Bearer {token(client)['access_token']}"}
    right = {"web_transaction_id": "", "transaction_id": told["transaction_id"], "request_no": NUMBER}
    assert client.post(f"{V2}/result", headers=bearer, json=right).json()["result_code"] == "3031"
    walker.as_person(PEOPLE[0])
    right["web_transaction_id"] = walker.carried()["web_transaction_id"]
    for name in right:
        wrong = client.post(f"{V2}/result", headers=bearer, json=right | {name: "other"}).json()
        assert wrong["result_code"] != "0000"
    codes = [client.post(f"{V2}/result", headers=bearer, json=right).json()["result_code"] for _ in range(2)]
    assert codes == ["0000", "3033"]


def test_a_slow_number_is_slow(client: httpx.Client, world: World) -> None:
    world.slow_s = 0.2
    told = screen(client).json()
    walker = Walker(client, SITE)
    walker.open(told["auth_url"])
    walker.as_person(next(person for person in PEOPLE if person.id == f"s{Scenario.SLOW}"))
    order = {**walker.carried(), "transaction_id": told["transaction_id"], "request_no": NUMBER}
    started = time.monotonic()
    client.post(f"{V2}/result", headers={"Authorization": f"Bearer {token(client)['access_token']}"}, json=order)
    assert time.monotonic() - started >= 0.2


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"m": "service"},
        {"m": "service", "token_version_id": "x", "enc_data": "x", "integrity_value": "x"},
    ],
    ids=["nothing", "half", "unknown"],
)
def test_an_order_that_no_site_sealed_leads_nowhere(client: httpx.Client, form: dict[str, str]) -> None:
    answer = client.post("/CheckPlusSafeModel/service.cb", data=form, headers={"Origin": "http://site.example"})
    assert answer.status_code == 422


def test_the_list_names_everybody_and_what_happens(client: httpx.Client) -> None:
    page = client.get("/people").text
    assert all(person.name in page and person.id in page for person in PEOPLE)
    assert "서비스 오류 (503)" in page
    assert len(client.get("/api/people").json()) == len(PEOPLE)
