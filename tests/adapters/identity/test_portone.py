"""본인확인 by PortOne: the number that came to the phone says who it was, and nothing the browser brings is believed."""

import hashlib
import json
import logging
import re
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest

from otpward.adapters.bounded import ANSWER_LIMIT
from otpward.adapters.identity.portone import PortoneProver, Way
from otpward.core.errors import Invalid, OtpwardError, Unavailable, Unsure
from otpward.core.model.evidence import Evidence
from otpward.core.model.proof import Method
from otpward.core.secret import Personal, Secret
from otpward.ports.prover import Asked, Begun, Refusal, Refused
from otpward.sandbox.identity.people import PEOPLE, Person, by_phone
from tests.adapters.conftest import Faulty
from tests.sandbox.running import Running

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
HONG = PEOPLE[0]


def player(ending: str) -> Person:
    person = by_phone(f"+82105550{ending}")
    assert person is not None
    return person


def prover(
    base_url: str, http: httpx.Client, way: Way = Way.SMS, *, secret: bytes = b"not-a-secret", whole_s: float = 2
) -> PortoneProver:
    return PortoneProver(
        "phone",
        base_url=base_url,
        secret=Secret(secret),
        channel_key="channel-key-sandbox",
        our_address="192.0.2.7",
        http=http,
        way=way,
        whole_s=whole_s,
    )


def asked(person: Person = HONG, number: str = "", **added: str) -> Asked:
    return Asked(
        number=number or hashlib.sha256(repr(time.perf_counter_ns()).encode()).hexdigest()[:20],
        nonce=bytes(32),
        return_url="https://otp.example/prove/back",
        language="ko",
        name=Personal(person.name),
        birth_date=Personal(person.birth_date.isoformat()),
        phone=Personal(person.phone),
        added={"carrier": "SKT", "digit": "3" if person.birth_date.year >= 2000 else "1"} | added,
        now=NOW,
    )


def number_on(http: httpx.Client, sandbox: Running, person: Person) -> str:
    newest = http.get(f"{sandbox.base_url}/api/messages", params={"to": person.phone}).json()[0]
    found = re.search(r"\d{6}", newest["text"])
    assert found is not None
    return found[0]


def gone_through(http: httpx.Client, sandbox: Running, person: Person) -> Evidence | Refused:
    there = prover(sandbox.base_url, http)
    begun = there.begin(asked(person))
    return there.complete(begun.kept, {"code": number_on(http, sandbox, person)}, now=NOW)


def test_the_number_that_came_by_sms_says_who_it_was(sandbox: Running, http: httpx.Client) -> None:
    there = prover(sandbox.base_url, http)
    begun = there.begin(asked())
    assert (begun.code, begun.push, begun.link, dict(begun.form)) == (True, False, "", {})
    found = there.complete(begun.kept, {"code": f" {number_on(http, sandbox, HONG)} "}, now=NOW)
    assert isinstance(found, Evidence)
    assert (found.method, found.provider) == (Method.AGENCY, "phone")
    assert (found.name.reveal(), found.birth_date) == (HONG.name, HONG.birth_date)
    assert (found.phone.reveal(), found.ci.reveal()) == (HONG.phone, HONG.ci)
    assert found.provider_tx.startswith("sandbox-")
    assert len(found.raw_hash) == 32


def test_an_approval_in_the_carrier_s_app_says_who_it_was(sandbox: Running, http: httpx.Client) -> None:
    there, order = prover(sandbox.base_url, http, Way.APP), asked(digit="")
    begun = there.begin(order)
    assert (begun.code, begun.push) == (False, True)
    waiting = there.complete(begun.kept, {}, now=NOW)
    assert waiting == Refused(why=Refusal.NOT_YET, detail="not confirmed")
    assert f'action="/identity/portone/{order.number}"' in http.get(f"{sandbox.base_url}/identity/portone").text
    http.post(f"{sandbox.base_url}/identity/portone/{order.number}", data={"answer": "yes"})
    found = there.complete(begun.kept, {}, now=NOW)
    assert isinstance(found, Evidence)
    assert found.name.reveal() == HONG.name


