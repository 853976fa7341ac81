"""NICE v2 against the sandbox: what each number ends in, what an attacker tries, and what a dead provider costs."""

import json
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec
import pytest

from otpward.adapters.identity.nice_v2 import NiceV2Prover, Service, ends_at, services_of
from otpward.core.errors import Invalid, Unavailable
from otpward.core.model.evidence import Evidence
from otpward.core.model.proof import Method
from otpward.core.secret import NOTHING, Secret
from otpward.ports.prover import Asked, Begun, Refusal, Refused
from otpward.sandbox.identity.people import PEOPLE, Person, Scenario, by_id, told_of
from tests.adapters.conftest import Faulty
from tests.sandbox.nice_walk import Walker
from tests.sandbox.running import Running

NOW = datetime.now(UTC)
RETURN = "http://127.0.0.1:9/prove/provider/back"


def asked(number: str = "01J8Z7K3QX", *, now: datetime = NOW, return_url: str = RETURN) -> Asked:
    return Asked(number=number, nonce=bytes(range(32)), return_url=return_url, language="ko", now=now)


def prover(base_url: str, http: httpx.Client, **more: Any) -> NiceV2Prover:
    given: dict[str, Any] = {"client_id": "sandbox", "client_secret": Secret(b"not-a-secret"), **more}
    return NiceV2Prover("nice", base_url, given.pop("client_id"), given.pop("client_secret"), http, **given)


def player(scenario: Scenario) -> Person:
    person = by_id(f"s{scenario.value}")
    assert person is not None
    return person


def walked(running: Running, http: httpx.Client, begun: Begun, person: Person) -> dict[str, str]:
    walker = Walker(http, running.base_url)
    walker.open(begun.link)
    walker.as_person(person)
    return walker.carried()


@pytest.mark.parametrize("person", [PEOPLE[0], PEOPLE[18]], ids=["홍길동", "Jane Porter"])
def test_a_member_proves_who_they_are(sandbox: Running, http: httpx.Client, person: Person) -> None:
    nice = prover(sandbox.base_url, http)
    begun = nice.begin(asked())
    assert not begun.form
    assert not begun.push
    carried = walked(sandbox, http, begun, person)
    assert set(carried) == {"web_transaction_id"}
    proved = nice.complete(begun.kept, carried, now=NOW)
    assert isinstance(proved, Evidence)
    assert (proved.method, proved.provider) == (Method.AGENCY, "nice")
    assert (proved.name.reveal(), proved.birth_date) == (person.name, person.birth_date)
    assert (proved.phone.reveal(), proved.ci.reveal()) == (person.phone, person.ci)
    assert proved.verified_at == NOW
    assert len(proved.raw_hash) == 32
    assert proved.provider_tx.encode() in begun.kept.reveal()


def test_ipin_tells_no_phone(sandbox: Running, http: httpx.Client) -> None:
    nice = prover(sandbox.base_url, http, services=(Service.PHONE, Service.IPIN))
    begun = nice.begin(asked())
    walker = Walker(http, sandbox.base_url)
    walker.open(begun.link)
    walker.with_ipin("m1002")
    proved = nice.complete(begun.kept, walker.carried(), now=NOW)
    assert isinstance(proved, Evidence)
    assert (proved.name.reveal(), proved.ci.reveal()) == (PEOPLE[1].name, PEOPLE[1].ci)
    assert proved.phone == NOTHING


def test_what_goes_wrong_by_phone_goes_wrong_by_ipin(sandbox: Running, http: httpx.Client) -> None:
    nice = prover(sandbox.base_url, http, services=(Service.IPIN,))
    found = []
    for scenario in (Scenario.CANCELS, Scenario.EXPIRED, Scenario.TAMPERED, Scenario.REPLAYED):
        begun = nice.begin(asked())
        walker = Walker(http, sandbox.base_url)
        walker.open(begun.link)
        walker.with_ipin(player(scenario).id)
        found.append(nice.complete(begun.kept, walker.carried(), now=NOW))
    assert [one.why for one in found if isinstance(one, Refused)] == [
        Refusal.CANCELLED,
        Refusal.EXPIRED,
        Refusal.FORGED,
        Refusal.FORGED,
    ]


def test_ipin_alone_begins_with_its_own_page(sandbox: Running, http: httpx.Client) -> None:
    nice = prover(sandbox.base_url, http, services=(Service.IPIN,))
    begun = nice.begin(asked())
    walker = Walker(http, sandbox.base_url)
    walker.open(begun.link)
    walker.with_ipin("m1003")
    assert isinstance(nice.complete(begun.kept, walker.carried(), now=NOW), Evidence)


