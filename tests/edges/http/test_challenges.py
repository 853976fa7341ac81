"""`POST /v1/challenges`, as a relying system sees it."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from otpward.core.lifecycle.token import Hold
from otpward.core.model.challenge import Challenge
from otpward.core.model.transaction import Transaction
from otpward.core.oath.ocra_suite import parse_suite
from otpward.core.oath.question import make_session
from otpward.services.oversee.create_api_key import create_api_key
from tests.edges.http.conftest import Browser
from tests.edges.http.test_api import assert_problem, bearer
from tests.fakes.sample import Sample, make_sample, oath_code, seed_of
from tests.fakes.signer import COUNTED, PLAIN, WHOLE, Signer, give
from tests.fakes.surroundings import FixedClock

PATH = "/v1/challenges"
RENT = {"amount": "650000", "currency": "KRW", "payee": "김하나", "bank": "한빛은행", "account": "110-123-456789"}


@pytest.fixture
def signer(sample: Sample) -> Signer:
    """What m1001 holds beside the usual device."""
    made = Signer(suite=PLAIN)
    assert give(sample, made).imported == 1
    return made


@pytest.fixture
def plain_key(sample: Sample) -> str:
    """A key that may ask, and is told yes or no."""
    inside = sample.institution.id
    return sample.house.do(inside, lambda desk: create_api_key(inside, frozenset({"verify"}), "plain", None, desk=desk))


def ask(browser: Browser, key: str, **body: Any) -> httpx.Response:
    return browser.post(PATH, json={"transaction": RENT, **body}, headers=bearer(key))


def verify(browser: Browser, key: str, **body: Any) -> dict[str, Any]:
    answer = browser.post("/v1/verifications", json=body, headers=bearer(key))
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def row(sample: Sample, told: dict[str, Any]) -> Challenge:
    return sample.house.look(sample.institution.id, lambda uow: uow.challenges.get(UUID(told["id"])))


def made(sample: Sample) -> int:
    return sample.house.look(sample.institution.id, lambda uow: uow.challenges.count())


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}d}"


@pytest.mark.parametrize("whose", [{"serial": "OC-1"}, {"member": "m1001"}, {"member": " M1001 "}])
def test_a_transaction_is_put_to_be_signed(browser: Browser, sample: Sample, signer: Signer, whose: dict[str, str]) -> None:
    answer = ask(browser, sample.api_key, **whose)
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    assert set(told) == {"id", "question", "shows", "expires_at", "suite"}
    assert told["suite"] == PLAIN
    assert told["question"].isdigit()
    assert len(told["question"]) == 8
    now = sample.house.clock.now()
    assert datetime.fromisoformat(told["expires_at"]) == now + timedelta(minutes=3)
    kept = row(sample, told)
    assert (kept.question, kept.transaction.reveal()) == (told["question"], Transaction(**RENT).canonical)


def test_it_says_in_either_language_what_is_signed(browser: Browser, sample: Sample, signer: Signer) -> None:
    korean = "금액: 650,000원\n받는 분: 김하나\n은행: 한빛은행\n계좌번호: 110-123-456789"
    assert ask(browser, sample.api_key, serial="OC-1").json()["shows"] == korean
    assert ask(browser, sample.api_key, serial="OC-1", language="ko").json()["shows"] == korean
    english = ask(browser, sample.api_key, serial="OC-1", language="en").json()["shows"]
    assert english == "Amount: ₩650,000\nPayee: 김하나\nBank: 한빛은행\nAccount number: 110-123-456789"
    dollars = {"amount": "1250.5", "currency": "USD", "reference": "Invoice 7"}
    shown = ask(browser, sample.api_key, serial="OC-1", language="en", transaction=dollars).json()["shows"]
    assert shown == "Amount: 1,250.50 USD\nNote: Invoice 7"
    act = {"action": "새 기기 등록"}
    assert ask(browser, sample.api_key, serial="OC-1", transaction=act).json()["shows"] == "할 일: 새 기기 등록"


def test_the_answer_is_accepted_once(browser: Browser, sample: Sample, signer: Signer) -> None:
    told = ask(browser, sample.api_key, serial="OC-1").json()
    code = signer.answer(told["question"], sample.house.clock.now())
    body = {"serial": "OC-1", "challenge": told["id"]}
    wrong = verify(browser, sample.api_key, code=other_than(code), **body)
    assert (wrong["result"], wrong["reason"], wrong["tries_left"]) == ("refused", "wrong_code", 9)
    assert verify(browser, sample.api_key, code=code, serial="OC-1")["reason"] == "challenge_needed"
    assert verify(browser, sample.api_key, code=code, **body)["result"] == "accepted"
    assert verify(browser, sample.api_key, code=code, **body)["reason"] == "challenge_spent"


def test_the_code_of_another_token_signs_nothing(browser: Browser, sample: Sample, signer: Signer) -> None:
    # A code of the member's everyday device says who is there, not to what they agree.
    told = ask(browser, sample.api_key, serial="OC-1").json()
    code = oath_code(seed_of(0), sample.house.clock.now())
    refused = verify(browser, sample.api_key, code=code, serial="SN-00", challenge=told["id"])
    assert (refused["result"], refused["reason"]) == ("refused", "challenge_unfit")
    refused = verify(browser, sample.api_key, code=code + "12", member="m1001", challenge=told["id"])
    assert (refused["result"], refused["reason"]) == ("refused", "wrong_code")
    refused = verify(browser, sample.api_key, code=code, member="m1001", challenge=str(UUID(int=7)))
    assert (refused["result"], refused["reason"]) == ("refused", "challenge_unknown")
    assert verify(browser, sample.api_key, code=code, serial="SN-00")["result"] == "accepted"


def test_short_answers_are_taken_where_the_suite_has_them(browser: Browser, sample: Sample) -> None:
    signer = Signer(suite="OCRA-1:HOTP-SHA1-4:QN08")
    give(sample, signer)
    told = ask(browser, sample.api_key, serial="OC-1").json()
    code = signer.answer(told["question"], sample.house.clock.now())
    assert verify(browser, sample.api_key, code=code, member="m1001", challenge=told["id"])["result"] == "accepted"


def test_in_mutual_mode_the_server_answers_first(browser: Browser, sample: Sample) -> None:
    signer = Signer(suite="OCRA-1:HOTP-SHA512-8:QA08-PSHA1")
    give(sample, signer)
    told = ask(browser, sample.api_key, serial="OC-1", client_challenge="CLI22220").json()
    now = sample.house.clock.now()
    assert told["server_code"] == signer.server_answer("CLI22220", told["question"], now)
    code = signer.answer(told["question"], now, mine="CLI22220")
    assert verify(browser, sample.api_key, code=code, serial="OC-1", challenge=told["id"])["result"] == "accepted"


def test_a_session_can_be_made_again_from_what_was_sent(browser: Browser, sample: Sample) -> None:
    signer = Signer(suite=WHOLE)
    give(sample, signer)
    told = ask(browser, sample.api_key, serial="OC-1").json()
    assert told["session"] == make_session(parse_suite(WHOLE), Transaction(**RENT).canonical)
    code = signer.answer(told["question"], sample.house.clock.now(), session=told["session"])
    assert verify(browser, sample.api_key, code=code, serial="OC-1", challenge=told["id"])["result"] == "accepted"


def test_why_not_is_for_keys_that_may_hear_it(browser: Browser, sample: Sample, signer: Signer, plain_key: str) -> None:
    give(sample, Signer(suite=COUNTED, serial="OC-2"), login="m1002")
    with sample.house.desk(sample.institution.id).uow as uow:
        token = uow.tokens.first(serial="OC-2")
        assert token is not None
        uow.tokens.save(replace(token, holds=frozenset({Hold.LOST})))
        uow.commit()
    whose = ({"serial": "no-such"}, {"serial": "SN-00"}, {"serial": "SN-02"}, {"serial": "OC-2"}, {"member": "nobody"})
    told = [assert_problem(ask(browser, sample.api_key, **one), 409) for one in whose]
    assert [one["detail"] for one in told] == ["unknown", "challenge_unfit", "not_registered", "on_hold", "unknown"]
    blind = [assert_problem(ask(browser, plain_key, **one), 409) for one in whose]
    assert len({json.dumps(one) for one in blind}) == 1
    assert blind[0]["type"].endswith(":no_challenge")
    assert made(sample) == 0


def test_the_sixth_at_once_waits(browser: Browser, sample: Sample, signer: Signer, clock: FixedClock) -> None:
    for _ in range(5):
        assert ask(browser, sample.api_key, serial="OC-1").status_code == 201
    clock.move(seconds=100)
    refused = ask(browser, sample.api_key, serial="OC-1")
    assert_problem(refused, 429)
    assert refused.headers["retry-after"] == "80"
    clock.move(seconds=80)
    assert ask(browser, sample.api_key, serial="OC-1").status_code == 201


@pytest.mark.parametrize("key", ["", "otpw_nobody_0000", "x" * 5000])
def test_without_a_key_nothing_is_asked(browser: Browser, sample: Sample, signer: Signer, key: str) -> None:
    refused = ask(browser, key, serial="OC-1")
    assert_problem(refused, 401)
    assert refused.headers["www-authenticate"] == "Bearer"
    assert made(sample) == 0


def test_a_key_without_the_scope_may_not_ask(browser: Browser, sample: Sample, signer: Signer) -> None:
    inside = sample.institution.id
    key = sample.house.do(inside, lambda desk: create_api_key(inside, frozenset({"verify:reasons"}), "x", None, desk=desk))
    assert_problem(ask(browser, key, serial="OC-1"), 403)
    assert made(sample) == 0


def test_another_institution_neither_asks_nor_answers(browser: Browser, sample: Sample, signer: Signer) -> None:
    there = make_sample(sample.house, code="other")
    assert assert_problem(ask(browser, there.api_key, serial="OC-1"), 409)["detail"] == "unknown"
    give(there, Signer(suite=PLAIN))
    told = ask(browser, sample.api_key, serial="OC-1").json()
    code = signer.answer(told["question"], sample.house.clock.now())
    refused = verify(browser, there.api_key, code=code, serial="OC-1", challenge=told["id"])
    assert refused["reason"] == "challenge_unknown"
    assert verify(browser, sample.api_key, code=code, serial="OC-1", challenge=told["id"])["result"] == "accepted"


def body(**changes: Any) -> dict[str, Any]:
    return {"serial": "OC-1", "transaction": RENT, **changes}


def data(**changes: Any) -> dict[str, Any]:
    return body(transaction={**RENT, **changes})


BROKEN: dict[str, tuple[Any, int, str | None]] = {
    "empty body": (b"", 422, "body"),
    "not json": (b'{"serial": ', 400, None),
    "not utf-8": (b'{"serial": "\xff"}', 400, None),
    "deep": (b"[" * 20000, 400, None),
    "a list": ([], 422, "body"),
    "no transaction": ({"serial": "OC-1"}, 422, "transaction"),
    "null transaction": (body(transaction=None), 422, "transaction"),
    "empty transaction": (body(transaction={}), 422, "transaction.action"),
    "a list of transactions": (body(transaction=[RENT]), 422, "transaction"),
    "unknown value": (data(colour="red"), 422, "transaction.colour"),
    "unknown field": (body(pin="1"), 422, "pin"),
    "number for amount": (data(amount=650000), 422, "transaction.amount"),
    "amount with commas": (data(amount="650,000"), 422, "transaction.amount"),
    "full-width amount": (data(amount="６５０"), 422, "transaction.amount"),
    "negative amount": (data(amount="-1"), 422, "transaction.amount"),
    "no currency": (data(currency=""), 422, "transaction.currency"),
    "unknown currency": (data(currency="KRX"), 422, "transaction.currency"),
    "line feed": (data(payee="a\namount=1"), 422, "transaction.payee"),
    "right to left": (data(payee="a\u202eb"), 422, "transaction.payee"),
    "surrogate": (b'{"serial": "OC-1", "transaction": {"action": "\\ud800"}}', 422, "transaction.action"),
    "10 kB payee": (data(payee="x" * 10_240), 422, "transaction.payee"),
    "10 kB amount": (data(amount="1" * 10_240), 422, "transaction.amount"),
    "neither": ({"transaction": RENT}, 422, "body"),
    "both": (body(member="m1001"), 422, "body"),
    "nul in serial": (body(serial="OC\0-1"), 422, "serial"),
    "long serial": (body(serial="x" * 129), 422, "serial"),
    "another language": (body(language="fr"), 422, "language"),
    "short client challenge": (body(client_challenge="123"), 422, "client_challenge"),
    "client challenge of another length": (body(client_challenge="1234567"), 422, "client_challenge"),
    "client challenge with letters": (body(client_challenge="1234567a"), 422, "client_challenge"),
    "10 kB client challenge": (body(client_challenge="1" * 10_240), 422, "client_challenge"),
}


@pytest.mark.parametrize(("sent", "status", "field"), BROKEN.values(), ids=BROKEN.keys())
def test_what_cannot_be_read_is_a_problem(
    browser: Browser, sample: Sample, signer: Signer, sent: Any, status: int, field: str | None
) -> None:
    octets = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
    headers = bearer(sample.api_key) | {"Content-Type": "application/json"}
    document = assert_problem(browser.post(PATH, content=octets, headers=headers), status, field=field)
    assert "김하나" not in json.dumps(document, ensure_ascii=False)
    assert made(sample) == 0


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_another_method_is_refused(browser: Browser, method: str) -> None:
    assert_problem(browser.request(method, PATH), 405)


def test_a_megabyte_is_too_large(browser: Browser, sample: Sample) -> None:
    headers = bearer(sample.api_key) | {"Content-Type": "application/json"}
    assert_problem(browser.post(PATH, content=b" " * 2**20, headers=headers), 413)


def test_the_openapi_document_tells_of_it(browser: Browser, sample: Sample, signer: Signer) -> None:
    document = browser.get("/v1/openapi.json").json()
    operation = document["paths"][PATH]["post"]
    assert operation["security"] == [{"key": []}]
    assert set(operation["responses"]) == {"201", "400", "401", "403", "409", "413", "415", "422", "429", "500", "503"}
    schema = document["components"]["schemas"]["ChallengeAnswer"]
    told = ask(browser, sample.api_key, serial="OC-1").json()
    assert set(schema["required"]) <= set(told) <= set(schema["properties"])