def test_who_declines_in_the_app_has_cancelled(sandbox: Running, http: httpx.Client) -> None:
    there, order = prover(sandbox.base_url, http, Way.APP), asked()
    begun = there.begin(order)
    http.post(f"{sandbox.base_url}/identity/portone/{order.number}", data={"answer": "no"})
    for _ in range(2):
        found = there.complete(begun.kept, {}, now=NOW)
        assert isinstance(found, Refused)
        assert found.why is Refusal.CANCELLED


@pytest.mark.parametrize(
    ("ending", "why"),
    [
        ("0002", Refusal.CANCELLED),
        ("0004", Refusal.EXPIRED),
        ("0005", Refusal.FORGED),
        ("0006", Refusal.FORGED),
    ],
    ids=["cancelled", "expired", "another phone", "another verification"],
)
def test_what_goes_wrong_is_told_apart(sandbox: Running, http: httpx.Client, ending: str, why: Refusal) -> None:
    found = gone_through(http, sandbox, player(ending))
    assert isinstance(found, Refused)
    assert found.why is why


@pytest.mark.parametrize("ending", ["0003", "0008", "0009", "0010"], ids=["other name", "foreigner", "child", "other CI"])
def test_what_the_service_says_is_handed_on_as_it_is(sandbox: Running, http: httpx.Client, ending: str) -> None:
    person = player(ending)
    found = gone_through(http, sandbox, person)
    assert isinstance(found, Evidence)
    same = (found.name.reveal() == person.name, found.birth_date == person.birth_date, found.ci.reveal() == person.ci)
    assert (
        same
        == {
            "0003": (False, True, False),
            "0008": (True, True, True),
            "0009": (True, True, True),
            "0010": (True, True, False),
        }[ending]
    )


@pytest.mark.parametrize("ending", ["0007", "0017"], ids=["broken", "slow"])
def test_a_dead_provider_is_not_waited_for(sandbox: Running, http: httpx.Client, ending: str) -> None:
    with pytest.raises(Unavailable):
        prover(sandbox.base_url, http).begin(asked(player(ending)))


def test_a_mistyped_number_may_be_typed_again_a_few_times(sandbox: Running, http: httpx.Client) -> None:
    there = prover(sandbox.base_url, http)
    begun = there.begin(asked())
    right = number_on(http, sandbox, HONG)
    wrong = f"{(int(right) + 1) % 1_000_000:06}"
    first = there.complete(begun.kept, {"code": wrong}, now=NOW)
    assert isinstance(first, Refused)
    assert first.why is Refusal.NOT_YET
    assert isinstance(there.complete(begun.kept, {"code": right}, now=NOW), Evidence)

    begun = there.begin(asked())
    right = number_on(http, sandbox, HONG)
    for _ in range(5):
        there.complete(begun.kept, {"code": f"{(int(right) + 1) % 1_000_000:06}"}, now=NOW)
    last = there.complete(begun.kept, {"code": right}, now=NOW)
    assert isinstance(last, Refused)
    assert last.why is Refusal.FAILED


@pytest.mark.parametrize("typed", ["", "12", "abcdef", "١٢٣٤٥٦", "123456789"])
def test_what_is_no_number_does_not_use_up_a_try(faulty: Faulty, http: httpx.Client, typed: str) -> None:
    kept = Secret(b'{"id":"n1","phone":"01055501101"}')
    found = prover(faulty.base_url, http).complete(kept, {"code": typed}, now=NOW)
    assert isinstance(found, Refused)
    assert found.why is Refusal.NOT_YET
    assert faulty.asked == []


