"""NICE v1 against the sandbox: a sealed result that comes by the browser, and everything an attacker may do to it there."""

import json
import logging
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote_plus

import httpx
import msgspec
import pytest

from otpward.adapters.identity.nice_v1 import NiceV1Prover, moment
from otpward.adapters.identity.nice_v1_crypto import derive_keys, open_result, seal
from otpward.core.errors import Unavailable
from otpward.core.model.evidence import Evidence
from otpward.core.model.proof import Method
from otpward.core.secret import Secret
from otpward.ports.prover import Asked, Begun, Refusal, Refused
from otpward.sandbox.identity.people import PEOPLE, Person, Scenario, by_id, told_of
from tests.adapters.conftest import Faulty
from tests.sandbox.nice_walk import Walker
from tests.sandbox.running import Running

RETURN = "http://127.0.0.1:9/prove/provider/back?case=1"
CI = PEOPLE[0].ci


def now() -> datetime:
    return datetime.now(UTC)


def asked(number: str = "01J8Z7K3QX", *, at: datetime | None = None) -> Asked:
    return Asked(number=number, nonce=bytes(range(32)), return_url=RETURN, language="ko", now=at or now())


def prover(base_url: str, http: httpx.Client, **more: Any) -> NiceV1Prover:
    given: dict[str, Any] = {
        "name": "nice1",
        "base_url": base_url,
        "screen_url": base_url,
        "client_id": "sandbox",
        "client_secret": Secret(b"not-a-secret"),
        "product_id": "2101979031",
        "http": http,
    }
    return NiceV1Prover(**(given | more))


def player(scenario: Scenario) -> Person:
    person = by_id(f"s{scenario.value}")
    assert person is not None
    return person


def walked(running: Running, http: httpx.Client, begun: Begun, person: Person) -> dict[str, str]:
    walker = Walker(http, running.base_url)
    walker.open(begun.link, begun.form)
    walker.as_person(person)
    return walker.carried()


@pytest.mark.parametrize("person", [PEOPLE[0], PEOPLE[18]], ids=["홍길동", "Jane Porter"])
def test_a_member_proves_who_they_are(sandbox: Running, http: httpx.Client, person: Person) -> None:
    nice = prover(sandbox.base_url, http)
    begun = nice.begin(asked())
    assert begun.link == f"{sandbox.base_url}/CheckPlusSafeModel/service.cb"
    assert set(begun.form) == {"m", "token_version_id", "enc_data", "integrity_value"}
    carried = walked(sandbox, http, begun, person)
    assert carried.pop("case") == "1"
    assert set(carried) == {"token_version_id", "enc_data", "integrity_value"}
    proved = nice.complete(begun.kept, carried, now=now())
    assert isinstance(proved, Evidence)
    assert (proved.method, proved.provider) == (Method.AGENCY, "nice1")
    assert (proved.name.reveal(), proved.birth_date) == (person.name, person.birth_date)
    assert (proved.phone.reveal(), proved.ci.reveal()) == (person.phone, person.ci)
    assert len(proved.raw_hash) == 32
    assert proved.provider_tx


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
    refused = nice.complete(begun.kept, walked(sandbox, http, begun, player(scenario)), now=now())
    assert isinstance(refused, Refused)
    assert refused.why is why


@pytest.mark.parametrize("scenario", [Scenario.OTHER_NAME, Scenario.FOREIGNER, Scenario.MINOR, Scenario.OTHER_CI])
def test_whoever_they_speak_of_is_told_as_they_say(sandbox: Running, http: httpx.Client, scenario: Scenario) -> None:
    nice = prover(sandbox.base_url, http)
    begun = nice.begin(asked())
    proved = nice.complete(begun.kept, walked(sandbox, http, begun, player(scenario)), now=now())
    told = told_of(player(scenario))
    assert isinstance(proved, Evidence)
    assert (proved.name.reveal(), proved.birth_date, proved.ci.reveal()) == (told.name, told.birth_date, told.ci)


