"""Reporting a loss in a browser without script, and what follows from its receipt."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from otpward.core.audit import Actor, ActorKind
from otpward.core.model.member import Level
from otpward.core.policy.verification import Verdict
from otpward.services.verify.verify import Verify, verify
from tests.edges.http.conftest import Browser
from tests.edges.http.portal.codes import MOBILE, WRONG, device_number, phone_code
from tests.edges.http.portal.seated import Story, seat
from tests.fakes.sample import Sample
from tests.fakes.surroundings import FixedClock

RELYING = Actor(kind=ActorKind.API_KEY, source="test")


@pytest.fixture
def other_browser(app: Any) -> Iterator[Browser]:
    """Somebody else's."""
    one = Browser(app)
    yield one
    one.close()


def fill(browser: Any, *, path: str = "/report-loss?lang=en", **fields: str) -> httpx.Response:
    """Fill the form in and send it; the answer, with redirects followed."""
    form = browser.get(path)
    answers = {"kind": "lost", "member": "m1001", "phone": MOBILE, **fields}
    answer: httpx.Response = browser.send(form, "/report-loss", **answers)
    return answer


def number_of(page: httpx.Response) -> str:
    found = re.search(r"L-\d{6}-[0-9A-Z]{7}", page.text)
    assert found
    return found.group()


def verdict(sample: Sample) -> Verdict:
    ask = Verify(institution_id=sample.institution.id, code=device_number(sample), by=RELYING, serial=sample.in_use)
    return sample.house.do(sample.institution.id, lambda desk: verify(ask, desk=desk)).verdict


def prove(browser: Any, sample: Sample, path: str) -> httpx.Response:
    """Have a phone code sent and type it in."""
    page = browser.send(browser.get(path), path)
    answer: httpx.Response = browser.send(page, path, code=phone_code(sample))
    return answer


def test_the_otp_is_refused_as_soon_as_the_receipt_is_on_screen(browser: Any, sample: Sample) -> None:
    page = fill(browser)
    assert page.url.path.startswith("/report-loss/L-")
    assert "Your report is in" in page.text
    assert verdict(sample) is Verdict.ON_HOLD


def test_a_stranger_gets_the_same_bytes_but_for_number_and_time(browser: Any, sample: Sample, clock: FixedClock) -> None:
    known = fill(browser)
    clock.move(seconds=7)
    unknown = fill(browser, path="/report-loss?again=yes", member="nobody")

    def bare(page: httpx.Response) -> str:
        return re.sub(r"\d\d:\d\d:\d\d", "", page.text.replace(number_of(page), ""))

    assert number_of(known) != number_of(unknown)
    assert bare(known) == bare(unknown)
    assert known.status_code == unknown.status_code
    confirms = [browser.send(page, f"{page.url.path}/confirm") for page in (known, unknown)]
    assert bare(confirms[0]) == bare(confirms[1])


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("member", " ", "Enter your member number or ID"),
        ("phone", "010-12", "Check the mobile number. A digit may be missing"),
        ("phone", "", "Check the mobile number. A digit may be missing"),
        ("kind", "eaten", "Choose what happened"),
    ],
    ids=["no member", "short phone", "no phone", "no such kind"],
)
def test_a_fault_is_named_twice_and_what_was_typed_stays(browser: Any, field: str, value: str, sentence: str) -> None:
    page = fill(browser, **{field: value})
    assert page.status_code == 422
    assert "<title>Error: " in page.text
    assert page.text.count(sentence) == 2
    for kept in {"member": "m1001", "phone": MOBILE}.items() - {(field, {"member": "m1001", "phone": MOBILE}.get(field))}:
        assert kept[0] == field or f'value="{kept[1]}"' in page.text


def test_a_double_press_makes_one_report(browser: Any) -> None:
    form = browser.get("/report-loss")
    answers = {"kind": "lost", "member": "m1001", "phone": MOBILE}
    first, second = (browser.send(form, "/report-loss", **answers) for _ in range(2))
    assert number_of(first) == number_of(second)


def test_coming_back_shows_the_first_receipt_and_a_way_to_report_again(browser: Any, clock: FixedClock) -> None:
    receipt = fill(browser)
    again = browser.get("/report-loss")
    assert again.url.path == receipt.url.path
    assert "/report-loss?again=yes" in again.text
    clock.move(minutes=61)
    assert browser.get("/report-loss").url.path == "/report-loss"


def test_the_receipt_keeps_for_thirty_days_in_this_browser_only(
    browser: Any, other_browser: Browser, clock: FixedClock
) -> None:
    receipt = fill(browser)
    assert "max-age=2592000" in receipt.history[0].headers["set-cookie"].lower()
    path = receipt.url.path
    assert other_browser.get(path).status_code == 404
    clock.move(days=29, hours=23)
    assert browser.get(path).status_code == 200
    clock.move(hours=2)
    assert browser.get(path).status_code == 404


