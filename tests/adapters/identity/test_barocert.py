"""Certificates in apps: the app asks, the person approves, and the service says once who it was."""

import base64
import hashlib
import json
import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from otpward.adapters.identity.barocert import App, BarocertProver, holds
from otpward.core.errors import Invalid, OtpwardError, Unavailable
from otpward.core.model.evidence import Evidence
from otpward.core.model.proof import Method
from otpward.core.secret import NOTHING, Personal, Secret
from otpward.ports.prover import Asked, Begun, Refusal, Refused
from otpward.sandbox.identity.barocert import CLIENT_CODE, LINK_ID, SECRET_KEY
from otpward.sandbox.identity.people import PEOPLE, Person, by_phone
from tests.adapters.identity.provider import Told, provider
from tests.sandbox.running import Running

HONG = PEOPLE[0]
RECEIPT = "02304000000100000000000000000001"
AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


def player(ending: str) -> Person:
    person = by_phone(f"+82105550{ending}")
    assert person is not None
    return person


def prover(base_url: str, http: httpx.Client, app: App = App.KAKAO, secret: str = SECRET_KEY) -> BarocertProver:
    return BarocertProver(
        "kakao",
        app=app,
        token_url=base_url,
        base_url=base_url,
        link_id=LINK_ID,
        secret=Secret(secret.encode()),
        client_code=CLIENT_CODE,
        title="OTP 재발급 본인인증",
        call_center="1588-0000",
        http=http,
    )


def asked(person: Person = HONG, *, now: datetime | None = None) -> Asked:
    return Asked(
        number="N1",
        nonce=hashlib.sha256(repr(time.perf_counter_ns()).encode()).digest(),
        return_url="https://otp.example/prove/back",
        language="ko",
        name=Personal(person.name),
        birth_date=Personal(person.birth_date.isoformat()),
        phone=Personal(person.phone),
        now=now or datetime.now(UTC),
    )


def receipt_of(begun: Begun) -> str:
    return str(json.loads(begun.kept.reveal())["receipt"])


def press(http: httpx.Client, sandbox: Running, begun: Begun, answer: str) -> None:
    there = f"{sandbox.base_url}/identity/barocert"
    assert receipt_of(begun) in http.get(there).text
    assert http.post(f"{there}/{receipt_of(begun)}", data={"answer": answer}).status_code == 303


def refusal(found: Evidence | Refused) -> Refusal:
    assert isinstance(found, Refused)
    return found.why


@pytest.mark.parametrize("app", App)
def test_who_approves_in_the_app_is_known(sandbox: Running, http: httpx.Client, app: App) -> None:
    there = prover(sandbox.base_url, http, app)
    begun = there.begin(asked())
    assert (begun.push, begun.code, begun.link) == (True, False, "")
    assert refusal(there.complete(begun.kept, {}, now=datetime.now(UTC))) is Refusal.NOT_YET
    press(http, sandbox, begun, "yes")
    found = there.complete(begun.kept, {}, now=datetime.now(UTC))
    assert isinstance(found, Evidence)
    assert (found.method, found.provider, found.provider_tx) == (Method.APP, "kakao", receipt_of(begun))
    assert (found.name.reveal(), found.birth_date) == (HONG.name, HONG.birth_date)
    assert (found.phone.reveal(), found.ci.reveal()) == (HONG.phone, HONG.ci)
    assert refusal(there.complete(begun.kept, {}, now=datetime.now(UTC))) is Refusal.FAILED, "it is said once"


def test_who_declines_in_the_app_has_cancelled(sandbox: Running, http: httpx.Client) -> None:
    there = prover(sandbox.base_url, http)
    begun = there.begin(asked())
    press(http, sandbox, begun, "no")
    assert refusal(there.complete(begun.kept, {}, now=datetime.now(UTC))) is Refusal.CANCELLED


@pytest.mark.parametrize(
    ("ending", "why"), [("0002", Refusal.CANCELLED), ("0004", Refusal.EXPIRED)], ids=["declined", "too late"]
)
def test_an_app_that_is_not_answered_well(sandbox: Running, http: httpx.Client, ending: str, why: Refusal) -> None:
    there = prover(sandbox.base_url, http)
    begun = there.begin(asked(player(ending)))
    assert refusal(there.complete(begun.kept, {}, now=datetime.now(UTC))) is why