@pytest.mark.parametrize("scenario", [Scenario.BROKEN, Scenario.SLOW])
def test_a_page_that_breaks_down_leaves_nothing_to_complete(sandbox: Running, http: httpx.Client, scenario: Scenario) -> None:
    nice = prover(sandbox.base_url, http)
    begun = nice.begin(asked())
    walker = Walker(http, sandbox.base_url)
    walker.open(begun.link, begun.form)
    walker.as_person(player(scenario))
    assert walker.page == "service unavailable"
    assert nice.complete(begun.kept, {"case": "1"}, now=now()) == Refused(why=Refusal.CANCELLED)


def test_the_result_of_another_transaction_is_forged(sandbox: Running, http: httpx.Client) -> None:
    nice = prover(sandbox.base_url, http)
    mine, others = nice.begin(asked("MINE")), nice.begin(asked("OTHERS"))
    carried = walked(sandbox, http, others, PEOPLE[0])
    for callback in (carried, carried | {"token_version_id": mine.form["token_version_id"]}):
        refused = nice.complete(mine.kept, callback, now=now())
        assert isinstance(refused, Refused)
        assert refused.why is Refusal.FORGED
    assert isinstance(nice.complete(others.kept, carried, now=now()), Evidence)


@pytest.mark.parametrize("field", ["enc_data", "integrity_value", "token_version_id"])
@pytest.mark.parametrize("change", ["first", "cut", "empty", "한글", "long"])
def test_whatever_is_changed_on_the_way_is_noticed(sandbox: Running, http: httpx.Client, field: str, change: str) -> None:
    nice = prover(sandbox.base_url, http)
    begun = nice.begin(asked())
    carried = walked(sandbox, http, begun, PEOPLE[0])
    value = carried[field]
    first = ("B" if value[0] == "A" else "A") + value[1:]
    carried[field] = {"first": first, "cut": value[:-4], "empty": "", "한글": "한글", "long": value * 50}[change]
    refused = nice.complete(begun.kept, carried, now=now())
    assert isinstance(refused, Refused)
    assert refused.why in (Refusal.FORGED, Refusal.CANCELLED)


def test_our_own_order_is_no_result(sandbox: Running, http: httpx.Client) -> None:
    nice = prover(sandbox.base_url, http)
    begun = nice.begin(asked())
    refused = nice.complete(begun.kept, begun.form, now=now())
    assert refused == Refused(why=Refusal.FORGED, detail="what came back is no result")


def test_a_plus_that_became_a_space_is_forgiven(sandbox: Running, http: httpx.Client) -> None:
    nice = prover(sandbox.base_url, http)
    begun = nice.begin(asked())
    carried = {name: value.replace("+", " ") for name, value in walked(sandbox, http, begun, PEOPLE[0]).items()}
    assert isinstance(nice.complete(begun.kept, carried, now=now()), Evidence)


def test_after_ten_minutes_nothing_is_opened(sandbox: Running, http: httpx.Client) -> None:
    nice = prover(sandbox.base_url, http)
    begun = nice.begin(asked())
    carried = walked(sandbox, http, begun, PEOPLE[0])
    assert nice.complete(begun.kept, carried, now=now() + timedelta(minutes=11)) == Refused(why=Refusal.EXPIRED)


# What only the real service could seal: made here with the keys of a transaction of our own.

AT = datetime(2024, 1, 1, 3, 0, tzinfo=UTC)


def sealed(claims: dict[str, Any] | bytes) -> tuple[Secret, dict[str, str]]:
    """A transaction as it is kept, and a callback under its keys."""
    kept = {
        "request_no": "REQ2024010100000001",
        "asked_at": "20240101120000",
        "token_val": "TESTTOKENVALUE0001",
        "token_version_id": "V1",
        "site_code": "SITE",
        "begun_at": AT.isoformat(),
    }
    keys = derive_keys(asked_at=kept["asked_at"], request_number=kept["request_no"], token=Secret(kept["token_val"].encode()))
    plain = claims if isinstance(claims, bytes) else json.dumps(claims, ensure_ascii=False).encode("cp949")
    enc_data, value = seal(plain, keys=keys)
    callback = {"token_version_id": "V1", "enc_data": enc_data, "integrity_value": value}
    return Secret(json.dumps(kept).encode()), callback


