"""`/v1/shipments`: a batch from gathering to dispatch by a system, and what a carrier says of a parcel."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from otpward.core.model.case import Delivery
from otpward.services.oversee.create_api_key import create_api_key
from tests.edges.http.portal.seated import TRACKING, Story
from tests.fakes.sample import Sample

PATH = "/v1/shipments"


def key_for(sample: Sample, *scopes: str) -> str:
    inside = sample.institution.id
    return sample.house.do(inside, lambda desk: create_api_key(inside, frozenset(scopes), "post", None, desk=desk))


@pytest.fixture
def key(sample: Sample) -> str:
    return key_for(sample, "shipments:write")


def call(browser: Any, key: str, method: str = "POST", path: str = PATH, **options: Any) -> httpx.Response:
    answer: httpx.Response = browser.request(method, path, headers={"Authorization": f"Bearer {key}"}, **options)
    return answer


def event(state: str, sample: Sample, minutes: int = 0) -> dict[str, str]:
    at = sample.house.clock.now() + timedelta(minutes=minutes)
    return {"state": state, "at": at.isoformat(), "place": "동서울"}


def test_a_batch_goes_from_the_shelf_to_the_post(browser: Any, sample: Sample, key: str) -> None:
    cases = [Story(sample, one).approved(Delivery.POST).number for one in (sample.member, sample.other)]
    made = call(browser, key, path=f"{PATH}/batches", json={"by": "teller", "branch": "main", "cases": cases})
    assert made.status_code == 201, made.text
    batch = f"{PATH}/batches/{made.json()['batch']}"
    serials = [one["serial"] for one in made.json()["parcels"]]
    assert set(serials) < set(sample.shelf)
    wrong = call(browser, key, path=f"{batch}/scans", json={"by": "teller", "position": 1, "serial": serials[1]})
    assert (wrong.status_code, wrong.json()["reason"], wrong.json()["belongs"]) == (409, "neighbour", 2)
    assert wrong.headers["content-type"] == "application/problem+json"
    early = call(browser, key, path=f"{batch}/labels", json={"by": "teller"})
    assert (early.status_code, early.json()["type"]) == (409, "urn:otpward:problem:not_all_match")
    for place in (1, 2):
        ask = {"by": "teller", "position": place, "serial": serials[place - 1], "number": f"601234567890{place}"}
        assert call(browser, key, path=f"{batch}/scans", json=ask).status_code == 200
    assert call(browser, key, path=f"{batch}/labels", json={"by": "teller"}).json()["state"] == "labelled"
    gone = call(browser, key, path=f"{batch}/dispatch", json={"by": "teller"}).json()
    assert (gone["state"], {one["state"] for one in gone["parcels"]}) == ("handed_in", {"dispatched"})
    assert call(browser, key, path=f"{batch}/dispatch", json={"by": "teller"}).status_code == 409
    first = call(browser, key, "GET", params={"limit": 1}).json()
    rest = call(browser, key, "GET", params={"cursor": first["next"], "state": "dispatched"}).json()
    assert len(first["shipments"]) == len(rest["shipments"]) == 1
    assert rest["next"] is None
    assert "홍길동" not in str(first) + str(rest), "people are named by their application"


def test_a_carrier_says_what_happened_as_often_as_it_likes(browser: Any, sample: Sample) -> None:
    carrier = key_for(sample, "shipments:events")
    Story(sample, sample.member).on_its_way("SN-02")
    path = f"{PATH}/{TRACKING}/events"
    for state, minutes, became in (
        ("in_transit", 1, "dispatched"),
        ("delivered", 5, "delivered"),
        ("delivered", 5, "delivered"),
    ):
        answer = call(browser, carrier, path=path, json=event(state, sample, minutes))
        assert (answer.status_code, answer.json()["state"]) == (200, became)
    late = call(browser, carrier, path=path, json=event("accepted", sample, -5)).json()
    assert (late["place"], [one["did"] for one in late["events"]]) == ("동서울", ["note", "note", "deliver"])
    odd = call(browser, carrier, path=path, json=event("returned", sample, 9)).json()
    assert (odd["state"], odd["needs_look"], odd["events"][-1]["did"]) == ("delivered", True, "look")
    reader = key_for(sample, "shipments:read")
    assert len(call(browser, reader, "GET", path).json()) == 4
    assert call(browser, reader, "GET", f"{PATH}/60123-4567-8901").json()["number"] == TRACKING


BAD: dict[str, tuple[dict[str, Any], int]] = {
    "no zone": ({"state": "delivered", "at": "2026-11-23T12:00:00"}, 422),
    "not yet": ({"state": "delivered", "at": "2099-01-01T00:00:00Z"}, 422),
    "beyond the calendar": ({"state": "delivered", "at": "9999-12-31T23:59:59-23:59"}, 422),
    "before the calendar": ({"state": "delivered", "at": "0001-01-01T00:00:00+23:59"}, 422),
    "no such state": ({"state": "eaten", "at": "2026-11-23T12:00:00Z"}, 422),
    "control characters": ({"state": "delivered", "at": "2026-11-23T12:00:00Z", "place": "a\nb"}, 422),
    "one field too many": ({"state": "delivered", "at": "2026-11-23T12:00:00Z", "more": 1}, 422),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_event_is_refused(browser: Any, sample: Sample, name: str) -> None:
    body, status = BAD[name]
    Story(sample, sample.member).on_its_way("SN-02")
    answer = call(browser, key_for(sample, "shipments:events"), path=f"{PATH}/{TRACKING}/events", json=body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_key_does_what_its_scope_says(browser: Any, sample: Sample) -> None:
    Story(sample, sample.member).on_its_way("SN-02")
    reader, carrier = key_for(sample, "shipments:read"), key_for(sample, "shipments:events")
    assert call(browser, reader, path=f"{PATH}/{TRACKING}/events", json=event("delivered", sample)).status_code == 403
    assert call(browser, carrier, "GET", f"{PATH}/{TRACKING}").status_code == 403
    assert call(browser, carrier, path=f"{PATH}/batches", json={"by": "teller", "branch": "main"}).status_code == 403
    assert call(browser, "otpw_no_key", "GET").status_code == 401
    for unknown in ("6890199999999", "nonsense", "0" * 40):
        assert call(browser, reader, "GET", f"{PATH}/{unknown}").status_code == 404


ASKS: dict[str, tuple[dict[str, Any], int]] = {
    "nobody of that name": ({"by": "nobody", "branch": "main"}, 422),
    "no such branch": ({"by": "teller", "branch": "nowhere"}, 422),
    "no such case": ({"by": "teller", "branch": "main", "cases": ["R-1"]}, 422),
    "nothing to send": ({"by": "teller", "branch": "main"}, 409),
}


@pytest.mark.parametrize("name", ASKS)
def test_a_batch_that_cannot_be_is_refused(browser: Any, sample: Sample, key: str, name: str) -> None:
    body, status = ASKS[name]
    assert call(browser, key, path=f"{PATH}/batches", json=body).status_code == status


def test_one_idempotency_key_makes_one_batch_and_a_mistake_leaves_it_free(browser: Any, sample: Sample, key: str) -> None:
    number = Story(sample, sample.member).approved(Delivery.POST).number
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": '"one"'}
    ask = {"by": "teller", "branch": "main", "cases": [number]}
    assert browser.post(f"{PATH}/batches", json={**ask, "branch": "nowhere"}, headers=headers).status_code == 422
    first, again = (browser.post(f"{PATH}/batches", json=ask, headers=headers) for _ in range(2))
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    batch, serial = f"{PATH}/batches/{first.json()['batch']}", first.json()["parcels"][0]["serial"]
    headers["Idempotency-Key"] = '"two"'
    wrong = browser.post(f"{batch}/scans", json={"by": "teller", "position": 1, "serial": "SN-00"}, headers=headers)
    assert wrong.status_code == 409
    right = {"by": "teller", "position": 1, "serial": serial, "number": "6012345678901"}
    scans = [browser.post(f"{batch}/scans", json=right, headers=headers) for _ in range(2)]
    assert [one.status_code for one in scans] == [200, 200]
    assert scans[0].json() == scans[1].json()


def test_what_a_carrier_says_under_one_key_is_kept_once(browser: Any, sample: Sample) -> None:
    carrier = key_for(sample, "shipments:events")
    Story(sample, sample.member).on_its_way("SN-02")
    headers = {"Authorization": f"Bearer {carrier}", "Idempotency-Key": '"one"'}
    body = event("delivered", sample, 5)
    said = [browser.post(f"{PATH}/{TRACKING}/events", json=body, headers=headers) for _ in range(2)]
    assert [one.status_code for one in said] == [200, 200]
    assert said[0].json() == said[1].json()