@pytest.mark.parametrize("app", App)
@pytest.mark.parametrize(
    ("ending", "why"), [("0005", Refusal.FORGED), ("0006", Refusal.FAILED)], ids=["tampered", "fetched before"]
)
def test_an_answer_that_is_not_ours(sandbox: Running, http: httpx.Client, app: App, ending: str, why: Refusal) -> None:
    there = prover(sandbox.base_url, http, app)
    begun = there.begin(asked(player(ending)))
    press(http, sandbox, begun, "yes")
    assert refusal(there.complete(begun.kept, {}, now=datetime.now(UTC))) is why


@pytest.mark.parametrize("ending", ["0003", "0009", "0010"], ids=["other name", "child", "other CI"])
def test_what_the_service_says_is_handed_on_as_it_is(sandbox: Running, http: httpx.Client, ending: str) -> None:
    there, person = prover(sandbox.base_url, http), player(ending)
    begun = there.begin(asked(person))
    press(http, sandbox, begun, "yes")
    found = there.complete(begun.kept, {}, now=datetime.now(UTC))
    assert isinstance(found, Evidence)
    assert (found.name.reveal() == person.name, found.ci.reveal() == person.ci) == {
        "0003": (False, False),
        "0009": (True, True),
        "0010": (True, False),
    }[ending]


@pytest.mark.parametrize("ending", ["0007", "0017"], ids=["broken", "slow"])
def test_a_dead_provider_is_not_waited_for(sandbox: Running, http: httpx.Client, ending: str) -> None:
    with pytest.raises(Unavailable):
        prover(sandbox.base_url, http).begin(asked(player(ending)))


@pytest.mark.parametrize(
    "order",
    [replace(asked(), name=Personal("남의이름")), replace(asked(), birth_date=Personal("1999-09-09"))],
    ids=["name", "birth date"],
)
def test_the_app_knows_nobody_like_that(sandbox: Running, http: httpx.Client, order: Asked) -> None:
    with pytest.raises(Unavailable):
        prover(sandbox.base_url, http).begin(replace(order, now=datetime.now(UTC)))


def test_a_wrong_secret_or_clock_of_ours_is_not_the_person_s_fault(sandbox: Running, http: httpx.Client) -> None:
    with pytest.raises(Unavailable):
        prover(sandbox.base_url, http, secret=base64.b64encode(bytes(32)).decode()).begin(asked())
    with pytest.raises(Unavailable):
        prover(sandbox.base_url, http).begin(asked(now=datetime(2020, 1, 1, tzinfo=UTC)))


def test_the_sandbox_checks_what_is_signed(sandbox: Running, http: httpx.Client) -> None:
    answer = http.post(f"{sandbox.base_url}/KAKAO/Identity/{CLIENT_CODE}", content=b"{}")
    assert (answer.status_code, answer.json()["code"]) == (401, -99999901)
    assert http.get(f"{sandbox.base_url}/KAKAO/Identity/{CLIENT_CODE}/{RECEIPT}").status_code == 401
    assert http.post(f"{sandbox.base_url}/BAROCERT/Token", content=b"{}").status_code == 401


@pytest.mark.parametrize(
    ("order", "field"),
    [
        (replace(asked(), phone=NOTHING), "phone"),
        (replace(asked(), phone=Personal("+14155552671")), "phone"),
        (replace(asked(), birth_date=NOTHING), "birth_date"),
        (replace(asked(), name=NOTHING), "name"),
    ],
    ids=["no phone", "abroad", "no birth date", "no name"],
)
def test_what_is_missing_is_named_before_anybody_is_asked(http: httpx.Client, order: Asked, field: str) -> None:
    with pytest.raises(Invalid) as fault:
        prover("http://127.0.0.1:9", http).begin(order)
    assert fault.value.field == field