def test_a_number_sent_again_voids_the_one_before(sandbox: Running, http: httpx.Client) -> None:
    there = prover(sandbox.base_url, http)
    begun = there.begin(asked())
    old = number_on(http, sandbox, HONG)
    assert there.resend(begun.kept, now=NOW) is begun.kept
    new = number_on(http, sandbox, HONG)
    if old != new:
        assert isinstance(there.complete(begun.kept, {"code": old}, now=NOW), Refused)
    assert isinstance(there.complete(begun.kept, {"code": new}, now=NOW), Evidence)


@pytest.mark.parametrize(
    ("status", "kind", "outcome"),
    [
        (502, "PG_PROVIDER", Refusal.FAILED),
        (409, "IDENTITY_VERIFICATION_ALREADY_VERIFIED", Refusal.FAILED),
        (404, "IDENTITY_VERIFICATION_NOT_FOUND", Refusal.EXPIRED),
        (404, "IDENTITY_VERIFICATION_NOT_SENT", Refusal.EXPIRED),
        (401, "UNAUTHORIZED", Unavailable),
        (429, "MAX_TRANSACTION_COUNT_REACHED", Unavailable),
        (400, "INVALID_REQUEST", Unavailable),
        (500, "", Unavailable),
        (503, "PG", Unavailable),
    ],
    ids=str,
)
def test_why_no_number_is_sent_again(
    faulty: Faulty, http: httpx.Client, status: int, kind: str, outcome: Refusal | type[Unavailable]
) -> None:
    faulty.status, faulty.body = status, json.dumps({"type": kind}).encode()
    kept = Secret(b'{"id":"n1","phone":"01055501101"}')
    try:
        found = prover(faulty.base_url, http).resend(kept, now=NOW)
    except Unavailable:
        assert outcome is Unavailable
    else:
        assert found == Refused(why=outcome, detail=kind)  # type: ignore[arg-type]


def test_the_carrier_refuses_the_sixth_number_and_another_for_who_is_too_late(sandbox: Running, http: httpx.Client) -> None:
    there = prover(sandbox.base_url, http)
    begun = there.begin(asked())
    for _ in range(4):
        assert there.resend(begun.kept, now=NOW) is begun.kept
    with pytest.raises(Unavailable):
        there.resend(begun.kept, now=NOW)
    assert isinstance(there.complete(begun.kept, {"code": number_on(http, sandbox, HONG)}, now=NOW), Evidence)
    late = there.begin(asked(player("0004")))
    assert there.resend(late.kept, now=NOW) == Refused(why=Refusal.FAILED, detail="PG_PROVIDER")


def test_after_a_crash_between_confirming_and_writing_it_down_the_answer_is_still_there(
    sandbox: Running, http: httpx.Client
) -> None:
    there = prover(sandbox.base_url, http)
    begun = there.begin(asked())
    code = {"code": number_on(http, sandbox, HONG)}
    assert isinstance(there.complete(begun.kept, code, now=NOW), Evidence)
    assert isinstance(there.complete(begun.kept, code, now=NOW), Evidence)


def test_a_number_of_ours_is_used_once(sandbox: Running, http: httpx.Client) -> None:
    there, order = prover(sandbox.base_url, http), asked()
    there.begin(order)
    with pytest.raises(Unavailable, match="ALREADY_SENT"):
        there.begin(order)


def test_a_verification_that_was_never_begun_is_over(sandbox: Running, http: httpx.Client) -> None:
    kept = Secret(b'{"id":"nowhere","phone":"01055501101"}')
    found = prover(sandbox.base_url, http).complete(kept, {"code": "123456"}, now=NOW)
    assert isinstance(found, Refused)
    assert found.why is Refusal.EXPIRED


def test_the_carrier_knows_nobody_of_that_name(sandbox: Running, http: httpx.Client) -> None:
    with pytest.raises(Unavailable, match="PG_PROVIDER"):
        prover(sandbox.base_url, http).begin(replace(asked(), name=Personal("남의이름")))


