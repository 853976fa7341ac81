"""Checking a device: works, used, wrong, out of step, locked; only for whose it is."""

import re
from typing import Any

import httpx
import pytest

from otpward.core.model.device_check import DeviceCheck
from otpward.core.model.member import Level
from tests.edges.http.portal.codes import WRONG, device_number
from tests.edges.http.portal.seated import Story, seat
from tests.fakes.sample import Sample
from tests.fakes.surroundings import FixedClock


@pytest.fixture
def seated(browser: Any, sample: Sample) -> Any:
    """The member's browser, after a phone code."""
    browser.get("/?lang=en")
    seat(browser, Story(sample, sample.member), Level.PROVEN)
    return browser


def send(browser: Any, page: str, **fields: str) -> httpx.Response:
    form = browser.get(f"/check/{page}")
    answer: httpx.Response = browser.send(form, f"/check/{page}?device=SN-00", **fields)
    return answer


def test_a_stranger_is_first_asked_who_they_are(browser: Any) -> None:
    for page in ("test", "resync", "result"):
        assert browser.get(f"/check/{page}").url.raw_path == b"/prove?for=check"


def test_a_good_number_says_that_it_works_and_is_spent(seated: Any, sample: Sample, clock: FixedClock) -> None:
    page = send(seated, "test", code=device_number(sample))
    assert page.url.path == "/check/result"
    assert "Your OTP works" in page.text
    assert "That number was used. Enter the next one" in send(seated, "test", code=device_number(sample)).text
    clock.move(minutes=11)
    assert seated.get("/check/result").url.path == "/check/test"


def test_wrong_numbers_are_counted_down_to_the_lock(seated: Any) -> None:
    for left in range(9, 0, -1):
        assert f"That is not the right number. {left} tries left" in send(seated, "test", code=WRONG).text
    page = send(seated, "test", code=WRONG)
    assert "Locked after 10 wrong numbers" in page.text
    assert re.search(r"Try again after <time", page.text)
    assert 'name="code"' not in page.text


@pytest.mark.parametrize("off_s", [600, -600], ids=["fast", "slow"])
def test_two_numbers_in_a_row_set_the_clock_right(seated: Any, sample: Sample, clock: FixedClock, off_s: int) -> None:
    ahead = send(seated, "test", code=device_number(sample, off_s=off_s))
    assert ahead.url.path == "/check/resync"
    assert seated.get("/check/test").url.path == "/check/resync"
    first, second = device_number(sample, off_s=off_s - 60), device_number(sample, off_s=off_s)
    done = send(seated, "resync", first=first, second=second)
    assert done.url.path == "/check/result"
    assert "Time adjusted" in done.text
    assert abs(told_off_s(done.text) - off_s) <= 10
    clock.move(minutes=1)
    assert "Your OTP works" in send(seated, "test", code=device_number(sample, off_s=off_s)).text


def told_off_s(text: str) -> int:
    """By how many seconds the page says that the device is ahead."""
    found = re.search(r"The device clock is (\d+) s (fast|slow)", text)
    assert found, "no word of the clock"
    return int(found[1]) * (1 if found[2] == "fast" else -1)


@pytest.mark.parametrize("second", [0, 15, 29, 45, 59])
def test_a_clock_40_s_fast_is_told_in_seconds_and_a_slow_typist_is_told_nothing(
    seated: Any, sample: Sample, clock: FixedClock, second: int
) -> None:
    clock.move(seconds=second)
    page = send(seated, "test", code=device_number(sample, off_s=40))
    assert page.url.path == "/check/result"
    if second + 40 < 60:  # the same minute: nobody can tell
        assert "The device clock" not in page.text
    else:
        assert abs(told_off_s(page.text) - 40) <= 30
    clock.move(seconds=120)
    assert "The device clock" not in send(seated, "test", code=device_number(sample, off_s=-20)).text


