"""`POST /v1/phone-signals`: bounded, the same answer for every number, and only for keys that may."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from otpward.services.oversee.create_api_key import create_api_key
from tests.fakes.sample import PHONE, Sample

PATH = "/v1/phone-signals"


@pytest.fixture
def key(sample: Sample) -> str:
    inside = sample.institution.id
    return sample.house.do(inside, lambda desk: create_api_key(inside, frozenset({"signals:write"}), "fds", None, desk=desk))


def asked(sample: Sample, **changes: Any) -> dict[str, Any]:
    at = sample.house.clock.now().isoformat()
    return {"phone": PHONE, "kind": "sim_changed", "at": at, "source": "carrier feed", **changes}


def send(browser: Any, key: str, body: Any, **options: Any) -> httpx.Response:
    more = {"content": body} if isinstance(body, bytes) else {"json": body}
    headers = {"Authorization": f"Bearer {key}", **options.pop("headers", {})}
    answer: httpx.Response = browser.request("POST", PATH, headers=headers, **more, **options)
    return answer


def signals(sample: Sample) -> int:
    return sample.house.look(sample.institution.id, lambda uow: len(uow.audit.find(event="phone:signalled")))


@pytest.mark.parametrize("phone", [PHONE, "+821099998888", "+12025550123"], ids=["known", "unknown", "abroad"])
def test_every_number_gets_the_same_answer(browser: Any, sample: Sample, key: str, phone: str) -> None:
    answer = send(browser, key, asked(sample, phone=phone))
    assert (answer.status_code, answer.json()) == (202, {"result": "taken"})
    assert answer.headers["cache-control"] == "no-store"
    held = sample.house.look(sample.institution.id, lambda uow: uow.members.get(sample.member.id)).phone_signal_at
    assert (held is not None) is (phone == PHONE)
    assert signals(sample) == 1


@pytest.mark.parametrize("kind", ["sim_changed", "number_ported", "lost"])
def test_each_kind_is_taken_and_any_offset(browser: Any, sample: Sample, key: str, kind: str) -> None:
    at = (sample.house.clock.now() + timedelta(hours=9)).strftime("%Y-%m-%dT%H:%M:%S+09:00")
    assert send(browser, key, asked(sample, kind=kind, at=at)).status_code == 202


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"phone": "010-5550-1101"}, "phone", id="not E.164"),
        pytest.param({"phone": "+8210555011011"}, "phone", id="a digit too many"),
        pytest.param({"phone": "+82" + "1" * 10_240}, "phone", id="10 kB"),
        pytest.param({"phone": 821055501101}, "phone", id="a number"),
        pytest.param({"kind": "stolen"}, "kind", id="a kind we do not know"),
        pytest.param({"at": "2026-11-23T12:00:00"}, "at", id="no offset"),
        pytest.param({"at": "yesterday"}, "at", id="no time"),
        pytest.param({"at": "2026-09-23T12:00:00Z"}, "at", id="long ago"),
        pytest.param({"at": "2027-11-23T12:00:00Z"}, "at", id="to come"),
        pytest.param({"source": ""}, "source", id="nobody"),
        pytest.param({"source": "x" * 61}, "source", id="too long"),
        pytest.param({"source": "a\nb"}, "source", id="a line break"),
        pytest.param({"name": "홍길동"}, "name", id="more than is asked"),
    ],
)
def test_what_is_wrong_is_named(browser: Any, sample: Sample, key: str, changes: dict[str, Any], field: str) -> None:
    answer = send(browser, key, asked(sample, **changes))
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json()["field"] == field
    assert len(answer.content) < 2000
    assert signals(sample) == 0


@pytest.mark.parametrize(("body", "status"), [(b"", 422), (b"{", 400), (b"[]", 422), (b"null", 422)])
def test_what_is_no_document_is_refused(browser: Any, key: str, body: bytes, status: int) -> None:
    answer = send(browser, key, body, headers={"content-type": "application/json"})
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_the_key_must_be_there_and_for_this(browser: Any, sample: Sample, key: str) -> None:
    assert send(browser, "otpw_nobody_00", asked(sample)).status_code == 401
    assert send(browser, sample.api_key, asked(sample)).status_code == 403
    assert browser.post("/v1/verifications", json={}, headers={"Authorization": f"Bearer {key}"}).status_code in {403, 422}
    assert signals(sample) == 0


def test_other_methods_are_not_offered(browser: Any, key: str) -> None:
    assert browser.get(PATH, headers={"Authorization": f"Bearer {key}"}).status_code == 405


@pytest.mark.parametrize("path", ["/v1/phone-signals", "/v1/challenges", "/v1/policies", "/v1/policies/check"])
@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer otpw_nobody_00"}], ids=["no key", "an unknown key"])
def test_without_a_key_nobody_is_told_what_a_body_should_hold(browser: Any, path: str, header: dict[str, str]) -> None:
    told = browser.post(path, json={"phone": "1"}, headers=header)
    assert told.status_code == 401
    assert told.json() == {"type": "urn:otpward:problem:unauthorized", "title": "A valid API key is needed", "status": 401}
