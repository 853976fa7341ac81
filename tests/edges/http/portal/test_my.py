"""The member's own page and the page of a device."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from otpward.core.model.case import Case, Delivery
from otpward.core.model.member import Level
from tests.edges.http.portal.seated import Story, seat
from tests.fakes.sample import Sample
from tests.fakes.surroundings import FixedClock


@pytest.fixture
def story(browser: Any, sample: Sample) -> Story:
    """The member, not seated yet."""
    browser.get("/?lang=en")
    return Story(sample, sample.member)


def test_each_device_is_there_with_its_state_and_last_four(browser: Any, story: Story) -> None:
    seat(browser, story, Level.FULL)
    page = browser.get("/my").text
    assert "****N-00" in page
    assert "In use" in page
    device = browser.get("/my/devices/SN-00").text
    assert 'href="/check/resync?device=SN-00"' in device
    assert 'href="/report-loss"' in device


def test_the_device_of_another_is_no_device_at_all(browser: Any, sample: Sample) -> None:
    seat(browser, Story(sample, sample.other), Level.FULL)
    assert browser.get("/my/devices/SN-00").status_code == 404
    assert "You have no OTP in use" in browser.get("/my?lang=en").text


@pytest.mark.parametrize(
    ("bring", "act", "where"),
    [
        ("draft", "Go on with your application", "/apply/tasks"),
        ("ready", "Show the pick-up pass", "/cases/{no}/pick-up"),
        ("received", "Register your new OTP", "/register?case={no}"),
        ("sent", "Follow your application", "/cases/{no}"),
    ],
)
def test_an_open_application_shows_its_next_act(
    browser: Any, sample: Sample, story: Story, bring: str, act: str, where: str
) -> None:
    ways: dict[str, Callable[[], Case]] = {
        "draft": story.draft,
        "sent": lambda: story.sent(Delivery.BRANCH),
        "ready": lambda: story.ready_to_collect(sample.shelf[0]),
        "received": lambda: story.received(sample.shelf[0]),
    }
    case = ways[bring]()
    seat(browser, story, Level.FULL)
    page = browser.get("/my").text
    assert act in page
    where = where.format(no=case.number)
    assert f'href="{where}"' in page
    assert browser.get(where).status_code == 200


def test_a_device_that_was_not_used_for_a_year_asks_for_a_minute(browser: Any, story: Story, clock: FixedClock) -> None:
    clock.move(days=366)
    seat(browser, story, Level.FULL)
    assert "Time to check your OTP. It takes a minute" in browser.get("/my").text


def test_an_idle_session_ends(browser: Any, story: Story, clock: FixedClock) -> None:
    seat(browser, story, Level.FULL)
    assert browser.get("/my").url.path == "/my"
    clock.at += timedelta(minutes=61)
    assert browser.get("/my").url.path == "/sign-in"


def test_a_device_has_the_name_that_its_holder_gives_it(browser: Any, sample: Sample) -> None:
    browser.get("/?lang=en")
    seat(browser, Story(sample, sample.member), Level.FULL)
    page = "/my/devices/SN-00"
    done = browser.send(browser.get(page), page, name="  at   work ")
    assert "<h1>at work</h1>" in done.text.replace("\n", "")
    assert "at work" in browser.get("/my").text
    assert "Use 30 letters at most" in browser.send(browser.get(page), page, name="x" * 31).text
    assert "at work" in browser.get(page).text
    assert "&lt;b&gt;" in browser.send(browser.get(page), page, name="<b>").text
    assert "OTP device" in browser.send(browser.get(page), page, name="").text
    seat(browser, Story(sample, sample.other), Level.FULL)
    assert browser.get(page).status_code == 404