def test_a_form_of_another_browser_is_refused_in_a_clear_sentence(browser: Any, other_browser: Browser) -> None:
    form = browser.get("/report-loss?lang=en")
    without_cookies = other_browser.send(form, "/report-loss", member="m1001", phone=MOBILE, kind="lost")
    assert without_cookies.status_code == 403
    assert "쿠키" in without_cookies.text
    other_browser.get("/report-loss?lang=en")
    forged = other_browser.send(form, "/report-loss", member="m1001", phone=MOBILE, kind="lost")
    assert forged.status_code == 403
    assert "This page was open too long" in forged.text


def test_a_phone_code_shows_what_was_stopped_and_opens_the_application(browser: Any, sample: Sample) -> None:
    here = fill(browser).url.path + "/confirm"
    page = prove(browser, sample, here)
    assert "Your OTP is stopped" in page.text
    assert f"****{sample.in_use[-4:]}" in page.text
    assert 'href="/apply"' in page.text
    assert browser.get("/apply").url.path == "/apply"


def test_wrong_phone_codes_run_out_and_a_new_one_can_be_sent(browser: Any, sample: Sample, clock: FixedClock) -> None:
    here = fill(browser).url.path + "/confirm"
    page = browser.send(browser.get(here), here)
    unsent = f"{(int(phone_code(sample)) + 1) % 1_000_000:06d}"
    sentence = "The code is not correct or has expired. Try again or get a new one"
    blank = browser.send(page, here, code="12 34")
    assert "Enter the 6-digit code" in blank.text
    for _ in range(5):
        page = browser.send(page, here, code=unsent)
        assert page.status_code == 422
        assert sentence in page.text
    assert 'name="code"' not in page.text
    assert "Your OTP is stopped" not in browser.send(page, here, code=phone_code(sample)).text
    clock.move(seconds=1)
    assert "Your OTP is stopped" in prove(browser, sample, here).text


def test_a_second_code_waits_half_a_minute(browser: Any, sample: Sample, clock: FixedClock) -> None:
    here = fill(browser).url.path + "/confirm"
    page = browser.send(browser.get(here), here)
    first = phone_code(sample)
    early = browser.send(page, here, again="yes")
    assert early.status_code == 422
    assert "You can get a new code in 30 s" in early.text
    clock.move(seconds=31)
    page = browser.send(page, here, again="yes")
    assert page.status_code == 200
    assert "Your OTP is stopped" in browser.send(page, here, code=first).text


def test_a_lost_phone_proves_nothing(browser: Any, sample: Sample) -> None:
    receipt = fill(browser, phone_lost="yes")
    assert 'href="/help#branches"' in receipt.text
    confirm = browser.get(receipt.url.path + "/confirm")
    assert "A branch checks who you are" in confirm.text
    assert "Only a branch can lift this" in browser.get(receipt.url.path + "/lift").text


@pytest.mark.parametrize("kind", ["stolen", "misused"])
def test_what_may_be_in_strange_hands_is_lifted_at_a_branch_only(browser: Any, kind: str) -> None:
    receipt = fill(browser, kind=kind)
    assert "Only a branch can lift this" in browser.get(receipt.url.path + "/lift").text


def test_a_report_ends_the_sessions_that_a_thief_might_sit_in(browser: Any, sample: Sample) -> None:
    seat(browser, Story(sample, sample.member), Level.FULL)
    assert browser.get("/my").url.path == "/my"
    fill(browser)
    page = browser.get("/my?lang=en")
    assert page.url.path == "/sign-in"
    assert "We signed you out to keep you safe" in browser.get("/sign-in").text


def test_found_again_the_device_itself_cancels_the_report(browser: Any, sample: Sample, clock: FixedClock) -> None:
    receipt = fill(browser)
    here = receipt.url.path + "/lift"
    page = prove(browser, sample, here)
    refused = browser.send(page, here, otp=WRONG)
    assert refused.status_code == 422
    assert "That is not the right number. 9 tries left" in refused.text
    done = browser.send(page, here, otp=device_number(sample))
    assert "You can use your OTP again" in done.text
    clock.move(minutes=2)
    assert verdict(sample) is Verdict.ACCEPTED
    assert "Your report is cancelled" in browser.get(receipt.url.path).text
    assert browser.get("/report-loss").url.path == "/report-loss"


def test_cancelling_the_second_of_two_reports_frees_the_otp_too(browser: Any, sample: Sample, clock: FixedClock) -> None:
    fill(browser)
    second = fill(browser, path="/report-loss?again=yes")
    here = second.url.path + "/lift"
    page = prove(browser, sample, here)
    assert "You can use your OTP again" in browser.send(page, here, otp=device_number(sample)).text
    clock.move(minutes=2)
    assert verdict(sample) is Verdict.ACCEPTED