def test_a_wrong_key_of_ours_is_not_the_person_s_fault(sandbox: Running, http: httpx.Client) -> None:
    with pytest.raises(Unavailable):
        prover(sandbox.base_url, http, secret=b"another").begin(asked())
    kept = Secret(b'{"id":"n1","phone":"01055501101"}')
    with pytest.raises(Unavailable):
        prover(sandbox.base_url, http, secret=b"another").complete(kept, {"code": "123456"}, now=NOW)


@pytest.mark.parametrize(
    ("order", "field"),
    [
        (asked(carrier=""), "carrier"),
        (asked(carrier="skt; DROP"), "carrier"),
        (asked(digit=""), "digit"),
        (asked(digit="12"), "digit"),
        (asked(digit="١"), "digit"),
        (replace(asked(), phone=Personal("+14155552671")), "phone"),
        (replace(asked(), phone=Personal("")), "phone"),
        (replace(asked(), birth_date=Personal("")), "birth_date"),
        (replace(asked(), birth_date=Personal("1990-02-30")), "birth_date"),
    ],
    ids=["no carrier", "odd carrier", "no digit", "two", "arabic", "abroad", "no phone", "no birth date", "no day"],
)
def test_what_is_missing_is_named_before_anybody_is_asked(faulty: Faulty, http: httpx.Client, order: Asked, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        prover(faulty.base_url, http).begin(order)
    assert (refusal.value.field, faulty.asked) == (field, [])


def test_the_requests_are_what_the_service_documents(faulty: Faulty, http: httpx.Client) -> None:
    faulty.body = b"{}"
    there = PortoneProver(
        "phone",
        base_url=faulty.base_url + "/",
        secret=Secret(b"k"),
        channel_key="c",
        our_address="192.0.2.7",
        http=http,
        store_id="store-1",
    )
    begun = there.begin(asked(number="N1", carrier="KT_MVNO"))
    there.resend(begun.kept, now=NOW)
    assert faulty.asked == ["/identity-verifications/N1/send", "/identity-verifications/N1/resend?storeId=store-1"]
    assert json.loads(faulty.sent[0]) == {
        "storeId": "store-1",
        "channelKey": "c",
        "customer": {
            "name": HONG.name,
            "phoneNumber": HONG.domestic_phone,
            "ipAddress": "192.0.2.7",
            "identityNumber": f"{HONG.birth_date:%y%m%d}1",
        },
        "operator": "KT_MVNO",
        "method": "SMS",
    }


def said(**changed: Any) -> dict[str, Any]:
    customer = {"name": "홍길동", "birthDate": "1990-01-02", "phoneNumber": "01055501101", "ci": "A" * 88}
    whole = {"id": "n1", "status": "VERIFIED", "verifiedCustomer": customer, "verifiedAt": "2026-11-23T09:00:00Z"}
    return {"identityVerification": whole | changed}


def judged(faulty: Faulty, http: httpx.Client, body: object, status: int = 200) -> Evidence | Refused | type[OtpwardError]:
    faulty.status, faulty.body = status, json.dumps(body).encode()
    kept = Secret(b'{"id":"n1","phone":"01055501101"}')
    try:
        return prover(faulty.base_url, http).complete(kept, {"code": "123456"}, now=NOW)
    except OtpwardError as fault:
        return type(fault)


def test_a_whole_answer_is_evidence(faulty: Faulty, http: httpx.Client) -> None:
    found = judged(faulty, http, said())
    assert isinstance(found, Evidence)
    assert found.provider_tx == "n1"
    assert found.birth_date == date(1990, 1, 2)
    assert found.raw_hash == hashlib.sha256(faulty.body).digest()


@pytest.mark.parametrize(
    "customer",
    [
        {"name": "홍길동"},
        {"name": "홍길동", "birthDate": "?", "ci": "short"},
        {"name": "홍길동", "birthDate": "", "ci": None},
    ],
    ids=["little", "odd", "empty"],
)
def test_what_the_service_does_not_know_stays_empty(faulty: Faulty, http: httpx.Client, customer: Mapping[str, Any]) -> None:
    found = judged(faulty, http, said(verifiedCustomer=customer))
    assert isinstance(found, Evidence)
    assert (found.birth_date, bool(found.ci), found.phone.reveal()) == (None, False, "+821055501101")


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (200, said(id="n2"), Refusal.FORGED),
        (200, said(status="READY"), Refusal.NOT_YET),
        (200, said(status="FAILED", failure={"reason": "?", "pgCode": "7"}), Refusal.FAILED),
        (200, said(status="FAILED"), Refusal.FAILED),
        (200, said(status="VERIFIED", verifiedCustomer=None), Unavailable),
        (200, said(status="verified"), Unavailable),
        (200, {}, Unavailable),
        (200, [], Unavailable),
        (401, {"type": "UNAUTHORIZED"}, Unavailable),
        (403, {}, Unavailable),
        (404, {"type": "IDENTITY_VERIFICATION_NOT_FOUND"}, Refusal.EXPIRED),
        (404, {"type": "IDENTITY_VERIFICATION_NOT_SENT"}, Unavailable),
        (404, {}, Unavailable),
        (429, {}, Unavailable),
        (500, said(), Unavailable),
        (502, {}, Unavailable),
        (502, {"type": "PG_PROVIDER"}, Unsure),
    ],
    ids=str,
)
def test_only_a_whole_yes_is_a_yes(
    faulty: Faulty, http: httpx.Client, status: int, body: object, outcome: Refusal | type[OtpwardError]
) -> None:
    found = judged(faulty, http, body, status)
    assert (found.why if isinstance(found, Refused) else found) == outcome


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"<html>", b'{"id":', b"[" * 100_000], ids=lambda body: repr(body[:10]))
def test_garbage_is_not_an_answer(faulty: Faulty, http: httpx.Client, body: bytes) -> None:
    faulty.body = body
    with pytest.raises(Unavailable):
        prover(faulty.base_url, http).complete(Secret(b'{"id":"n1","phone":"010"}'), {"code": "123456"}, now=NOW)