@pytest.mark.parametrize(
    ("first", "second", "sentence"),
    [
        ("000001", "000002", "We could not adjust it. You may need a new device"),
        ("000001", "000001", "Both numbers are the same. Wait until the number changes"),
        ("", "000002", "Enter the 6-digit OTP number"),
    ],
    ids=["wrong", "the same twice", "one missing"],
)
def test_a_pair_that_cannot_be_right_is_told_apart(seated: Any, first: str, second: str, sentence: str) -> None:
    page = send(seated, "resync", first=first, second=second)
    assert page.status_code == 422
    assert sentence in page.text
    assert "/check/replace" in page.text


def test_nobody_checks_the_device_of_another(browser: Any, sample: Sample) -> None:
    browser.get("/?lang=en")
    seat(browser, Story(sample, sample.other), Level.PROVEN)
    page = browser.get("/check/test?device=SN-00")
    assert "You have no OTP in use" in page.text
    assert "N-00" not in page.text[page.text.index("<main") :]


def checks(sample: Sample) -> list[DeviceCheck]:
    found: list[DeviceCheck] = sample.house.look(sample.institution.id, lambda uow: uow.checks.find(order="begun_at"))
    return found


def test_every_number_is_noted_with_what_was_wrong_and_how_it_ended(seated: Any, sample: Sample) -> None:
    send(seated, "test", code=WRONG, why="refused")
    send(seated, "test", code=device_number(sample), why="refused")
    (check,) = checks(sample)
    assert (check.complaint, check.outcome, check.wrong, check.verdict) == ("refused", "works", 1, "accepted")
    assert (check.door, check.member_id, check.by_role) == ("portal", sample.member.id, "member")


@pytest.mark.parametrize(
    ("why", "reason", "word"),
    [
        ("dark", "faulty", "Press the button for two seconds."),
        ("damaged", "faulty", "Free if it breaks within 12 months"),
        ("phone_changed", "phone_changed", "Keep the old phone until the end"),
        ("app_deleted", "phone_changed", "Install the app again."),
    ],
)
def test_what_no_number_can_help_becomes_an_application_filled_in(
    seated: Any, sample: Sample, why: str, reason: str, word: str
) -> None:
    assert word in seated.get(f"/check/replace?why={why}").text
    page = seated.send(seated.get(f"/check/replace?why={why}"), "/check/replace", why=why)
    assert page.url.path == "/apply/tasks"
    case = sample.house.look(sample.institution.id, lambda uow: uow.cases.first(member_id=sample.member.id))
    (check,) = checks(sample)
    assert case is not None
    assert (case.reason, case.old_serial, case.old_token_id) == (reason, "SN-00", check.token_id)
    assert (check.case_id, check.outcome, check.complaint) == (case.id, "replace", why)
    again = seated.send(seated.get(f"/check/replace?why={why}"), "/check/replace", why=why)
    assert again.url.path == "/apply/tasks"
    assert sample.house.look(sample.institution.id, lambda uow: uow.cases.count()) == 1


def test_a_pair_that_never_fits_leads_to_an_application(seated: Any, sample: Sample) -> None:
    page = send(seated, "resync", first="000001", second="000002", why="refused")
    done = seated.send(page, "/check/replace")
    assert done.url.path == "/apply/tasks"
    (check,) = checks(sample)
    assert (check.outcome, check.tried_pair, check.wrong) == ("replace", True, 1)


@pytest.mark.parametrize("why", ["", "works", "none"], ids=["empty", "made up", "no complaint"])
def test_a_complaint_that_is_none_leads_back(seated: Any, sample: Sample, why: str) -> None:
    assert seated.get(f"/check/replace?why={why}").url.path == "/check"
    assert checks(sample) == []


@pytest.mark.parametrize("why", ["dark", "damaged", "phone_changed", "app_deleted"])
def test_a_stranger_with_a_complaint_comes_back_to_it(browser: Any, why: str) -> None:
    assert browser.get(f"/check/replace?why={why}").url.raw_path == f"/prove?for={why}".encode()


@pytest.mark.parametrize("told", ["", "yesterday", "-5", "9" * 16, "\u0661", "0"], ids=ascii)
def test_a_browser_may_say_what_it_likes_of_its_clock(seated: Any, sample: Sample, told: str) -> None:
    assert "Your OTP works" in send(seated, "test", code=device_number(sample), clock=told).text
    assert checks(sample)[0].phone_off_s is None
