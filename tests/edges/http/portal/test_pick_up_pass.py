"""The pass that is shown at the counter: the code, where and until when, who comes and what they bring."""

from dataclasses import replace
from typing import Any

import pytest

from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.fee import FeeState
from otpward.core.model.case import Delivery
from otpward.core.model.fee import Fee
from otpward.core.secret import Personal
from tests.edges.http.portal.seated import Story, seat
from tests.fakes.sample import Sample
from tests.fakes.surroundings import FixedClock


@pytest.fixture
def story(sample: Sample) -> Story:
    found = Story(sample, sample.member)
    found.ready_to_collect("SN-02")
    return found


def edit(story: Story, change: Any) -> None:
    def act(desk: Any) -> None:
        with desk.uow as uow:
            change(desk, uow)
            uow.commit()

    story.sample.house.do(story.sample.institution.id, act)


def page_of(browser: Any, story: Story, lang: str = "en") -> Any:
    seat(browser, story)
    return browser.get(f"/cases/{story.case.number}/pick-up?lang={lang}")


def test_it_says_where_until_when_and_what_to_bring(browser: Any, story: Story) -> None:
    page = page_of(browser, story)
    pick_up = story.sample.house.look(story.sample.institution.id, lambda uow: uow.pick_ups.first())
    assert pick_up is not None
    code = pick_up.code.reveal()
    assert code[:4] in page.text
    assert code[4:] in page.text
    for said in ("Head Office, Seoul", "09:00-16:00", "02-000-0001", "An ID card, this pass", "Only you can collect it."):
        assert said in page.text, said
    assert "The code is good once, and only at this branch." in page.text
    assert "신분증, 이 수령 안내" in page_of(browser, story, "ko").text
    assert page.headers["cache-control"] == "no-store"


def test_who_acts_for_the_member_reads_what_they_bring(browser: Any, story: Story) -> None:
    named = replace(story.case, acting_name=Personal("홍어머니"), acting_as=Personal("mother"), applicant="minor")
    edit(story, lambda _desk, uow: uow.cases.save(named))
    page = page_of(browser, story)
    assert "홍어머니 (Mother)" in page.text
    assert "The guardian&#39;s ID card, a family relation certificate (detailed)" in page.text
    assert "Only 홍어머니 (Mother) can collect it." in page.text


def test_a_fee_that_is_due_is_said(browser: Any, story: Story) -> None:
    def ask(desk: Any, uow: Any) -> None:
        case = story.case
        told = {"id": desk.new_id(), "case_id": case.id, "member_id": case.member_id, "institution_id": case.institution_id}
        uow.fees.add(Fee(**told, state=FeeState.DUE, amount_won=5000, waiver="", due_at=desk.now))

    edit(story, ask)
    assert "Fee to pay there" in page_of(browser, story).text


def test_after_the_last_day_there_is_no_code(browser: Any, story: Story, clock: FixedClock) -> None:
    clock.move(days=14)
    page = page_of(browser, story)
    assert "The last day has passed, and nothing waits any more. Apply again." in page.text
    assert 'id="code"' not in page.text


def test_where_nothing_waits_the_application_is_shown(browser: Any, sample: Sample) -> None:
    story = Story(sample, sample.member)
    story.approved(Delivery.BRANCH)
    assert page_of(browser, story).url.path == f"/cases/{story.case.number}"
    assert story.case.state is CaseState.APPROVED
