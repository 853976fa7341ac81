"""Applying: saved at every step, sent once, only with a proof, and never seen by anybody else."""

import re
from typing import Any

import pytest

from otpward.core.lifecycle.case import CaseState
from otpward.core.model.case import Delivery, Documents, Reason
from tests.edges.http.portal.seated import Story, seat
from tests.fakes.sample import Sample
from tests.services.oversee.policies.writing import desks


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
    assert tasks.text.count("Completed") == 5

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
    assert tasks.text.count("Completed") == 2


def test_what_it_costs_and_takes_is_told_before_the_start_and_on_the_way(browser: Any, story: Story) -> None:
    desks(story.sample).put_in_force(
        "[rules.all]\nfee_won = 5000\n[rules.by_post]\nfee_won = 8000\n[waivers.faulty]\nused = false"
    )
    seat(browser, story)
    start = browser.get("/apply?lang=en")
    assert "Fee ₩5,000 to ₩8,000" in start.text
    story.draft(Delivery.BRANCH)
    delivery = browser.get("/apply/delivery").text
    assert delivery.count("Fee ₩5,000") == 2
    assert delivery.count("Fee ₩8,000") == 1
    review = browser.get("/apply/review").text
    assert "₩5,000" in review
    assert re.search(r"<dt>An ID card</dt><dd>Show it at the branch</dd>", review)


def test_a_way_that_is_not_offered_cannot_be_chosen(browser: Any, story: Story) -> None:
    desks(story.sample).put_in_force("[rules.no_post]\ndeliveries = ['post']\noffered = false")
    seat(browser, story)
    story.draft(Delivery.BRANCH)
    page = browser.get("/apply/delivery?lang=en")
    assert page.text.count("Not offered for this application") == 1
    for path, fields in (("/apply/delivery", {"how": "post"}), ("/apply/delivery?how=post", {"postcode": "04524"})):
        sent = browser.post(path, {"csrf": re.findall(r'name="csrf" value="(\w+)"', page.text)[0], **fields})
        assert sent.status_code == 422
    assert story.case.delivery is Delivery.BRANCH


def test_who_applies_for_somebody_else_says_so_at_the_start(browser: Any, story: Story) -> None:
    seat(browser, story)
    page = browser.get("/apply?kind=proxy&lang=en")
    assert "Somebody else, as a proxy" in page.text
    browser.send(page, "/apply")
    assert story.case.applicant == "proxy"


def test_a_kind_that_there_is_not_begins_nothing(browser: Any, story: Story) -> None:
    seat(browser, story)
    page = browser.get("/apply?kind=ghost&lang=en")
    assert 'name="kind" value="individual"' in page.text
    back = browser.send(page, "/apply", kind="ghost")
    assert back.url.path == "/apply"


def test_where_nothing_is_offered_there_is_nothing_to_start(browser: Any, story: Story) -> None:
    desks(story.sample).put_in_force("[rules.no]\nreasons = ['lost', 'first_issue']\noffered = false")
    story.report_lost()
    seat(browser, story)
    page = browser.get("/apply?lang=en").text
    assert "In this case nothing can be applied for. Call 1588-0000." in page
    assert 'action="/apply"' not in page


@pytest.mark.parametrize(
    ("on_file", "kind", "sentence"),
    [
        pytest.param("2012-03-02", "individual", "Members under 19 apply with a guardian.", id="a minor alone"),
        pytest.param("1980-01-02", "minor", "you are of age and apply yourself", id="an adult as a minor"),
        pytest.param("123-45-67891", "proxy", "A delegate applies for it", id="a company by proxy"),
        pytest.param("1980-01-02", "corporation", "a person and not a company", id="a person as a company"),
    ],
)
def test_who_is_on_file_otherwise_reads_why_and_cannot_begin(
    browser: Any, story: Story, on_file: str, kind: str, sentence: str
) -> None:
    story.on_file(on_file)
    seat(browser, story)
    page = browser.get(f"/apply?kind={kind}&lang=en")
    assert sentence in page.text
    assert 'action="/apply"' not in page.text
    begun = browser.send(browser.get("/apply"), "/apply", kind=kind)
    assert (begun.url.path, begun.url.query.decode()) == ("/apply", f"kind={kind}")
    assert story.begun == 0


@pytest.mark.parametrize(
    ("on_file", "kind"),
    [("2012-03-02", "minor"), ("123-45-67891", "corporation"), ("1980-01-02", "individual"), ("", "individual")],
)
def test_the_kind_that_fits_who_is_on_file_is_chosen(browser: Any, story: Story, on_file: str, kind: str) -> None:
    story.on_file(on_file)
    seat(browser, story)
    browser.send(browser.get("/apply?lang=en"), "/apply")
    assert story.case.applicant == kind


def test_who_acts_is_asked_and_shown_to_the_member(browser: Any, story: Story) -> None:
    seat(browser, story)
    story.prove()
    browser.send(browser.get("/apply?kind=proxy&lang=en"), "/apply")
    browser.send(browser.get("/apply/reason"), "/apply/reason", reason="faulty")
    asked = browser.send(browser.get("/apply/applicant"), "/apply/applicant", acting_as="mother")
    assert asked.status_code == 422
    assert asked.text.count("Enter the name as it stands on the ID card") == 2
    assert asked.text.count("Choose what fits") == 2
    tasks = browser.send(asked, "/apply/applicant", acting_name="Kim Proxy", acting_as="spouse")
    assert tasks.url.path == "/apply/tasks"
    story.draft(Delivery.BRANCH)
    review = browser.get("/apply/review")
    assert "Kim Proxy (Husband or wife)" in review.text
    browser.send(review, "/apply/review")
    assert "Kim Proxy (Husband or wife)" in browser.get(f"/cases/{story.case.number}").text


def test_who_applies_alone_is_not_asked_who_acts(browser: Any, story: Story) -> None:
    seat(browser, story)
    story.draft(Delivery.BRANCH)
    assert browser.get("/apply/applicant").url.path == "/apply/tasks"


def test_papers_come_after_the_way_of_receiving(browser: Any, story: Story) -> None:
    seat(browser, story)
    story.draft()
    browser.send(browser.get("/apply/reason?lang=en"), "/apply/reason", reason="faulty")
    assert browser.get("/apply/documents").url.path == "/apply/delivery"
    story.draft(Delivery.APP)
    assert "No papers are needed" in browser.get("/apply/documents").text


def test_a_draft_left_open_in_two_tabs_is_one_application(browser: Any, story: Story) -> None:
    seat(browser, story)
    first, second = browser.get("/apply"), browser.get("/apply")
    browser.send(first, "/apply")
    browser.send(second, "/apply")
    assert story.begun == 1
