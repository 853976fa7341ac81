"""The kind of applicant of a draft is changed, with what goes said before it does."""

import re
from datetime import date
from typing import Any

import pytest

from otpward.core.audit import AuditEvent
from otpward.core.lifecycle.document import DocumentState
from otpward.core.model.case import Delivery, Documents
from otpward.core.model.document import Document
from tests.edges.http.portal.seated import Story, seat
from tests.fakes.sample import Sample
from tests.services.oversee.policies.writing import desks

PATH = "/apply/kind"


@pytest.fixture
def story(sample: Sample, browser: Any) -> Story:
    """The member, seated, with a draft that is filled in for themselves and a branch."""
    made = Story(sample, sample.member)
    seat(browser, made)
    browser.get("/?lang=en")
    return made


def kept_picture(story: Story, item: str, issued_on: date | None = None) -> Document:
    """A picture of this paper lies in the draft."""
    made = story.sample.house.desk(story.member.institution_id)
    now = made.now
    document = Document(
        id=made.new_id(),
        institution_id=story.member.institution_id,
        case_id=story.case.id,
        member_id=story.member.id,
        item=item,
        state=DocumentState.KEPT,
        issued_on=issued_on,
        sent_at=now,
        kept_at=now,
    )

    def add(desk: Any) -> None:
        with desk.uow as uow:
            uow.documents.add(document)
            uow.commit()

    story.sample.house.do(story.member.institution_id, add)
    return document


def state_of(story: Story, document: Document) -> DocumentState:
    return story.sample.house.look(story.member.institution_id, lambda uow: uow.documents.get(document.id)).state


def proxied(browser: Any, story: Story) -> None:
    """By proxy, filled in, with a picture of the power of attorney."""
    story.draft(Delivery.BRANCH)
    browser.send(browser.get(PATH), PATH, kind="proxy")
    browser.send(browser.get("/apply/applicant"), "/apply/applicant", acting_name="Kim Proxy", acting_as="spouse")


def test_where_nothing_goes_the_kind_is_changed_at_once(browser: Any, story: Story) -> None:
    story.draft(Delivery.BRANCH)
    page = browser.get(PATH)
    assert re.findall(r'name="kind" value="(\w+)"( checked)?', page.text) == [
        ("individual", " checked"),
        ("proxy", ""),
        ("abroad", ""),
    ]
    tasks = browser.send(page, PATH, kind="proxy")
    assert tasks.url.path == "/apply/tasks"
    assert "Somebody else, as a proxy" in tasks.text
    assert (story.case.applicant, story.case.delivery) == ("proxy", Delivery.BRANCH)
    assert 'href="/apply/applicant"' in tasks.text


def test_what_goes_is_said_first_and_then_it_is_gone(browser: Any, story: Story) -> None:
    desks(story.sample).put_in_force("[rules.proxy]\nfee_won = 3000\n[waivers.faulty]\nused = false")
    proxied(browser, story)
    picture = kept_picture(story, "power_of_attorney")
    said = browser.send(browser.get(PATH), PATH, kind="individual")
    assert said.url.path == PATH
    assert "Who acts for the member: Kim Proxy" in said.text
    assert "The picture that you sent: a power of attorney" in said.text
    assert "(was ₩3,000" in said.text
    assert (story.case.applicant, state_of(story, picture)) == ("proxy", DocumentState.KEPT)

    tasks = browser.send(said, PATH)
    assert tasks.url.path == "/apply/tasks"
    assert (story.case.applicant, story.case.acting_name.reveal()) == ("individual", "")
    assert state_of(story, picture) is DocumentState.ERASED
    lines = story.sample.house.look(story.member.institution_id, lambda uow: uow.audit.find(case_id=story.case.id, limit=99))
    assert [line.result for line in lines if line.event is AuditEvent.DOCUMENT_ERASED] == ["not_asked"]


