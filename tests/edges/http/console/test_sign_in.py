"""Into the console lead a password and an OTP number, and nothing less."""

from typing import Any

import pytest

from tests.fakes.sample import PASSWORD, Sample, oath_code, seed_of
from tests.fakes.surroundings import FixedClock

TELLER_SEED = seed_of(1)


def enter(browser: Any, login: str, password: str) -> Any:
    page = browser.get("/console/sign-in?lang=en")
    return browser.send(page, "/console/sign-in", login=login, password=password)


def test_a_password_and_an_otp_number_lead_to_todays_work(browser: Any, sample: Sample, clock: FixedClock) -> None:
    code = enter(browser, "teller", PASSWORD)
    assert code.url.path == "/console/sign-in/code"
    today = browser.send(code, "/console/sign-in/code", code=oath_code(TELLER_SEED, clock.now()))
    assert (today.status_code, today.url.path) == (200, "/console")
    assert "김창구" in today.text


def test_a_password_alone_opens_no_room(browser: Any, sample: Sample) -> None:
    enter(browser, "teller", PASSWORD)
    assert browser.get("/console").url.path == "/console/sign-in"


def test_a_used_number_is_told_apart_from_a_wrong_one(browser: Any, sample: Sample, clock: FixedClock) -> None:
    number = oath_code(TELLER_SEED, clock.now())
    browser.send(enter(browser, "teller", PASSWORD), "/console/sign-in/code", code=number)
    browser.send(browser.get("/console"), "/console/sign-out")
    again = browser.send(enter(browser, "teller", PASSWORD), "/console/sign-in/code", code=number)
    assert again.status_code == 422
    assert "That number was used. Enter the next one" in again.text


@pytest.mark.parametrize(
    ("login", "password"),
    [("teller", "not the password"), ("nobody", PASSWORD), ("m1001", PASSWORD)],
    ids=["wrong password", "unknown", "a member who does not work here"],
)
def test_every_refusal_reads_the_same(browser: Any, sample: Sample, login: str, password: str) -> None:
    page = enter(browser, login, password)
    assert page.status_code == 422
    assert page.text.count("The number or the password is not right, or this account has no access here") == 2


def test_after_signing_out_the_session_is_over(browser: Any, sample: Sample, clock: FixedClock) -> None:
    code = enter(browser, "teller", PASSWORD)
    today = browser.send(code, "/console/sign-in/code", code=oath_code(TELLER_SEED, clock.now()))
    secret = browser._client.cookies["otpward-console"]
    out = browser.send(today, "/console/sign-out")
    assert "You are signed out." in out.text
    browser._client.cookies.set("otpward-console", secret)
    assert browser.get("/console").url.path == "/console/sign-in"