@pytest.mark.parametrize(
    ("app", "code", "call_center", "field"),
    [
        (App.KAKAO, "", "", "client_code"),
        (App.KAKAO, "12345678901", "", "client_code"),
        (App.KAKAO, "12345678901a", "", "client_code"),
        (App.KAKAO, "١٢٣٤٥٦٧٨٩٠١٢", "", "client_code"),
        (App.NAVER, CLIENT_CODE, "", "call_center"),
        (App.PASS, CLIENT_CODE, "", "call_center"),
    ],
)
def test_what_the_account_lacks_is_said_at_the_start(app: App, code: str, call_center: str, field: str) -> None:
    with pytest.raises(Invalid) as fault:
        BarocertProver(
            "kakao",
            app=app,
            token_url="",
            base_url="",
            link_id="L",
            secret=Secret(SECRET_KEY.encode()),
            client_code=code,
            title="",
            call_center=call_center,
            http=httpx.Client(),
        )
    assert fault.value.field == field


@pytest.fixture
def there() -> Iterator[Told]:
    with provider() as told:
        told.answers["/BAROCERT/Token"] = (200, {"session_token": "t", "expiration": "2099-01-01T00:00:00Z"})
        for app in App:
            told.answers[f"/{app}/Identity/{CLIENT_CODE}"] = (200, {"receiptID": RECEIPT})
            told.answers[f"/{app}/Identity/{CLIENT_CODE}/{RECEIPT}"] = (200, {"receiptID": RECEIPT, "state": 1})
        yield told


def opened(field: str) -> str:
    octets = base64.b64decode(field)
    return AESGCM(base64.b64decode(SECRET_KEY)).decrypt(octets[:12], octets[12:], None).decode()


@pytest.mark.parametrize("app", App)
def test_the_request_is_what_the_service_documents(there: Told, http: httpx.Client, app: App) -> None:
    begun = prover(there.base_url, http, app).begin(asked(now=AT))
    kept = json.loads(begun.kept.reveal())
    order = json.loads(there.sent[1])
    sealed = {name: opened(order.pop(name)) for name in list(order) if name.startswith("receiver") and name != "receiverInfoYN"}
    assert sealed == {
        "receiverHP": HONG.domestic_phone,
        "receiverName": HONG.name,
        "receiverBirthday": f"{HONG.birth_date:%Y%m%d}",
    }
    if app is not App.NAVER:
        assert opened(order.pop("token")) == kept["token"]
    if app is App.PASS:
        assert opened(order.pop("reqMessage")) == "OTP 재발급 본인인증"
    title, centre = {"reqTitle": "OTP 재발급 본인인증"}, {"callCenterNum": "1588-0000"}
    own: dict[App, dict[str, object]] = {
        App.KAKAO: {**title},
        App.NAVER: {**centre},
        App.PASS: {**title, **centre, "userAgreementYN": True, "receiverInfoYN": True},
    }
    assert order == {"expireIn": 300, "appUseYN": False} | own[app]
    carried = {name.lower(): value for name, value in there.carried[1].items()}
    assert carried["authorization"] == "Bearer t"
    assert (carried["x-bc-version"], carried["x-bc-date"]) == ("2.1", "2026-11-23T09:00:00Z")
    assert carried["x-bc-encryptionmode"] == "GCM"
    assert [path.split("?")[0] for path in there.asked] == ["/BAROCERT/Token", f"/{app}/Identity/{CLIENT_CODE}"]


@pytest.mark.parametrize("receipt", ["", "1", "a" * 32, "../../../../../../../../etc/pass", None, 7])
def test_a_receipt_has_32_digits(there: Told, http: httpx.Client, receipt: object) -> None:
    there.answers[f"/KAKAO/Identity/{CLIENT_CODE}"] = (200, {"receiptID": receipt})
    with pytest.raises(Unavailable):
        prover(there.base_url, http).begin(asked(now=AT))


def said(token: str, **changed: Any) -> dict[str, Any]:
    whole = {
        "receiptID": RECEIPT,
        "state": 1,
        "signedData": token,
        "ci": "A" * 88,
        "receiverName": "홍길동",
        "receiverYear": "1990",
        "receiverDay": "0102",
    }
    return whole | changed