def test_a_picture_that_came_after_it_was_said_is_said_as_well(browser: Any, story: Story) -> None:
    proxied(browser, story)
    said = browser.send(browser.get(PATH), PATH, kind="individual")
    picture = kept_picture(story, "power_of_attorney")
    again = browser.send(said, PATH)
    assert "a power of attorney" in again.text
    assert (story.case.applicant, state_of(story, picture)) == ("proxy", DocumentState.KEPT)


def test_a_paper_that_both_kinds_take_stays(browser: Any, story: Story) -> None:
    desks(story.sample).put_in_force('[rules.abroad]\ndocuments = ["id_card", "entry_record"]')
    story.draft(Delivery.BRANCH)
    picture = kept_picture(story, "id_card")
    browser.send(browser.get(PATH), PATH, kind="abroad")
    assert (story.case.applicant, state_of(story, picture)) == ("abroad", DocumentState.KEPT)


def test_a_way_that_is_not_offered_to_the_new_kind_is_chosen_again(browser: Any, story: Story) -> None:
    desks(story.sample).put_in_force('[rules.abroad_branch]\nkinds = ["abroad"]\ndeliveries = ["branch"]\noffered = false')
    story.draft(Delivery.BRANCH)
    said = browser.send(browser.get(PATH), PATH, kind="abroad")
    assert "How you receive it; choose it again" in said.text
    browser.send(said, PATH)
    assert (story.case.delivery, story.case.branch_id, story.case.documents) == (None, None, None)


def test_papers_and_fee_follow_the_kind(browser: Any, story: Story) -> None:
    desks(story.sample).put_in_force("[rules.proxy]\nfee_won = 3000\n[waivers.faulty]\nused = false")
    story.draft(Delivery.POST)
    assert story.case.documents is Documents.ON_DELIVERY
    browser.send(browser.get(PATH), PATH, kind="proxy")
    assert story.case.documents is None, "the power of attorney cannot be shown on delivery"
    assert browser.get("/apply/delivery").text.count("Fee ₩3,000") == 3
    listed = browser.get("/apply/documents").text
    assert "A power of attorney" in listed


@pytest.mark.parametrize("kind", ["", "ghost", "minor", "corporation"])
def test_a_kind_that_does_not_fit_changes_nothing(browser: Any, story: Story, kind: str) -> None:
    story.on_file("1980-01-02")
    story.draft(Delivery.BRANCH)
    page = browser.send(browser.get(PATH), PATH, kind=kind)
    assert page.status_code == 422
    assert page.text.count("Choose who applies") == 2
    assert story.case.applicant == "individual"


def test_before_the_reason_and_after_sending_there_is_nothing_to_change(browser: Any, story: Story) -> None:
    story.draft()
    assert browser.get(PATH).url.path == "/apply/tasks"
    story.sent(Delivery.APP)
    assert browser.get(PATH).url.path == f"/cases/{story.case.number}" or "already" in browser.get(PATH).text


def test_the_one_kind_that_fits_is_not_offered_as_a_choice(browser: Any, story: Story) -> None:
    story.on_file("123-45-67891")
    browser.send(browser.get("/apply"), "/apply")
    browser.send(browser.get("/apply/reason"), "/apply/reason", reason="faulty")
    tasks = browser.get("/apply/tasks").text
    assert "A company, through a delegate" in tasks
    assert PATH not in tasks


def test_who_is_named_before_the_reason_does_not_answer_for_it(browser: Any, story: Story) -> None:
    browser.send(browser.get("/apply?kind=proxy"), "/apply")
    assert browser.get("/apply/applicant").url.path == "/apply/tasks"


def test_a_reason_for_which_the_way_is_not_offered_asks_for_it_again(browser: Any, story: Story) -> None:
    desks(story.sample).put_in_force('[rules.no]\nreasons = ["expiring"]\ndeliveries = ["post"]\noffered = false')
    story.draft(Delivery.POST)
    page = browser.send(browser.get("/apply/reason"), "/apply/reason", reason="expiring")
    assert page.url.path == "/apply/delivery"
    assert "is not offered for this reason" in page.text
    assert story.case.delivery is None
