"""In by password and OTP number, out again, and what is said when it does not work."""

import re
from typing import Any

import httpx
import pytest

from otpward.core.model.member import Level
from tests.edges.http.portal.codes import WRONG, device_number
from tests.edges.http.portal.seated import Story, seat
from tests.fakes.sample import PASSWORD, Sample
from tests.fakes.surroundings import FixedClock


def first_half(browser: Any, *, member: str = "m1001", password: str = PASSWORD) -> httpx.Response:
    page: httpx.Response = browser.send(browser.get("/sign-in?lang=en"), "/sign-in", member=member, password=password)
    return page


def test_password_and_number_lead_to_the_own_page(browser: Any, sample: Sample) -> None:
    half = first_half(browser, member=" M1001 ")
    assert half.url.path == "/sign-in/code"
    assert "홍길동" not in half.text, "half way nobody is named"
    page = browser.send(half, "/sign-in/code", code=device_number(sample))
    assert page.url.path == "/my"
    assert "홍길동" in page.text


def test_a_wrong_password_and_an_unknown_member_read_alike(browser: Any) -> None:
    wrong, unknown = first_half(browser, password="x"), first_half(browser, member="nobody")
    assert wrong.status_code == unknown.status_code == 422
    texts = [re.sub(r'data-passkey="[^"]*"', "", page.text) for page in (wrong, unknown)]  # each has a challenge of its own
    assert texts[0].replace("m1001", "") == texts[1].replace("nobody", "")
    assert "The ID or the password is not right" in wrong.text


def test_what_is_missing_is_named(browser: Any) -> None:
    page = first_half(browser, member="", password="")
    for sentence in ("Enter your member number or ID", "Enter your password"):
        assert page.text.count(sentence) == 2


def test_the_password_never_comes_back_on_a_page(browser: Any) -> None:
    assert "plum-wrong" not in first_half(browser, password="plum-wrong").text


def test_each_refused_number_says_why(browser: Any, sample: Sample, clock: FixedClock) -> None:
    half = first_half(browser)

    def enter(code: str) -> str:
        answer: httpx.Response = browser.send(half, "/sign-in/code", code=code)
        assert answer.status_code == 422
        return answer.text

    assert "Enter the 6-digit OTP number" in enter("12 3")
    assert "That is not the right number. 9 tries left" in enter(WRONG)
    used = device_number(sample)
    browser.send(half, "/sign-in/code", code=used)
    browser.send(browser.get("/my"), "/sign-out")
    half = first_half(browser)
    assert "That was used" not in enter(WRONG)
    assert "That number was used. Enter the next one" in enter(used)
    locked = [enter(WRONG) for _ in range(8)][-1]
    assert re.search(r"Too many wrong tries. Try again in \d+ min, after <time .*?</time>, or call 1588-0000", locked)
    clock.move(minutes=31)
    half = first_half(browser)
    assert browser.send(half, "/sign-in/code", code=device_number(sample)).url.path == "/my"


def test_signing_out_ends_the_session_on_the_server(browser: Any, sample: Sample) -> None:
    seat(browser, Story(sample, sample.member), Level.FULL)
    out = browser.send(browser.get("/my"), "/sign-out")
    assert "max-age=0" in out.history[0].headers["set-cookie"].lower()
    page = browser.get("/my?lang=en")
    assert page.url.path == "/sign-in"
    assert "We signed you out to keep you safe. What you typed is saved" in browser.get("/sign-in?lang=en").text, "kept by hand"


def test_every_page_of_the_door_shows_another_way(browser: Any) -> None:
    for page in (browser.get("/sign-in"), first_half(browser)):
        assert 'href="/sign-in/other-way"' in page.text
        assert 'href="/report-loss"' in page.text


@pytest.mark.parametrize("path", ["/my", "/my/devices/SN-00"])
def test_a_phone_code_alone_does_not_open_the_own_page(browser: Any, sample: Sample, path: str) -> None:
    seat(browser, Story(sample, sample.member), Level.PROVEN)
    page = browser.get(f"{path}?lang=en")
    assert page.url.path == "/sign-in"
    assert 'href="/cases"' in page.text, "and says what it does open"