def judged(there: Told, http: httpx.Client, app: App = App.KAKAO, **changed: Any) -> Evidence | Refused:
    asker = prover(there.base_url, http, app)
    begun = asker.begin(asked(now=AT))
    token = json.loads(begun.kept.reveal())["token"]
    there.answers[f"/{app}/Identity/Verify/{CLIENT_CODE}/{RECEIPT}"] = (200, said(token, **changed))
    return asker.complete(begun.kept, {}, now=AT)


def test_an_honest_answer_is_evidence(there: Told, http: httpx.Client) -> None:
    found = judged(there, http)
    assert isinstance(found, Evidence)
    assert (found.birth_date, found.phone.reveal()) == (datetime(1990, 1, 2, tzinfo=UTC).date(), HONG.phone)


def test_pass_is_told_again_whom_it_is_about(there: Told, http: httpx.Client) -> None:
    assert isinstance(judged(there, http, App.PASS, signedData="packed otherwise"), Evidence)
    fields = {name: opened(value) for name, value in json.loads(there.sent[-1]).items()}
    assert fields == {"receiverHP": HONG.domestic_phone, "receiverName": HONG.name}


@pytest.mark.parametrize(
    "changed",
    [{"signedData": "0" * 64}, {"signedData": ""}, {"receiptID": "1" * 32}, {"state": 0}, {"receiverHP": "01099998888"}],
    ids=str,
)
def test_an_answer_about_something_else_is_forged(there: Told, http: httpx.Client, changed: dict[str, Any]) -> None:
    assert refusal(judged(there, http, **changed)) is Refusal.FORGED


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ((200, {"receiptID": RECEIPT, "state": 0}), Refusal.NOT_YET),
        ((200, {"receiptID": RECEIPT, "state": 2}), Refusal.EXPIRED),
        ((200, {"receiptID": RECEIPT, "state": 3}), Refusal.CANCELLED),
        ((200, {"receiptID": RECEIPT, "state": 4}), Refusal.FAILED),
        ((200, {"receiptID": "1" * 32, "state": 1}), Refusal.FORGED),
        ((200, {"receiptID": RECEIPT, "state": "1"}), Unavailable),
        ((200, {}), Unavailable),
        ((200, b"<html>"), Unavailable),
        ((400, {"code": -1, "message": "홍길동"}), Refusal.FAILED),
        ((401, {}), Unavailable),
        ((503, {}), Unavailable),
    ],
    ids=str,
)
def test_a_state_is_read_as_it_is(
    there: Told, http: httpx.Client, answer: tuple[int, Any], outcome: Refusal | type[OtpwardError]
) -> None:
    asker = prover(there.base_url, http)
    begun = asker.begin(asked(now=AT))
    there.answers[f"/KAKAO/Identity/{CLIENT_CODE}/{RECEIPT}"] = answer
    if isinstance(outcome, Refusal):
        found = asker.complete(begun.kept, {}, now=AT)
        assert refusal(found) is outcome
        assert "홍길동" not in repr(found)
    else:
        with pytest.raises(outcome):
            asker.complete(begun.kept, {}, now=AT)
    assert not [path for path in there.asked if "Verify" in path]


@pytest.mark.parametrize(
    ("signed", "there_it_is"),
    [
        ("abc", True),
        ("xabcx", True),
        (base64.b64encode(b"..abc..").decode(), True),
        (base64.urlsafe_b64encode(b"\xff\xfeabc").decode().rstrip("="), True),
        (f"e30.{base64.b64encode(b'abc').decode()}.sig", True),
        ("", False),
        ("ab", False),
        ("한글.x.y", False),
        (base64.b64encode(b"ab").decode(), False),
    ],
)
def test_a_token_is_found_in_what_was_signed(signed: str, there_it_is: bool) -> None:
    assert holds(signed, "abc") is there_it_is


def test_nothing_personal_is_logged(sandbox: Running, http: httpx.Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    there = prover(sandbox.base_url, http)
    begun = there.begin(asked())
    press(http, sandbox, begun, "yes")
    shown = caplog.text + repr((begun, there, there.complete(begun.kept, {}, now=datetime.now(UTC))))
    assert not [word for word in (HONG.name, HONG.domestic_phone, SECRET_KEY, HONG.ci) if word in shown]