def test_an_answer_without_end_or_in_drips_is_cut_off(faulty: Faulty, http: httpx.Client) -> None:
    faulty.body = b" " * (ANSWER_LIMIT * 4)
    with pytest.raises(Unavailable, match="too large"):
        prover(faulty.base_url, http).begin(asked())
    faulty.body, faulty.chunk_wait_s = b" " * 20, 0.1
    with pytest.raises(Unavailable, match="in time"):
        prover(faulty.base_url, http, whole_s=0.8).begin(asked())


def test_our_key_does_not_follow_a_redirect(faulty: Faulty, http: httpx.Client) -> None:
    http.follow_redirects = True
    faulty.status, faulty.headers = 307, {"Location": f"{faulty.base_url}/elsewhere"}
    with pytest.raises(Unavailable):
        prover(faulty.base_url, http).begin(asked())
    assert len(faulty.asked) == 1


def test_what_is_kept_says_nothing_when_it_is_shown(sandbox: Running, http: httpx.Client) -> None:
    begun = prover(sandbox.base_url, http).begin(asked())
    assert isinstance(begun, Begun)
    assert HONG.domestic_phone not in repr(begun)


def test_neither_person_nor_number_nor_key_is_logged(
    sandbox: Running, http: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    found = gone_through(http, sandbox, HONG)
    with pytest.raises(Unavailable) as fault:
        prover(sandbox.base_url, http).begin(asked(player("0007")))
    shown = caplog.text + str(fault.value) + repr(found)
    assert not [word for word in (HONG.name, HONG.domestic_phone[-8:], "not-a-secret", HONG.ci) if word in shown]
