"""`/v1/campaigns`, as a system of the institution sees it."""

from datetime import date, timedelta
from typing import Any

import pytest

from otpward.core.model.member import Role
from otpward.services.health.decide_campaign import DecideCampaign, start_campaign
from tests.edges.http.conftest import Browser
from tests.edges.http.console.staffed import appoint
from tests.edges.http.test_policies_api import key
from tests.fakes.sample import Sample
from tests.services.health.looking_after import ask_all, ends, used
from tests.services.walk import Walk

PATH = "/v1/campaigns"
QUARTER = {"branch": "main", "expires_from": "2027-01-01", "expires_until": "2027-03-31"}
WHOLE: dict[str, Any] = {"name": "Q1", "chosen": QUARTER, "ends_on": "2027-01-31"}


@pytest.fixture
def walk(sample: Sample) -> Walk:
    walk = Walk(sample)
    for serial, day in (("SN-00", date(2027, 2, 1)), ("SN-01", date(2027, 3, 31))):
        ends(walk, serial, day, branch_id=sample.branch.id)
        used(walk, serial, walk.now - timedelta(days=40))
    return walk


def test_it_is_counted_put_forward_and_not_started(browser: Browser, sample: Sample, walk: Walk) -> None:
    writes = key(sample, "campaigns:write")
    assert browser.post(f"{PATH}/count", json=QUARTER, headers=writes).json() == {"members": 2}
    made = browser.post(PATH, json=WHOLE, headers=writes)
    assert (made.status_code, made.json()["number"], made.json()["state"]) == (201, 1, "proposed")
    assert ask_all(walk) == 0
    told = browser.get(PATH, headers=key(sample, "campaigns:read")).json()["campaigns"]
    assert [(one["name"], one["progress"]["asked"]) for one in told] == [("Q1", 0)]
    assert browser.get(f"{PATH}/1", headers=writes).json() == told[0]
    assert browser.get(f"{PATH}/2", headers=writes).status_code == 404


def test_what_is_wrong_is_said(browser: Browser, sample: Sample, walk: Walk) -> None:
    writes = key(sample, "campaigns:write")
    wrong: list[tuple[dict[str, Any], int, str | None]] = [
        ({"ends_on": "2026-01-01"}, 422, "ends_on"),
        ({"chosen": {}}, 422, "everybody"),
        ({"chosen": {"branch": "nowhere"}}, 422, "branch"),
        ({"chosen": {"model": "none"}}, 409, None),
        ({"rest_days": "30"}, 422, None),
        ({"name": ""}, 422, None),
        ({"until": "2027-01-01"}, 422, None),
    ]
    for changes, status, field in wrong:
        answer = browser.post(PATH, json={**WHOLE, **changes}, headers=writes)
        assert answer.status_code == status, changes
        assert field is None or answer.json()["field"] == field, answer.text
    assert walk.look(lambda uow: uow.campaigns.count()) == 0


def test_a_key_is_needed_and_of_this_scope(browser: Browser, sample: Sample) -> None:
    assert browser.get(PATH).status_code == 401
    assert browser.get(PATH, headers=key(sample, "verify")).status_code == 403
    assert browser.post(PATH, json=WHOLE, headers=key(sample, "campaigns:read")).status_code == 403


def test_it_is_stopped_in_somebodys_name_and_started_by_no_key(browser: Browser, sample: Sample, walk: Walk) -> None:
    writes, reads = key(sample, "campaigns:write"), key(sample, "campaigns:read")
    boss = {"by": appoint(sample, Role.ADMINISTRATOR).login}
    for _ in range(2):
        assert browser.post(PATH, json=WHOLE, headers=writes).status_code == 201
    refused = browser.post(f"{PATH}/1/start", json=boss, headers=writes)
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:otpward:problem:needs_a_person")
    back = browser.post(f"{PATH}/2/send-back", json=boss, headers=writes)
    assert (back.status_code, back.json()["state"]) == (200, "withdrawn")
    start = DecideCampaign(operator=walk.colleague(Role.ADMINISTRATOR), number=1)
    walk.do(lambda desk: start_campaign(start, desk=desk))
    assert browser.post(f"{PATH}/1/end", json=boss, headers=reads).status_code == 403
    ended = browser.post(f"{PATH}/1/end", json=boss, headers=writes).json()
    assert (ended["state"], bool(ended["started_at"]), bool(ended["ended_at"])) == ("ended", True, True)
    assert browser.post(f"{PATH}/1/end", json=boss, headers=writes).status_code == 409
    assert browser.post(f"{PATH}/9/end", json=boss, headers=writes).status_code == 404
    assert browser.post(f"{PATH}/1/end", json={"by": "m1001"}, headers=writes).status_code == 422
