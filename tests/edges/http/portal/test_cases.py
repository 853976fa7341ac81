"""Following an application: where it stands, whose turn it is, and that it is nobody else's business."""

from datetime import timedelta
from typing import Any

import pytest

from otpward.core.lifecycle.case import CaseState
from otpward.core.model.case import Delivery
from otpward.edges.http.portal.progress import expected
from otpward.services.apply.ask_for_more import ask_for_more
from otpward.services.apply.review import Decision
from otpward.services.apply.take_up import take_up
from tests.edges.http.portal.seated import TRACKING, Story, seat
from tests.fakes.sample import Sample


@pytest.fixture
def story(sample: Sample) -> Story:
    """The member's application."""
    return Story(sample, sample.member)


@pytest.fixture
def other(sample: Sample) -> Story:
    """Somebody else's."""
    return Story(sample, sample.other)


@pytest.mark.parametrize("page", ["", "/cancel", "/answer", "/pick-up"])
def test_a_number_of_somebody_else_is_no_number(browser: Any, story: Story, other: Story, page: str) -> None:
    case = other.ready_to_collect("SN-02")
    seat(browser, story)
    known, unknown = browser.get(f"/cases/{case.number}{page}"), browser.get(f"/cases/R-000000-XXXXXXX{page}")
    assert (known.status_code, unknown.status_code) == (404, 404)
    assert known.text.replace(case.number, "") == unknown.text.replace("R-000000-XXXXXXX", "")


@pytest.mark.parametrize("path", ["/cases", "/cases/R-1", "/register", "/register/device", "/register/app", "/activate"])
def test_a_stranger_is_asked_who_they_are(browser: Any, path: str) -> None:
    assert browser.get(path).history[0].headers["location"] == "/prove?for=follow"


def test_the_list_leads_to_each_application_and_a_number_leads_straight(browser: Any, story: Story) -> None:
    seat(browser, story)
    assert "No applications yet" in browser.get("/cases?lang=en").text
    case = story.sent(Delivery.BRANCH)
    assert f'href="/cases/{case.number}"' in browser.get("/cases").text
    assert browser.get(f"/cases?no={case.number.lower()}").url.path == f"/cases/{case.number}"
    assert "None of your applications" in browser.get("/cases?no=R-1").text


def test_the_timeline_names_the_steps_and_the_days_to_expect(browser: Any, story: Story) -> None:
    case = story.sent(Delivery.POST)  # on a Monday
    seat(browser, story)
    page = browser.get(f"/cases/{case.number}?lang=en").text
    for step in (
        "Received",
        "Documents checked",
        "Approved",
        "Prepared",
        "On its way or ready to collect",
        "Registered",
        "Done",
    ):
        assert f'<p class="step-title">{step}</p>' in page
    assert "Member" in page
    assert 'Expected <time datetime="2026-11-24">' in page
    assert 'Expected <time datetime="2026-11-27">' in page
    assert "홍길동" not in page.split("<main", 1)[1]


def test_a_late_step_is_expected_today_and_not_in_the_past(browser: Any, story: Story, clock: Any) -> None:
    case = story.sent(Delivery.BRANCH)
    clock.move(days=7)
    seat(browser, story)
    page = browser.get(f"/cases/{case.number}").text
    assert 'datetime="2026-11-30"' in page
    assert 'datetime="2026-11-24"' not in page


def test_an_app_does_not_travel(browser: Any, story: Story) -> None:
    case = story.app_made()
    seat(browser, story)
    page = browser.get(f"/cases/{case.number}?lang=en").text
    assert "On its way" not in page
    assert f'href="/register?case={case.number}"' in page


def test_the_parcel_is_shown_with_its_number(browser: Any, story: Story) -> None:
    case = story.on_its_way("SN-02")
    seat(browser, story)
    assert TRACKING in browser.get(f"/cases/{case.number}").text


def test_what_was_asked_for_is_answered_once(browser: Any, story: Story) -> None:
    case = story.sent(Delivery.BRANCH)
    decision = Decision(case_id=case.id, operator=story.operator, message="The date of issue <is> missing")
    story._do(take_up, decision)
    story._do(ask_for_more, decision)
    seat(browser, story)
    page = browser.get(f"/cases/{case.number}?lang=en")
    assert "Your turn now" in page.text
    assert "The date of issue &lt;is&gt; missing" in page.text
    answer = browser.get(f"/cases/{case.number}/answer")
    assert browser.send(answer, f"/cases/{case.number}/answer", answer=" ").status_code == 422
    assert browser.send(answer, f"/cases/{case.number}/answer", answer="12 May 2020").url.path == f"/cases/{case.number}"
    assert story.case.state is CaseState.CHECKING
    assert browser.get(f"/cases/{case.number}/answer").url.path == f"/cases/{case.number}"


def test_the_pass_is_there_while_something_waits(browser: Any, story: Story) -> None:
    case = story.ready_to_collect("SN-02")
    seat(browser, story)
    page = browser.get(f"/cases/{case.number}/pick-up?lang=en")
    inside = story.member.institution_id
    pick_up = story.sample.house.look(inside, lambda uow: uow.pick_ups.first(case_id=case.id))
    assert pick_up is not None
    assert f'data-copy-text="{pick_up.code.reveal()}"' in page.text
    assert 'class="qr"' in page.text
    assert "Head Office" in page.text
    assert page.headers["cache-control"] == "no-store"
    browser.send(browser.get(f"/cases/{case.number}/cancel"), f"/cases/{case.number}/cancel")
    assert browser.get(f"/cases/{case.number}/pick-up").url.path == f"/cases/{case.number}"


def test_an_application_is_taken_back_after_a_question_and_only_in_time(browser: Any, story: Story, other: Story) -> None:
    case = story.sent(Delivery.BRANCH)
    seat(browser, story)
    question = browser.get(f"/cases/{case.number}/cancel?lang=en")
    assert story.case.state is not CaseState.CANCELLED
    browser.send(question, f"/cases/{case.number}/cancel")
    again = browser.send(question, f"/cases/{case.number}/cancel")
    assert (again.status_code, again.url.path) == (200, f"/cases/{case.number}")
    assert "Cancelled" in again.text

    late = other.on_its_way("SN-02")
    seat(browser, other)
    assert "too late" in browser.get(f"/cases/{late.number}/cancel").text
    refused = browser.post(f"/cases/{late.number}/cancel", {"csrf": question.text.split('name="csrf" value="')[1][:40]})
    assert refused.status_code == 409
    assert other.case.state is CaseState.IN_TRANSIT


def test_expected_days_skip_the_weekend(sample: Sample) -> None:
    friday = sample.house.clock.now() + timedelta(days=4)
    assert expected(friday, 2, now=friday).date().isoformat() == "2026-12-01"