@pytest.mark.parametrize(
    ("scenario", "why"),
    [
        (Scenario.CANCELS, Refusal.CANCELLED),
        (Scenario.EXPIRED, Refusal.EXPIRED),
        (Scenario.TAMPERED, Refusal.FORGED),
        (Scenario.REPLAYED, Refusal.FORGED),
    ],
)
def test_what_goes_wrong_there_is_refused(sandbox: Running, http: httpx.Client, scenario: Scenario, why: Refusal) -> None:
    nice = prover(sandbox.base_url, http)
    begun = nice.begin(asked())
    refused = nice.complete(begun.kept, walked(sandbox, http, begun, player(scenario)), now=NOW)
    assert isinstance(refused, Refused)
    assert refused.why is why


@pytest.mark.parametrize("scenario", [Scenario.OTHER_NAME, Scenario.FOREIGNER, Scenario.MINOR, Scenario.OTHER_CI])
def test_whoever_they_speak_of_is_told_as_they_say(sandbox: Running, http: httpx.Client, scenario: Scenario) -> None:
    nice = prover(sandbox.base_url, http)
    begun = nice.begin(asked())
    proved = nice.complete(begun.kept, walked(sandbox, http, begun, player(scenario)), now=NOW)
    told = told_of(player(scenario))
    assert isinstance(proved, Evidence)
    assert (proved.name.reveal(), proved.birth_date, proved.ci.reveal()) == (told.name, told.birth_date, told.ci)


@pytest.mark.parametrize("scenario", [Scenario.BROKEN, Scenario.SLOW])
def test_a_provider_that_is_down_costs_five_seconds_at_most(sandbox: Running, http: httpx.Client, scenario: Scenario) -> None:
    nice = prover(sandbox.base_url, http)
    begun = nice.begin(asked())
    carried = walked(sandbox, http, begun, player(scenario))
    started = time.monotonic()
    with pytest.raises(Unavailable):
        nice.complete(begun.kept, carried, now=NOW)
    assert time.monotonic() - started < 5


def test_a_result_is_fetched_once(sandbox: Running, http: httpx.Client) -> None:
    nice = prover(sandbox.base_url, http)
    begun = nice.begin(asked())
    carried = walked(sandbox, http, begun, PEOPLE[0])
    assert isinstance(nice.complete(begun.kept, carried, now=NOW), Evidence)
    again = nice.complete(begun.kept, carried, now=NOW)
    assert again == Refused(why=Refusal.FAILED, detail="NICE 3033")


def test_the_result_of_another_transaction_is_refused(sandbox: Running, http: httpx.Client) -> None:
    nice = prover(sandbox.base_url, http)
    mine, others = nice.begin(asked("MINE")), nice.begin(asked("OTHERS"))
    carried = walked(sandbox, http, others, PEOPLE[0])
    assert isinstance(nice.complete(mine.kept, carried, now=NOW), Refused)
    walked(sandbox, http, mine, PEOPLE[1])
    assert isinstance(nice.complete(mine.kept, carried, now=NOW), Refused)
    assert isinstance(nice.complete(others.kept, carried, now=NOW), Evidence)


@pytest.mark.parametrize("number", ["0" * 32, "x", "../token", "한글", "A" * 5000])
def test_a_number_that_the_browser_made_up_is_refused(sandbox: Running, http: httpx.Client, number: str) -> None:
    nice = prover(sandbox.base_url, http)
    begun = nice.begin(asked())
    walked(sandbox, http, begun, PEOPLE[0])
    assert isinstance(nice.complete(begun.kept, {"web_transaction_id": number}, now=NOW), Refused)


def test_coming_back_without_a_number_is_a_cancellation(sandbox: Running, http: httpx.Client) -> None:
    nice = prover(sandbox.base_url, http)
    begun = nice.begin(asked())
    claims = {"name": "홍길동", "ci": "x" * 88, "closed": "1"}
    assert nice.complete(begun.kept, claims, now=NOW) == Refused(why=Refusal.CANCELLED)


def test_after_ten_minutes_nobody_is_asked(sandbox: Running, http: httpx.Client) -> None:
    nice = prover(sandbox.base_url, http)
    begun = nice.begin(asked())
    carried = walked(sandbox, http, begun, PEOPLE[0])
    late = nice.complete(begun.kept, carried, now=NOW + timedelta(minutes=10, seconds=1))
    assert late == Refused(why=Refusal.EXPIRED)


