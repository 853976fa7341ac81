"""Applying: saved at every step, sent once, only with a proof, and never seen by anybody else."""

import re
from typing import Any

import pytest

from otpward.core.lifecycle.case import CaseState
from otpward.core.model.case import Delivery, Documents, Reason
from tests.edges.http.portal.seated import Story, seat
from tests.fakes.sample import Sample


@pytest.fixture
def story(sample: Sample) -> Story:
    """The member with a device in use."""
    return Story(sample, sample.member)


def test_anyone_may_read_what_it_takes_but_beginning_needs_a_proof(browser: Any) -> None:
    page = browser.get("/apply?lang=en")
    assert page.status_code == 200
    assert "About 5 minutes" in page.text
    begun = browser.send(page, "/apply")
    assert begun.history[-1].headers["location"] == "/prove?for=apply"


def test_an_application_is_written_one_page_at_a_time_and_sent(browser: Any, story: Story) -> None:
    seat(browser, story)
    story.prove()
    tasks = browser.send(browser.get("/apply?lang=en"), "/apply")
    assert tasks.url.path == "/apply/tasks"
    assert tasks.text.count("Cannot start yet") == 3

    browser.send(browser.get("/apply/reason"), "/apply/reason", reason="faulty", old_serial="SN-00")
    assert story.case.reason is Reason.FAULTY
    where = browser.send(browser.get("/apply/delivery"), "/apply/delivery", how="branch")
    assert where.url.query == b"how=branch"
    tasks = browser.send(where, "/apply/delivery?how=branch", branch=str(story.sample.branch.id))
    assert story.case.documents is Documents.AT_COUNTER
    assert tasks.text.count("Completed") == 4

    review = browser.get("/apply/review")
    assert "****N-00" in review.text
    assert "SN-00" not in review.text
    done = browser.send(review, "/apply/review")
    assert done.url.path == "/apply/done"
    assert story.case.state is CaseState.SUBMITTED
    assert story.case.number in done.text


def test_without_a_proof_the_draft_stays_and_the_way_leads_back_to_it(browser: Any, story: Story) -> None:
    seat(browser, story)
    story.draft(Delivery.APP)
    asked = browser.send(browser.get("/apply/review"), "/apply/review")
    assert asked.history[-1].headers["location"] == "/prove?for=review"
    assert story.case.state is CaseState.DRAFT
    assert browser.get("/apply").url.path == "/apply/review"


def test_an_application_that_is_sent_twice_is_one_application(browser: Any, story: Story) -> None:
    seat(browser, story)
    story.draft(Delivery.POST)
    story.prove()
    review = browser.get("/apply/review")
    first, second = browser.send(review, "/apply/review"), browser.send(review, "/apply/review")
    assert first.url == second.url
    assert "already" in browser.get("/apply?lang=en").text


@pytest.mark.parametrize(
    ("path", "fields", "words"),
    [
        pytest.param("/apply/reason", {}, "Choose a reason", id="no reason"),
        pytest.param("/apply/reason", {"reason": "lost"}, "Choose a reason", id="lost, but not stopped"),
        pytest.param("/apply/delivery", {}, "Choose how you receive it", id="no way"),
        pytest.param("/apply/delivery?how=branch", {"branch": "x"}, "Choose a branch", id="no such branch"),
        pytest.param(
            "/apply/delivery?how=post",
            {"street": "1 Sejong-daero", "postcode": "4524"},
            "Enter the 5-digit postcode",
            id="postcode",
        ),
        pytest.param("/apply/delivery?how=post", {"postcode": "04524"}, "Enter the address", id="no address"),
        pytest.param("/apply/documents", {"documents": "on_delivery"}, "Choose how you show your ID", id="papers do not fit"),
    ],
)
def test_what_is_missing_is_said_twice_and_what_was_typed_is_kept(
    browser: Any, story: Story, path: str, fields: dict[str, str], words: str
) -> None:
    seat(browser, story)
    story.draft(Delivery.BRANCH)
    browser.get("/?lang=en")
    page = browser.send(browser.get(path), path, **fields)
    assert page.status_code == 422
    assert "<title>Error: " in page.text
    assert page.text.count(words) >= 2
    assert all(f'value="{value}"' in page.text for name, value in fields.items() if name in {"street", "postcode"})


def test_lost_is_a_reason_only_once_the_old_one_is_stopped(browser: Any, story: Story) -> None:
    story.report_lost()
    seat(browser, story)
    browser.send(browser.get("/apply"), "/apply")
    assert story.case.reason is Reason.LOST
    page = browser.get("/apply/reason").text
    assert re.findall(r'name="reason" value="(\w+)"', page) == ["lost", "stolen", "misused"]


def test_who_has_no_otp_yet_is_not_asked_why(browser: Any, sample: Sample) -> None:
    first = Story(sample, sample.other)
    seat(browser, first)
    tasks = browser.send(browser.get("/apply?lang=en"), "/apply")
    assert first.case.reason is Reason.FIRST_ISSUE
    assert tasks.text.count("Completed") == 1