CLAIMS: dict[str, Any] = {
    "resultcode": "0000",
    "requestno": "REQ2024010100000001",
    "enctime": "20240101120130",
    "sitecode": "SITE",
    "responseno": "R1",
    "authtype": "M",
    "name": "홍길동",
    "utf8_name": quote_plus("홍길동"),
    "birthdate": "19900131",
    "gender": "1",
    "nationalinfo": "0",
    "mobileco": "1",
    "mobileno": "01012345678",
    "ci": CI,
    "di": "D" * 64,
}


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"resultcode": "9999"}, Refusal.FAILED),
        ({"requestno": "REQ2024010100000002"}, Refusal.FORGED),
        ({"requestno": ""}, Refusal.FORGED),
        ({"sitecode": "OTHER"}, Refusal.FORGED),
        ({"enctime": "20240101114000"}, Refusal.EXPIRED),
        ({"enctime": "20240101130000"}, Refusal.EXPIRED),
        ({"enctime": "yesterday"}, Refusal.EXPIRED),
        ({"name": "", "utf8_name": ""}, Refusal.FAILED),
    ],
    ids=str,
)
def test_a_genuine_result_still_has_to_be_ours_and_fresh(http: httpx.Client, changed: dict[str, str], why: Refusal) -> None:
    kept, callback = sealed(CLAIMS | changed)
    refused = prover("http://127.0.0.1:9", http).complete(kept, callback, now=AT + timedelta(minutes=2))
    assert isinstance(refused, Refused)
    assert refused.why is why


@pytest.mark.parametrize(
    "plain", [b"", b"{", b"[]", b"\xff\xff", b'{"resultcode":0}', b'{"resultcode":null}', b"[" * 9000], ids=repr
)
def test_a_genuine_result_that_makes_no_sense_is_no_answer(http: httpx.Client, plain: bytes) -> None:
    kept, callback = sealed(plain)
    with pytest.raises(Unavailable):
        prover("http://127.0.0.1:9", http).complete(kept, callback, now=AT)


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ({"name": "홍길동", "utf8_name": ""}, "홍길동"),
        ({"name": "?", "utf8_name": quote_plus("뷁")}, "뷁"),
        ({"name": "뷁", "utf8_name": ""}, "뷁"),
        ({"name": "JANE PORTER", "utf8_name": quote_plus("Jane Porter")}, "Jane Porter"),
    ],
    ids=["euc-kr", "utf-8 only", "beyond euc-kr", "latin"],
)
def test_a_name_arrives_whole(http: httpx.Client, told: dict[str, str], name: str) -> None:
    kept, callback = sealed(CLAIMS | told)
    proved = prover("http://127.0.0.1:9", http).complete(kept, callback, now=AT + timedelta(minutes=2))
    assert isinstance(proved, Evidence)
    assert proved.name.reveal() == name


def test_what_is_malformed_in_a_genuine_result_is_left_out(http: httpx.Client) -> None:
    kept, callback = sealed(CLAIMS | {"birthdate": "19901331", "mobileno": None, "ci": "short"})
    proved = prover("http://127.0.0.1:9", http).complete(kept, callback, now=AT + timedelta(minutes=2))
    assert isinstance(proved, Evidence)
    assert (proved.birth_date, bool(proved.phone), bool(proved.ci)) == (None, False, False)


def test_the_order_says_what_they_want_to_hear(sandbox: Running, http: httpx.Client) -> None:
    begun = prover(sandbox.base_url, http).begin(asked())
    kept = msgspec.json.decode(begun.kept.reveal(), type=dict[str, Any])
    keys = derive_keys(asked_at=kept["asked_at"], request_number=kept["request_no"], token=Secret(kept["token_val"].encode()))
    plain = open_result(begun.form["enc_data"], keys=keys)
    assert plain is not None
    order = json.loads(plain)
    assert len(order["requestno"]) <= 30
    assert order["requestno"].startswith("01J8Z7K3QX")
    assert (order["returnurl"], order["methodtype"], order["authtype"]) == (RETURN, "get", "M")


