"""`/v1/policies`, as a system of the institution sees it."""

from typing import Any

import httpx
import pytest

from otpward.core.model.institution import Institution
from otpward.services.oversee.create_api_key import create_api_key
from tests.edges.http.conftest import Browser
from tests.fakes.sample import Sample, make_sample
from tests.services.oversee.policies.writing import FEE, desks

PATH = "/v1/policies"


def key(sample: Sample, *scopes: str, of: Institution | None = None) -> dict[str, str]:
    inside = (of or sample.institution).id
    made = sample.house.do(inside, lambda desk: create_api_key(inside, frozenset(scopes), "rules", None, desk=desk))
    return {"Authorization": f"Bearer {made}"}


@pytest.fixture
def writes(sample: Sample) -> dict[str, str]:
    return key(sample, "policies:write")


def write(browser: Browser, headers: dict[str, str], **body: Any) -> httpx.Response:
    return browser.post(PATH, json={"text": FEE, **body}, headers=headers)


def test_a_draft_is_written_put_forward_and_approved_by_a_person(
    browser: Browser, sample: Sample, writes: dict[str, str]
) -> None:
    made = write(browser, writes, note="Fee")
    assert (made.status_code, made.json()) == (201, {"number": 1, "standing": "draft", "note": "Fee"})
    proposed = browser.post(f"{PATH}/1/proposal", json={"effective_on": "2026-11-23"}, headers=writes)
    assert (proposed.status_code, proposed.json()["standing"]) == (200, "proposed")
    desks(sample).approve(1)
    told = browser.get(PATH, headers=writes).json()
    assert (told["current"], [one["standing"] for one in told["policies"]]) == (1, ["in_force"])
    assert browser.get(f"{PATH}/1", headers=writes).json()["text"] == FEE


def test_version_0_is_what_goes_before_the_first(browser: Browser, sample: Sample) -> None:
    told = browser.get(f"{PATH}/0", headers=key(sample, "policies:read")).json()
    assert told["standing"] == "in_force"
    assert "fee_won = 0" in told["text"]


def test_what_it_changes_and_what_it_would_ask(browser: Browser, writes: dict[str, str]) -> None:
    write(browser, writes)
    changes = browser.get(f"{PATH}/1/changes", headers=writes).json()
    [change] = changes["changes"]
    assert (changes["before"], change["path"], change["before"], change["after"]) == (0, "rules.all.fee_won", "0", "7000")
    asked = browser.get(f"{PATH}/1/requirement?kind=minor&reason=faulty&delivery=post", headers=writes).json()
    assert (asked["fee_won"], asked["waivers"], asked["working_days"]) == (7000, ["faulty"], 4)
    assert [one["name"] for one in asked["papers"]] == ["guardian_id", "family_certificate", "basic_certificate"]
    young = browser.get(f"{PATH}/1/requirement?reason=faulty&delivery=post&device_months=3", headers=writes).json()
    assert (young["fee_won"], young["full_fee_won"]) == (0, 7000)


def test_a_check_says_everything_in_both_languages_and_keeps_nothing(browser: Browser, writes: dict[str, str]) -> None:
    text = "[rules.all]\nfee_won = -1\nfee = 1"
    faults = browser.post(f"{PATH}/check", json={"text": text}, headers=writes).json()["faults"]
    assert [(one["flaw"], one["path"]) for one in faults] == [
        ("negative", "rules.all.fee_won"),
        ("unknown_key", "rules.all.fee"),
    ]
    assert faults[0]["ko"] == "rules.all.fee_won: 0보다 작을 수 없습니다"
    assert browser.post(f"{PATH}/check", json={"text": ""}, headers=writes).json() == {"faults": []}
    assert browser.get(PATH, headers=writes).json() == {"current": 0, "policies": []}


BAD = {
    "a bad text": ({"text": "[rules.all]\nfee_won = -1"}, 422, "bad_policy"),
    "no text": ({"text": None}, 422, "invalid"),
    "another kind of value": ({"text": 1}, 422, "invalid"),
    "a field too many": ({"text": "", "approve": True}, 422, "invalid"),
    "a draft that is none": ({"number": 9}, 404, "not_found"),
    "no draft number": ({"number": 0}, 422, "invalid"),
}


@pytest.mark.parametrize(("body", "status", "code"), BAD.values(), ids=BAD)
def test_bad_input_leaves_nothing_behind(
    browser: Browser, writes: dict[str, str], body: dict[str, Any], status: int, code: str
) -> None:
    answer = write(browser, writes, **body)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"].endswith(code) or code == "invalid"
    assert browser.get(PATH, headers=writes).json()["policies"] == []


def test_half_a_character_is_refused(browser: Browser, writes: dict[str, str]) -> None:
    answer = browser.post(PATH, content=rb'{"text": "# \ud800"}', headers={**writes, "Content-Type": "application/json"})
    assert answer.status_code in {400, 422}
    assert browser.get(PATH, headers=writes).json()["policies"] == []


def test_ten_megabytes_are_too_large(browser: Browser, writes: dict[str, str]) -> None:
    assert write(browser, writes, text="#" * 10_000_000).status_code == 413


@pytest.mark.parametrize(("day", "status"), [("2026-11-22", 422), ("2040-01-01", 422), ("soon", 422), ("2026-11-23", 200)])
def test_a_day_that_is_over_or_none_is_refused(browser: Browser, writes: dict[str, str], day: str, status: int) -> None:
    write(browser, writes)
    answer = browser.post(f"{PATH}/1/proposal", json={"effective_on": day}, headers=writes)
    assert answer.status_code == status


def test_a_version_in_force_is_not_withdrawn_and_a_draft_is(browser: Browser, sample: Sample, writes: dict[str, str]) -> None:
    desks(sample).put_in_force(FEE)
    write(browser, writes)
    assert browser.request("DELETE", f"{PATH}/1", headers=writes).status_code == 409
    assert browser.request("DELETE", f"{PATH}/2", headers=writes).json()["standing"] == "withdrawn"


def test_a_key_may_what_its_scope_says(browser: Browser, sample: Sample) -> None:
    reads, verifies = key(sample, "policies:read"), {"Authorization": f"Bearer {sample.api_key}"}
    assert browser.get(PATH, headers=reads).status_code == 200
    assert write(browser, reads).status_code == 403
    assert browser.get(PATH, headers=verifies).status_code == 403
    refused = browser.get(PATH)
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"] == "Bearer"


def test_another_institution_is_another_world(browser: Browser, sample: Sample) -> None:
    other = make_sample(sample.house, code="other").institution
    desks(sample).put_in_force(FEE)
    theirs = key(sample, "policies:write", of=other)
    assert browser.get(PATH, headers=theirs).json() == {"current": 0, "policies": []}
    assert browser.get(f"{PATH}/1", headers=theirs).status_code == 404
    assert browser.request("DELETE", f"{PATH}/1", headers=theirs).status_code == 404


@pytest.mark.parametrize("number", ["-1", "x", "99999999999999999999"])
def test_a_number_that_is_none_is_refused(browser: Browser, writes: dict[str, str], number: str) -> None:
    assert browser.get(f"{PATH}/{number}", headers=writes).status_code == 422