def test_a_token_is_asked_for_once_and_again_when_it_is_lost(sandbox: Running) -> None:
    paths: list[str] = []
    with httpx.Client(event_hooks={"request": [lambda request: paths.append(request.url.path.rsplit("/", 1)[-1])]}) as http:
        nice = prover(sandbox.base_url, http)
        for _ in range(2):
            nice.begin(asked())
        assert paths == ["token", "url", "url"]
        nice.begin(asked(now=NOW + timedelta(hours=23, minutes=50)))
        assert paths[3:] == ["token", "url"]


def test_a_revoked_token_is_replaced(faulty: Faulty, http: httpx.Client) -> None:
    nice = prover(faulty.base_url, http)
    faulty.body = token_and_screen(faulty.base_url)
    nice.begin(asked())
    faulty.status, faulty.body = 401, b'{"result_code":"1004"}'
    with pytest.raises(Unavailable, match="1004"):
        nice.begin(asked())
    assert [path.rsplit("/", 1)[-1] for path in faulty.asked] == ["token", "url", "url", "token"]


@pytest.mark.parametrize(("id_", "secret"), [("other", b"not-a-secret"), ("sandbox", b"guess")])
def test_a_key_that_is_not_accepted_is_ours_to_repair(sandbox: Running, http: httpx.Client, id_: str, secret: bytes) -> None:
    with pytest.raises(Unavailable, match="1006"):
        prover(sandbox.base_url, http, client_id=id_, client_secret=Secret(secret)).begin(asked())


def token_and_screen(base_url: str, **changed: Any) -> bytes:
    facts: dict[str, Any] = {
        "result_code": "0000",
        "access_token": "t",
        "expires_in": 86_400,
        "iterators": 66,
        "ticket": "ticket",
        "transaction_id": "TX",
        "auth_url": f"{base_url}/page",
        **changed,
    }
    return json.dumps(facts).encode()


def put(faulty: Faulty, *, status: int = 200, body: bytes = b"", wait_s: float = 0, chunk_wait_s: float = 0) -> None:
    faulty.status, faulty.body, faulty.wait_s, faulty.chunk_wait_s = status, body, wait_s, chunk_wait_s


BAD_ANSWERS: list[Any] = [
    pytest.param({"status": 503}, id="503"),
    pytest.param({"status": 302}, id="redirect"),
    pytest.param({"status": 404, "body": b"not found"}, id="404"),
    pytest.param({"status": 400, "body": b'{"result_code":"0000"}'}, id="good and bad"),
    pytest.param({"body": b""}, id="empty"),
    pytest.param({"body": b"{"}, id="half"),
    pytest.param({"body": b"\xff\xfe"}, id="octets"),
    pytest.param({"body": b"[" * 100_000}, id="deep"),
    pytest.param({"body": b'{"result_code":0}'}, id="number for text"),
    pytest.param({"body": b'{"result_code":"0000"}'}, id="nothing else"),
    pytest.param({"body": b'{"result_code":"1007"}'}, id="address not registered"),
    pytest.param({"body": b" " * 300_000 + b"{}"}, id="too large"),
]


@pytest.mark.parametrize("fault", BAD_ANSWERS)
@pytest.mark.parametrize("at", ["begin", "complete"])
def test_an_answer_as_it_should_not_be_is_no_answer(faulty: Faulty, http: httpx.Client, fault: dict[str, Any], at: str) -> None:
    nice = prover(faulty.base_url, http)
    calls: dict[str, Callable[[], object]] = {"begin": lambda: nice.begin(asked())}
    if at == "complete":
        put(faulty, body=token_and_screen(faulty.base_url))
        kept = nice.begin(asked()).kept
        calls["complete"] = lambda: nice.complete(kept, {"web_transaction_id": "W"}, now=NOW)
    put(faulty, **fault)
    if fault.get("status") == 302:
        faulty.headers = {"Location": f"{faulty.base_url}/elsewhere"}
    with pytest.raises(Unavailable):
        calls[at]()
    assert not any("elsewhere" in path for path in faulty.asked)