def test_a_token_is_asked_for_once_a_day(sandbox: Running) -> None:
    paths: list[str] = []
    with httpx.Client(event_hooks={"request": [lambda request: paths.append(request.url.path.split("/")[3])]}) as http:
        nice = prover(sandbox.base_url, http)
        for _ in range(2):
            nice.begin(asked())
        assert paths == ["oauth", "api", "api"]
        with pytest.raises(Unavailable, match="1800"):
            nice.begin(asked(at=now() + timedelta(days=1, minutes=1)))
        assert paths[3:] == ["oauth", "api"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [({"client_id": "other"}, "1700"), ({"client_secret": Secret(b"guess")}, "1700"), ({"product_id": "1"}, "1707")],
    ids=["client", "secret", "product"],
)
def test_a_key_that_is_not_accepted_is_ours_to_repair(
    sandbox: Running, http: httpx.Client, changed: dict[str, Any], code: str
) -> None:
    with pytest.raises(Unavailable, match=code):
        prover(sandbox.base_url, http, **changed).begin(asked())


def test_a_revoked_token_is_replaced_once(faulty: Faulty, http: httpx.Client) -> None:
    nice = prover(faulty.base_url, http)
    crypto = {"rsp_cd": "P000", "result_cd": "0000", "site_code": "S", "token_version_id": "V", "token_val": "T"}
    body = {"access_token": "a", "expires_in": "86400", **crypto}
    faulty.body = json.dumps({"dataHeader": {"GW_RSLT_CD": "1200"}, "dataBody": body}).encode()
    nice.begin(asked())
    faulty.status = 401
    with pytest.raises(Unavailable):
        nice.begin(asked())
    assert [path.split("/")[3] for path in faulty.asked] == ["oauth", "api", "api", "oauth"]


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"status": 503}, id="503"),
        pytest.param({"status": 404, "body": b"not found"}, id="404"),
        pytest.param({"body": b""}, id="empty"),
        pytest.param({"body": b"{"}, id="half"),
        pytest.param({"body": b"\xff\xfe"}, id="octets"),
        pytest.param({"body": b"[" * 100_000}, id="deep"),
        pytest.param({"body": b'{"dataHeader":{}}'}, id="no code"),
        pytest.param({"body": b'{"dataHeader":{"GW_RSLT_CD":"1800"}}'}, id="clock"),
        pytest.param({"body": b'{"dataHeader":{"GW_RSLT_CD":"1200"},"dataBody":null}'}, id="no token"),
        pytest.param(
            {"body": b'{"dataHeader":{"GW_RSLT_CD":"1200"},"dataBody":{"access_token":"a","rsp_cd":"S603"}}'}, id="no keys"
        ),
        pytest.param({"body": b" " * 300_000 + b"{}"}, id="too large"),
    ],
)
def test_an_answer_as_it_should_not_be_is_no_answer(faulty: Faulty, http: httpx.Client, fault: dict[str, Any]) -> None:
    for name, value in fault.items():
        setattr(faulty, name, value)
    with pytest.raises(Unavailable):
        prover(faulty.base_url, http).begin(asked())


def test_a_silent_provider_costs_five_seconds_at_most(faulty: Faulty, http: httpx.Client) -> None:
    faulty.wait_s = 8
    started = time.monotonic()
    with pytest.raises(Unavailable):
        prover(faulty.base_url, http).begin(asked())
    assert time.monotonic() - started < 5


def test_nothing_secret_is_logged(sandbox: Running, http: httpx.Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    nice = prover(sandbox.base_url, http)
    begun = nice.begin(asked())
    ours = " ".join(record.getMessage() for record in caplog.records if not record.name.startswith("httpcore"))
    kept = msgspec.json.decode(begun.kept.reveal(), type=dict[str, Any])
    said = f"{ours} {begun.kept!r} {nice!r}"
    for secret in (kept["token_val"], "not-a-secret"):
        assert secret not in said


def test_a_moment_is_korean() -> None:
    assert moment("20240101120000") == AT
    assert moment("2024") is None
