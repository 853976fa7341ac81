"""`POST /v1/verifications`, as a relying system sees it."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from otpward.core.lifecycle.token import Hold
from otpward.core.model.institution import ApiKey
from otpward.core.model.token import Token
from otpward.ports.desk import House
from otpward.services.oversee.create_api_key import create_api_key
from tests.edges.http.conftest import Browser
from tests.fakes.sample import Sample, make_sample, oath_code, seed_of
from tests.fakes.surroundings import FixedClock

PATH = "/v1/verifications"
PROBLEM = "application/problem+json"


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def ask(browser: Browser, key: str, **body: Any) -> httpx.Response:
    return browser.post(PATH, json=body, headers=bearer(key))


def token_of(sample: Sample) -> Token:
    token = sample.house.look(sample.institution.id, lambda uow: uow.tokens.first(serial=sample.in_use))
    assert token is not None
    return token


def code_now(sample: Sample) -> str:
    return oath_code(seed_of(0), sample.house.clock.now())


def wrong_code(sample: Sample) -> str:
    """Six digits that no step near now has."""
    near = {oath_code(seed_of(0), sample.house.clock.now() + timedelta(minutes=step)) for step in range(-130, 131, 1)}
    return next(code for code in (f"{number:06d}" for number in range(100000, 200000)) if code not in near)


@pytest.fixture
def plain_key(sample: Sample) -> str:
    """A key that may ask, and is told yes or no."""
    inside = sample.institution.id
    return sample.house.do(inside, lambda desk: create_api_key(inside, frozenset({"verify"}), "plain", None, desk=desk))


def assert_problem(answer: httpx.Response, status: int, *, field: str | None = None) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == PROBLEM
    document: dict[str, Any] = answer.json()
    assert document["status"] == status
    assert document["type"].startswith("urn:otpward:problem:")
    assert document["title"] not in {"", "Error"}
    assert document.get("field") == field, document
    return document


@pytest.mark.parametrize(
    "whose", [{"serial": "SN-00"}, {"member": "m1001"}, {"member": " M1001 "}], ids=["serial", "member", "typed"]
)
def test_a_code_is_accepted_once(browser: Browser, sample: Sample, whose: dict[str, str]) -> None:
    code = code_now(sample)
    first = ask(browser, sample.api_key, code=code, **whose)
    again = ask(browser, sample.api_key, code=code, **whose)
    assert first.status_code == again.status_code == 200
    assert first.headers["cache-control"] == "no-store"
    told = first.json()
    assert (told["result"], told["reason"], told["token"]) == ("accepted", "accepted", "SN-00")
    assert (again.json()["result"], again.json()["reason"]) == ("refused", "replayed")
    assert again.json()["id"] != told["id"]


def test_of_a_new_token_it_is_told_until_when_it_is_new(browser: Browser, sample: Sample, plain_key: str) -> None:
    inside, house, now = sample.institution.id, sample.house, sample.house.clock.now()
    with house.desk(inside).uow as uow:
        until = now.replace(microsecond=0) + timedelta(hours=3)
        uow.tokens.save(replace(token_of(sample), active_at=now - timedelta(seconds=90), hold_until=until))
        uow.commit()
    asked = {"serial": "SN-00", "code": code_now(sample)}
    key = bearer(plain_key) | {"Idempotency-Key": '"new"'}
    first, again = (browser.post(PATH, json=asked, headers=key) for _ in range(2))
    told = first.json()
    assert (told["age_s"], told["hold_until"]) == (90, f"{until:%Y-%m-%dT%H:%M:%S}Z")
    assert again.content == first.content
    assert set(ask(browser, plain_key, **asked).json()) == {"id", "result"}, "nothing of the token where it is refused"


def test_each_refusal_counts_one_try_down(browser: Browser, sample: Sample) -> None:
    wrong = wrong_code(sample)
    left = [ask(browser, sample.api_key, serial="SN-00", code=wrong).json()["tries_left"] for _ in range(3)]
    assert left == [9, 8, 7]
    assert token_of(sample).failures == 3


def test_the_reason_is_for_keys_that_may_hear_it(browser: Browser, sample: Sample, plain_key: str) -> None:
    """Wrong, used and old: without the scope nobody can tell which, nor whether there is such a token or member."""
    clock = sample.house.clock
    old = code_now(sample)
    clock.move(minutes=10)  # type: ignore[attr-defined]
    used = code_now(sample)
    accepted = ask(browser, plain_key, serial="SN-00", code=used).json()
    assert accepted == {"id": accepted["id"], "result": "accepted", "age_s": 600}
    asked = (
        {"serial": "SN-00", "code": used},
        {"serial": "SN-00", "code": old},
        {"serial": "SN-00", "code": wrong_code(sample)},
        {"serial": "SN-02", "code": used},
        {"serial": "no-such", "code": used},
        {"member": "m1002", "code": used},
        {"member": "nobody", "code": used},
    )
    answers = [ask(browser, plain_key, **body) for body in asked]
    assert {answer.status_code for answer in answers} == {200}
    assert {json.dumps(answer.json() | {"id": ""}) for answer in answers} == {'{"id": "", "result": "refused"}'}
    shown = [{key: value for key, value in answer.headers.items() if key != "content-length"} for answer in answers]
    assert all(one == shown[0] for one in shown)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer otpw",
        "Bearer otpw__",
        "Bearer otpw_nobody_0000",
        "Basic a2V5OmtleQ==",
        "Bearer " + "x" * 5000,
        "Bearer otpw_\xe9\xe9_\xff",
        "Bearer otpw_' OR 1=1 --_x",
    ],
    ids=["none", "empty", "scheme", "blank", "half", "holes", "unknown", "basic", "long", "latin", "sql"],
)
def test_without_a_key_nobody_is_answered(browser: Browser, sample: Sample, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header.encode("latin-1")}
    answer = browser.post(PATH, json={"serial": "SN-00", "code": code_now(sample)}, headers=headers)
    assert_problem(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"
    assert token_of(sample).high_water == -1


def key_row(sample: Sample) -> ApiKey:
    handle = sample.api_key.split("_")[1]
    row = sample.house.look(None, lambda uow: uow.api_keys.first(handle=handle))
    assert row is not None
    return row


@pytest.mark.parametrize("change", ["revoked", "expired", "wrong secret", "other case"])
def test_a_key_that_is_over_looks_like_none(browser: Browser, sample: Sample, clock: FixedClock, change: str) -> None:
    now, key = clock.now(), sample.api_key
    match change:
        case "revoked":
            changes: dict[str, Any] = {"revoked_at": now}
        case "expired":
            changes = {"expires_at": now}
        case "wrong secret":
            changes, key = {}, key[:-1] + ("0" if key[-1] != "0" else "1")
        case _:
            changes, key = {}, key.upper()
    with sample.house.desk(sample.institution.id).uow as uow:
        uow.api_keys.save(replace(key_row(sample), **changes))
        uow.commit()
    refused = ask(browser, key, serial="SN-00", code=code_now(sample))
    nobody = ask(browser, "otpw_nobody_00", serial="SN-00", code=code_now(sample))
    assert assert_problem(refused, 401) == assert_problem(nobody, 401)


def test_a_revocation_works_on_the_next_call(browser: Browser, sample: Sample) -> None:
    assert ask(browser, sample.api_key, serial="SN-00", code=wrong_code(sample)).status_code == 200
    with sample.house.desk(sample.institution.id).uow as uow:
        uow.api_keys.save(replace(key_row(sample), revoked_at=sample.house.clock.now()))
        uow.commit()
    assert_problem(ask(browser, sample.api_key, serial="SN-00", code=wrong_code(sample)), 401)


def test_a_key_without_the_scope_may_not_ask(browser: Browser, sample: Sample) -> None:
    inside = sample.institution.id
    key = sample.house.do(inside, lambda desk: create_api_key(inside, frozenset({"verify:reasons"}), "x", None, desk=desk))
    assert_problem(ask(browser, key, serial="SN-00", code=code_now(sample)), 403)
    assert token_of(sample).high_water == -1


def test_a_key_sees_its_own_institution_only(browser: Browser, sample: Sample, house: House) -> None:
    """Both institutions have an SN-00 with the same seed, so that only the key tells them apart."""
    there = make_sample(house, code="other")
    code = code_now(sample)
    assert ask(browser, there.api_key, serial="SN-00", code=code).json()["result"] == "accepted"
    assert token_of(sample).high_water == -1
    assert ask(browser, sample.api_key, serial="SN-00", code=code).json()["result"] == "accepted"


@pytest.mark.parametrize(
    "typed",
    [
        "{0[0]}{0[1]}{0[2]} {0[3]}{0[4]}{0[5]}",
        " {0} ",
        "{0[0]}{0[1]}{0[2]}\u3000{0[3]}{0[4]}{0[5]}",
        "{0[0]}{0[1]} {0[2]}{0[3]}\t{0[4]}{0[5]}",
        "wide",
    ],
    ids=["in threes", "around", "wide space", "pairs", "full-width"],
)
def test_a_code_may_be_typed_as_people_do(browser: Browser, sample: Sample, typed: str) -> None:
    code = code_now(sample)
    written = "".join(chr(ord(digit) + 0xFEE0) for digit in code) if typed == "wide" else typed.format(code)
    assert ask(browser, sample.api_key, serial="SN-00", code=written).json()["result"] == "accepted"


BROKEN: dict[str, tuple[Any, int, str | None]] = {
    "empty body": (b"", 422, "body"),
    "not json": (b'{"serial": ', 400, None),
    "single quotes": (b"{'serial': 'SN-00'}", 400, None),
    "not utf-8": (b'{"serial": "\xff", "code": "123456"}', 400, None),
    "deep": (b"[" * 20000, 422, "body"),
    "deep inside": (b'{"serial": "SN-00", "code": "123456", "x": ' + b"[" * 20000, 422, "x"),
    "line end in serial": ({"serial": "SN-00\n", "code": "123456"}, 422, "serial"),
    "no address": ({"serial": "SN-00", "code": "123456", "client": "here"}, 422, "client"),
    "no challenge": ({"serial": "SN-00", "code": "123456", "challenge": "1"}, 422, "challenge"),
    "long number": (b'{"code": ' + b"1" * 20000 + b"}", 422, "code"),
    "a list": ([], 422, "body"),
    "a text": ("x", 422, "body"),
    "null": (None, 422, "body"),
    "unknown field": ({"serial": "SN-00", "code": "123456", "pin": "1"}, 422, "pin"),
    "surrogate field": (b'{"serial": "SN-00", "code": "123456", "\\ud800": 1}', 400, None),
    "surrogate serial": (b'{"serial": "\\ud800", "code": "123456"}', 400, None),
    "surrogate code": (b'{"serial": "SN-00", "code": "\\udfff"}', 400, None),
    "nul in serial": ({"serial": "SN\0-00", "code": "123456"}, 422, "serial"),
    "nul in member": ({"member": "m\0", "code": "123456"}, 422, "member"),
    "number for code": ({"serial": "SN-00", "code": 123456}, 422, "code"),
    "list for code": ({"serial": "SN-00", "code": ["123456"]}, 422, "code"),
    "object for code": ({"serial": "SN-00", "code": {"$ne": ""}}, 422, "code"),
    "no code": ({"serial": "SN-00"}, 422, "code"),
    "null code": ({"serial": "SN-00", "code": None}, 422, "code"),
    "empty code": ({"serial": "SN-00", "code": ""}, 422, "code"),
    "letters": ({"serial": "SN-00", "code": "abcdef"}, 422, "code"),
    "arabic digits": ({"serial": "SN-00", "code": "١٢٣٤٥٦"}, 422, "code"),
    "five digits": ({"serial": "SN-00", "code": "12345"}, 422, "code"),
    "eleven digits": ({"serial": "SN-00", "code": "12345678901"}, 422, "code"),
    "minus": ({"serial": "SN-00", "code": "-123456"}, 422, "code"),
    "10 kB code": ({"serial": "SN-00", "code": "1" * 10240}, 422, "code"),
    "neither": ({"code": "123456"}, 422, "body"),
    "both": ({"member": "m1001", "serial": "SN-00", "code": "123456"}, 422, "body"),
    "empty serial": ({"serial": "", "code": "123456"}, 422, "serial"),
    "long member": ({"member": "m" * 129, "code": "123456"}, 422, "member"),
    "number for member": ({"member": 1001, "code": "123456"}, 422, "member"),
}


@pytest.mark.parametrize(("body", "status", "field"), BROKEN.values(), ids=BROKEN.keys())
def test_what_cannot_be_read_is_a_problem_and_counts_against_nobody(
    browser: Browser, sample: Sample, body: Any, status: int, field: str | None
) -> None:
    before = token_of(sample)
    octets = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = bearer(sample.api_key) | {"Content-Type": "application/json"}
    assert_problem(browser.post(PATH, content=octets, headers=headers), status, field=field)
    assert token_of(sample) == before


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", "multipart/form-data", ""]
)
def test_another_content_type_is_refused(browser: Browser, sample: Sample, kind: str) -> None:
    body = json.dumps({"serial": "SN-00", "code": code_now(sample)}).encode()
    headers = bearer(sample.api_key) | ({"Content-Type": kind} if kind else {})
    assert_problem(browser.post(PATH, content=body, headers=headers), 415)
    assert token_of(sample).high_water == -1


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
def test_json_is_taken_however_it_is_named(browser: Browser, sample: Sample, kind: str) -> None:
    body = json.dumps({"serial": "SN-00", "code": code_now(sample)}).encode()
    answer = browser.post(PATH, content=body, headers=bearer(sample.api_key) | {"Content-Type": kind})
    assert answer.json()["result"] == "accepted"


@pytest.mark.parametrize("says", [True, False], ids=["declared", "chunked"])
def test_a_megabyte_is_too_large(browser: Browser, sample: Sample, says: bool) -> None:
    async def pieces() -> Any:
        for _ in range(64):
            yield b" " * 16384

    content: Any = b" " * 2**20 if says else pieces()
    headers = bearer(sample.api_key) | {"Content-Type": "application/json"}
    assert_problem(browser.post(PATH, content=content, headers=headers), 413)


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_another_method_is_refused_with_the_one_there_is(browser: Browser, method: str) -> None:
    answer = browser.request(method, PATH)
    assert_problem(answer, 405)
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1/verifications/1", "/v1/"])
def test_an_unknown_address_is_a_problem_too(browser: Browser, path: str) -> None:
    assert_problem(browser.get(path), 404)


def test_the_lock_after_ten_wrong_codes_answers_as_ever(browser: Browser, sample: Sample, plain_key: str) -> None:
    wrong = wrong_code(sample)
    answers = [ask(browser, plain_key, serial="SN-00", code=wrong).json()["result"] for _ in range(12)]
    assert answers == ["refused"] * 12
    assert (token_of(sample).failures_total, token_of(sample).holds) == (10, frozenset({Hold.LOCKED}))
    told = ask(browser, sample.api_key, serial="SN-00", code=code_now(sample)).json()
    assert (told["result"], told["reason"], told["tries_left"]) == ("refused", "locked", 0)


def test_the_openapi_document_is_true(browser: Browser, sample: Sample) -> None:
    document = browser.get("/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert {PATH, "/v1/challenges", "/v1/phone-signals"} <= set(document["paths"])
    operation = document["paths"][PATH]["post"]
    assert operation["security"], "that a key is needed is said"
    schemes = document["components"]["securitySchemes"]
    assert [schemes[name] for need in operation["security"] for name in need] == [
        {"type": "http", "scheme": "bearer", "description": schemes["key"]["description"]}
    ]
    declared = operation["responses"]
    assert set(declared) == {"200", "400", "401", "403", "408", "409", "413", "415", "422", "429", "500", "503"}
    for status, response in declared.items():
        assert list(response["content"]) == ["application/json" if status == "200" else PROBLEM], status
    schema = document["components"]["schemas"]["Problem"]
    shown = assert_problem(ask(browser, sample.api_key, serial="SN-00", code="x"), 422, field="code")
    assert set(schema["required"]) <= set(shown) <= set(schema["properties"])
    answer = document["components"]["schemas"]["VerificationAnswer"]
    given = ask(browser, sample.api_key, serial="SN-00", code=code_now(sample)).json()
    assert set(answer["required"]) <= set(given) <= set(answer["properties"])


def test_health_and_readiness_are_for_everybody(browser: Browser) -> None:
    for path in ("/healthz", "/readyz"):
        answer = browser.get(path)
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        assert answer.headers["cache-control"] == "no-store"