@pytest.mark.parametrize("changed", [{"iterators": 0}, {"iterators": 10**9}, {"ticket": ""}], ids=str)
def test_a_token_that_would_cost_or_protect_nothing_is_not_used(
    faulty: Faulty, http: httpx.Client, changed: dict[str, Any]
) -> None:
    put(faulty, body=token_and_screen(faulty.base_url, **changed))
    with pytest.raises(Unavailable):
        prover(faulty.base_url, http).begin(asked())


@pytest.mark.parametrize(
    "page",
    [
        "https://evil.example/",
        "https://auth.niceid.co.kr.evil.example/",
        "https://evilniceid.co.kr/",
        "http://auth.niceid.co.kr/",
        "https://auth.niceid.co.kr:444/",
        "https://user@auth.niceid.co.kr/",
        "javascript:alert(1)",
        "//evil.example/",
        "http://[",
        "http://127.0.0.1:x/",
        "",
    ],
)
def test_nobody_is_sent_to_a_page_that_is_not_theirs(faulty: Faulty, http: httpx.Client, page: str) -> None:
    put(faulty, body=token_and_screen(faulty.base_url, auth_url=page))
    with pytest.raises(Unavailable):
        prover(faulty.base_url, http).begin(asked())


def test_their_own_pages_are_theirs(faulty: Faulty, http: httpx.Client) -> None:
    for page in ("https://auth.niceid.co.kr/ido/intc/x", "https://nice.checkplus.co.kr:443/y"):
        put(faulty, body=token_and_screen(faulty.base_url, auth_url=page))
        assert prover(faulty.base_url, http).begin(asked()).link == page


@pytest.mark.parametrize("fault", [{"wait_s": 8.0}, {"chunk_wait_s": 0.2, "body": b" " * 60}], ids=["silent", "dripping"])
def test_a_slow_provider_costs_five_seconds_at_most(faulty: Faulty, http: httpx.Client, fault: dict[str, Any]) -> None:
    put(faulty, **fault)
    started = time.monotonic()
    with pytest.raises(Unavailable):
        prover(faulty.base_url, http).begin(asked())
    assert time.monotonic() - started < 5.2


def test_nothing_secret_is_logged(sandbox: Running, http: httpx.Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    nice = prover(sandbox.base_url, http)
    begun = nice.begin(asked())
    carried = walked(sandbox, http, begun, PEOPLE[0])
    proved = nice.complete(begun.kept, carried, now=NOW)
    kept = msgspec.json.decode(begun.kept.reveal(), type=dict[str, Any])
    ours = [record for record in caplog.records if record.name != "httpcore.http11"]
    said = " ".join([*(record.getMessage() for record in ours), repr(begun), repr(proved), repr(nice)])
    for secret in (kept["ticket"], kept["access_token"], "not-a-secret", "홍길동", PEOPLE[0].ci, PEOPLE[0].domestic_phone):
        assert secret not in said


def test_what_they_are_told_fits_their_rules(faulty: Faulty, http: httpx.Client) -> None:
    put(faulty, body=token_and_screen(faulty.base_url))
    prover(faulty.base_url, http, services=(Service.PHONE, Service.IPIN)).begin(asked(return_url=f"{RETURN}?case=1"))
    token, screen = (json.loads(body) for body in faulty.sent)
    assert token["grant_type"] == "client_credentials"
    assert 20 <= len(screen["request_no"]) <= 50
    assert screen["svc_types"] == ["M", "I"]
    assert screen["return_url"] == f"{RETURN}?case=1"
    assert urlsplit(screen["close_url"]).query == "case=1&closed=1"
    with pytest.raises(Invalid):
        prover(faulty.base_url, http).begin(asked(return_url=RETURN + "x" * 250))


@pytest.mark.parametrize(
    ("expires_in", "lasts"),
    [
        (3600, timedelta(hours=1)),
        (int((NOW + timedelta(hours=2)).timestamp() * 1000), timedelta(hours=2)),
        (10**18, timedelta(days=1)),
        (10**10, timedelta(days=1)),
        (-5, timedelta(0)),
    ],
    ids=["seconds", "moment", "far", "long", "over"],
)
def test_a_token_ends_when_they_say_and_within_a_day(expires_in: int, lasts: timedelta) -> None:
    assert abs(ends_at(expires_in, now=NOW) - NOW - lasts) < timedelta(seconds=1)


def test_settings_name_the_services() -> None:
    assert services_of("") == (Service.PHONE,)
    assert services_of("phone, ipin phone") == (Service.PHONE, Service.IPIN)
    with pytest.raises(Invalid, match="phone, ipin"):
        services_of("fax")
