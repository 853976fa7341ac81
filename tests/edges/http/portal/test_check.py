"""Checking a device: works, used, wrong, out of step, locked; only for whose it is."""

import re
from typing import Any

import httpx
import pytest

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


@pytest.mark.parametrize(("off_s", "word"), [(600, "600 s fast"), (-600, "600 s slow")], ids=["fast", "slow"])
def test_two_numbers_in_a_row_set_the_clock_right(
    seated: Any, sample: Sample, clock: FixedClock, off_s: int, word: str
) -> None:
    ahead = send(seated, "test", code=device_number(sample, off_s=off_s))
    assert ahead.url.path == "/check/resync"
    assert seated.get("/check/test").url.path == "/check/resync"
    first, second = device_number(sample, off_s=off_s - 60), device_number(sample, off_s=off_s)
    done = send(seated, "resync", first=first, second=second)
    assert done.url.path == "/check/result"
    assert "Time adjusted" in done.text
    assert word in done.text
    clock.move(minutes=1)
    assert "Your OTP works" in send(seated, "test", code=device_number(sample, off_s=off_s)).text


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
    assert 'href="/apply"' in page.text


def test_nobody_checks_the_device_of_another(browser: Any, sample: Sample) -> None:
    browser.get("/?lang=en")
    seat(browser, Story(sample, sample.other), Level.PROVEN)
    page = browser.get("/check/test?device=SN-00")
    assert "You have no OTP in use" in page.text
    assert "N-00" not in page.text[page.text.index("<main") :]
