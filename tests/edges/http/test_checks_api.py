"""`/v1/checks`: what is wrong with a device, for systems that may ask."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from otpward.services.oversee.create_api_key import create_api_key
from tests.edges.http.portal.codes import WRONG, device_number
from tests.fakes.sample import Sample

PATH = "/v1/checks"


@pytest.fixture
def key(sample: Sample) -> str:
    inside = sample.institution.id
    return sample.house.do(inside, lambda desk: create_api_key(inside, frozenset({"checks:write"}), "bank", None, desk=desk))


def call(browser: Any, key: str, method: str = "POST", path: str = PATH, **options: Any) -> httpx.Response:
    answer: httpx.Response = browser.request(method, path, headers={"Authorization": f"Bearer {key}"}, **options)
    return answer


def test_a_number_is_checked_and_the_check_can_be_read_again(browser: Any, sample: Sample, key: str) -> None:
    made = call(browser, key, json={"member": "m1001", "code": device_number(sample), "complaint": "refused"})
    said = made.json()
    assert (made.status_code, said["outcome"], said["verdict"], said["next"]) == (201, "works", "accepted", "done")
    assert (said["serial"], said["clock_off_s"], said["tries_left"]) == ("SN-00", 0, 10)
    read = call(browser, key, "GET", f"{PATH}/{said['id']}").json()
    assert read == {name: value for name, value in said.items() if name != "tries_left"}
    assert call(browser, key, "GET", PATH, params={"serial": "SN-00"}).json()["checks"] == [read]


def test_a_clock_far_off_needs_two_numbers_and_is_told_in_seconds(browser: Any, sample: Sample, key: str) -> None:
    number = [device_number(sample, off_s=off_s) for off_s in (540, 600)]
    assert call(browser, key, json={"serial": "SN-00", "code": number[1]}).json()["next"] == "two_numbers"
    said = call(browser, key, json={"serial": "SN-00", "code": number[0], "second": number[1]}).json()
    assert (said["outcome"], said["next"]) == ("resynced", "done")
    assert abs(said["clock_off_s"] - 600) <= 10


@pytest.mark.parametrize(
    ("body", "next_"),
    [
        pytest.param({"code": WRONG}, "another_number", id="a wrong number"),
        pytest.param({"code": "000001", "second": "000002"}, "replace", id="a wrong pair"),
        pytest.param({"complaint": "dark"}, "replace", id="stays dark"),
    ],
)
def test_each_finding_says_what_helps(browser: Any, key: str, body: dict[str, str], next_: str) -> None:
    made = call(browser, key, json={"serial": "SN-00", **body})
    assert (made.status_code, made.json()["next"]) == (201, next_)


def test_ten_wrong_numbers_lead_to_unlocking(browser: Any, key: str) -> None:
    said = [call(browser, key, json={"serial": "SN-00", "code": WRONG}).json() for _ in range(11)]
    assert [one["tries_left"] for one in said] == [*range(9, -1, -1), 0]
    assert [said[8]["next"], said[9]["next"], said[10]["next"]] == ["another_number", "unlock", "unlock"]


def test_a_phone_hours_off_is_noted_and_decides_nothing(browser: Any, sample: Sample, key: str) -> None:
    at = (sample.house.clock.now() + timedelta(hours=3)).isoformat()
    said = call(browser, key, json={"serial": "SN-00", "code": device_number(sample), "phone_time": at}).json()
    assert (said["outcome"], said["phone_off_s"]) == ("works", 10_800)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param({"serial": "SN-02", "code": WRONG}, 404, id="on the shelf"),
        pytest.param({"serial": "SN-99", "code": WRONG}, 404, id="unknown"),
        pytest.param({"member": "nobody", "code": WRONG}, 404, id="unknown member"),
        pytest.param({"code": WRONG}, 422, id="nobody named"),
        pytest.param({"serial": "SN-00", "member": "m1001", "code": WRONG}, 422, id="both named"),
        pytest.param({"serial": "SN-00"}, 422, id="nothing to check"),
        pytest.param({"serial": "SN-00", "second": WRONG}, 422, id="a second without a first"),
        pytest.param({"serial": "SN-00", "complaint": "haunted"}, 422, id="a complaint we do not know"),
        pytest.param({"serial": "SN-00", "code": WRONG, "extra": 1}, 422, id="an unknown field"),
        pytest.param({"serial": "SN-00", "code": "9" * 33}, 422, id="a long code"),
    ],
)
def test_what_cannot_be_checked_is_refused(browser: Any, key: str, body: dict[str, Any], status: int) -> None:
    assert call(browser, key, json=body).status_code == status


def test_another_scope_opens_nothing(browser: Any, sample: Sample) -> None:
    body = {"serial": "SN-00", "code": WRONG}
    assert call(browser, sample.api_key, json=body).status_code == 403
    assert call(browser, "otpw_x_y", json=body).status_code == 401


def test_under_one_idempotency_key_a_right_number_is_spent_once_and_answered_twice(
    browser: Any, sample: Sample, key: str
) -> None:
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": '"one"'}
    ask = {"serial": "SN-00", "code": device_number(sample)}
    first, again = (browser.post(PATH, json=ask, headers=headers) for _ in range(2))
    assert (first.status_code, first.json()["next"]) == (201, "done")
    assert (again.status_code, again.json()) == (201, first.json())
    assert len(call(browser, key, "GET", PATH, params={"serial": "SN-00"}).json()["checks"]) == 1
    other = browser.post(PATH, json={**ask, "code": WRONG}, headers=headers)
    assert (other.status_code, other.json()["type"]) == (422, "urn:otpward:problem:idempotency_key_reused")


def test_without_one_the_number_is_used_up(browser: Any, sample: Sample, key: str) -> None:
    ask = {"serial": "SN-00", "code": device_number(sample)}
    assert [call(browser, key, json=ask).json()["next"] for _ in range(2)] == ["done", "next_number"]
