"""The link of a reminder, opened by somebody who has never signed in here."""

from datetime import date, timedelta
from typing import Any

import pytest

from otpward.core.lifecycle.token import Hold
from otpward.core.model.member import Level
from otpward.core.model.token import Form
from otpward.services.health.plan_renewals import plan_renewals
from otpward.services.health.rest_unused import rest_unused
from tests.edges.http.portal.codes import WRONG, device_number
from tests.edges.http.portal.seated import Story, seat
from tests.edges.http.portal.test_unlock import prove
from tests.fakes.sample import Sample
from tests.services.health.looking_after import ends, newest_link, round_of_the_day, used
from tests.services.walk import Walk


@pytest.fixture
def walk(sample: Sample) -> Walk:
    return Walk(sample)


@pytest.fixture
def link(browser: Any, walk: Walk) -> str:
    """Where the letter leads, read in English."""
    browser.get("/?lang=en")
    ends(walk, "SN-00", date(2027, 1, 20))
    round_of_the_day(walk)
    return f"/r/{newest_link(walk)}"


def test_it_asks_for_one_number_and_shows_next_to_nothing(browser: Any, link: str, walk: Walk) -> None:
    page = browser.get(link)
    assert page.status_code == 200
    assert "Time to check your OTP. It takes a minute" in page.text
    for hidden in ("SN-00", walk.member.name.reveal(), walk.member.login, walk.phone):
        assert hidden not in page.text
    assert "no-store" in page.headers["cache-control"]
    assert page.headers["referrer-policy"] in {"no-referrer", "same-origin"}


def test_a_good_number_is_all_it_takes(browser: Any, link: str, sample: Sample) -> None:
    done = browser.send(browser.get(link), link, act="check", code=device_number(sample))
    assert "Your OTP works" in done.text
    assert "Your OTP works" in browser.get(link).text


def test_what_is_no_number_is_said_and_not_counted(browser: Any, link: str, walk: Walk) -> None:
    form = browser.get(link)
    for code in ("", "12", "글자", "1234567"):
        page = browser.send(form, link, act="check", code=code)
        assert page.status_code == 422
        assert "Enter the 6-digit OTP number" in page.text
    assert walk.token("SN-00").failures == 0


def test_a_clock_that_differs_is_asked_for_two(browser: Any, link: str, sample: Sample) -> None:
    page = browser.send(browser.get(link), link, act="check", code=device_number(sample, off_s=420))
    assert "Second number" in page.text
    both = {"first": device_number(sample, off_s=480), "second": device_number(sample, off_s=540)}
    same = browser.send(page, link, act="check", first=both["first"], second=both["first"])
    assert "Both numbers are the same" in same.text
    assert "Time adjusted" in browser.send(same, link, act="check", **both).text


def test_after_four_wrong_ones_an_application_waits(browser: Any, link: str, walk: Walk) -> None:
    page = browser.get(link)
    for left in (3, 2, 1):
        page = browser.send(page, link, act="check", code=WRONG)
        assert f"{left} tries left" in page.text
    assert "You need a new OTP" in browser.send(page, link, act="check", code=WRONG).text
    assert walk.token("SN-00").holds == frozenset()


def test_an_app_is_told_to_look_at_the_time_of_its_phone(browser: Any, link: str, walk: Walk) -> None:
    ends(walk, "SN-00", date(2027, 1, 20), form=Form.APP)
    page = browser.send(browser.get(link), link, act="check", code=WRONG)
    assert "Set the time of the phone to automatic" in page.text


def test_next_week(browser: Any, link: str) -> None:
    later = browser.send(browser.get(link), link, act="later")
    assert "We ask you again on" in later.text
    assert "Next week" not in later.text


def test_a_dark_screen(browser: Any, link: str) -> None:
    assert "You need a new OTP" in browser.send(browser.get(link), link, act="broken").text


def test_another_link_is_over(browser: Any, link: str) -> None:
    for path in ("/r/NOSUCHLINK", "/r/" + "A" * 300, "/r/%00"):
        page = browser.get(path)
        assert page.status_code == 404
        assert "This link can no longer be used" in page.text


def test_a_form_from_elsewhere_is_refused(browser: Any, link: str) -> None:
    assert browser.post(link, {"act": "later"}).status_code == 403


def test_a_stopped_device_is_not_tried(browser: Any, link: str, walk: Walk) -> None:
    walk.report()
    page = browser.get(link)
    assert "This OTP is stopped" in page.text
    assert 'name="code"' not in page.text


def test_the_new_one_can_be_declined(browser: Any, walk: Walk) -> None:
    browser.get("/?lang=en")
    used(walk, "SN-00", walk.now)
    ends(walk, "SN-00", date(2027, 1, 22))
    assert plan_renewals(walk.inside, house=walk.house) == 1
    link = f"/r/{newest_link(walk)}"
    page = browser.get(link)
    assert "13 December 2026" in page.text or "13 Dec 2026" in page.text
    assert "No new OTP will be sent" in browser.send(page, link, act="no").text


def test_what_rests_is_woken_after_a_proof(browser: Any, walk: Walk, sample: Sample) -> None:
    browser.get("/?lang=en")
    used(walk, "SN-00", walk.now - timedelta(days=400))
    assert rest_unused(walk.inside, house=walk.house) == 1
    seat(browser, Story(sample, sample.member), Level.PROVEN)
    assert browser.get("/check/wake").url.raw_path == b"/prove?for=unlock"
    prove(browser, sample)
    page = browser.get("/check/wake")
    assert "Wake your OTP" in page.text
    wrong = browser.send(page, "/check/wake", code=WRONG)
    assert wrong.status_code == 422
    assert "works again" in browser.send(wrong, "/check/wake", code=device_number(sample)).text
    assert Hold.DORMANT not in walk.token("SN-00").holds


def test_the_page_of_what_takes_no_number_leads_to_waking_what_rests_alone(browser: Any, walk: Walk, sample: Sample) -> None:
    browser.get("/?lang=en")
    used(walk, "SN-00", walk.now - timedelta(days=400))
    rest_unused(walk.inside, house=walk.house)
    seat(browser, Story(sample, sample.member), Level.PROVEN)
    assert 'href="/check/wake"' in browser.get("/check/test").text
    walk.report()
    assert 'href="/check/wake"' not in browser.get("/check/test").text
