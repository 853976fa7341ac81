"""Beside the decision: notes that no member sees, who is looking, what changed, whose work it is, and the second person."""

import html
from dataclasses import replace
from typing import Any

import pytest

from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.token import Hold
from otpward.core.model.case import Case, Delivery
from otpward.core.model.member import Member, Role
from otpward.core.model.token import TokenHold
from otpward.services.oversee.lapse_requests import lapse_requests
from tests.edges.http.console.staffed import appoint, sit, story
from tests.edges.http.console.test_cases import act, checking, path_of
from tests.edges.http.portal.seated import seat
from tests.fakes.sample import Sample, make_sample
from tests.fakes.surroundings import FixedClock

APPROVALS = "/console/approvals"


def send(browser: Any, case: Case, **fields: str) -> Any:
    """A form of the case's page that is not its first."""
    now = browser.get(path_of(case))
    hidden = {name: value_of(now.text, name) for name in ("csrf", "seen", "steps", "shown")}
    return browser.post(path_of(case), {**hidden, **fields})


def value_of(text: str, name: str) -> str:
    return html.unescape(text.partition(f'name="{name}" value="')[2].partition('"')[0])


def test_a_note_stands_in_the_timeline_of_staff_and_nowhere_else(browser: Any, sample: Sample) -> None:
    case = checking(sample)
    sit(browser, sample)
    page = send(browser, case, act="note", note="전화했더니 <b>부재중</b>")
    assert "Noted. Only colleagues see it." in page.text
    assert "전화했더니 &lt;b&gt;부재중&lt;/b&gt;" in page.text
    assert "Note (staff only)" in page.text
    seat(browser, story(sample))
    for address in ("/my", f"/progress/{case.number}", f"/my/applications/{case.number}"):
        assert "부재중" not in browser.get(address).text
    assert "부재중" not in str(sample.house.look(sample.institution.id, lambda uow: uow.audit.find(case_id=case.id)))


def test_an_empty_note_is_no_note_and_one_is_never_too_late(browser: Any, sample: Sample) -> None:
    case = checking(sample)
    sit(browser, sample)
    assert "Write the note first" in send(browser, case, act="note", note=" ").text
    assert "Noted." in send(browser, case, act="note", note="늦은 메모", seen="0").text


def test_colleagues_see_each_other_for_a_minute(browser: Any, sample: Sample, clock: FixedClock) -> None:
    case, colleague = checking(sample), appoint(sample, Role.BRANCH, sample.branch.id)
    sit(browser, sample)
    assert "is viewing" not in browser.get(path_of(case)).text, "not oneself"
    sit(browser, sample, colleague)
    assert "김창구 is viewing" in browser.get(path_of(case)).text
    sit(browser, sample, lang="ko")
    assert browser.get(f"{path_of(case)}/presence").text == "나직원 님이 보고 있습니다"
    clock.move(seconds=61)
    assert browser.get(f"{path_of(case)}/presence").text == ""


def test_a_late_decision_is_told_field_by_field_what_changed(browser: Any, sample: Sample) -> None:
    case, colleague = checking(sample), appoint(sample, Role.BRANCH, sample.branch.id)
    sit(browser, sample)
    before = browser.get(path_of(case))
    send(browser, case, act="assign", to=str(colleague.id))
    with sample.house.open(sample.institution.id, writes=True) as uow:
        uow.cases.save(replace(uow.cases.get(case.id), delivery=Delivery.POST))
        uow.commit()
    late = browser.send(before, path_of(case), decision="approve")
    assert late.status_code == 409
    told = late.text.partition("This has changed meanwhile")[2].partition("</table>")[0]
    assert "<del>김창구</del></td><td><ins>나직원</ins>" in told
    assert "<del>Branch</del></td><td><ins>Post</ins>" in told
    assert story(sample).case.state is CaseState.CHECKING


@pytest.mark.parametrize("shown", ["", "x", "state=%00&delivery=<b>&assigned=x&until=x&branch=1", "&".join(["a=b"] * 500)])
def test_what_no_page_showed_is_no_fault(browser: Any, sample: Sample, shown: str) -> None:
    case = checking(sample)
    sit(browser, sample)
    answer = send(browser, case, act="decide", decision="approve", seen="0", shown=shown)
    assert answer.status_code == 409
    assert "<b>" not in answer.text


def test_a_case_is_given_only_to_who_reviews(browser: Any, sample: Sample) -> None:
    case, stock = checking(sample), appoint(sample, Role.STOCK, sample.branch.id)
    sit(browser, sample)
    assert "Choose a colleague who can take it" in send(browser, case, act="assign", to=str(stock.id)).text
    assert "Choose a colleague who can take it" in send(browser, case, act="assign").text
    assert "It is settled whose work this is." in send(browser, case, act="assign", to="nobody").text
    assert story(sample).case.assigned_to is None


class TestTwoPeople:
    """Where two are needed."""

    @pytest.fixture
    def sample(self, house: Any) -> Sample:
        return make_sample(house, two_people=True)

    @pytest.fixture
    def second(self, sample: Sample) -> Member:
        return appoint(sample, Role.BRANCH, sample.branch.id)

    @pytest.fixture
    def case(self, browser: Any, sample: Sample) -> Case:
        """Put forward by the sample's operator."""
        made = checking(sample)
        sit(browser, sample)
        act(browser, made, decision="approve", reason="주소와 신분증을 확인함")
        return story(sample).case

    def test_the_list_says_who_what_and_why_and_one_press_approves(
        self, browser: Any, sample: Sample, case: Case, second: Member
    ) -> None:
        own = browser.get(APPROVALS)
        assert "You cannot approve your own request" in own.text
        sit(browser, sample, second)
        page = browser.get(APPROVALS)
        for fact in ("김창구", "Awaiting approval → Preparing", "주소와 신분증을 확인함", case.number, "Broken"):
            assert fact in page.text
        done = browser.send(page, APPROVALS, act="approve")
        assert "Approved. It is done." in done.text
        assert story(sample).case.state is CaseState.APPROVED

    def test_sending_back_needs_a_reason_that_only_colleagues_read(
        self, browser: Any, sample: Sample, case: Case, second: Member
    ) -> None:
        sit(browser, sample, second)
        page = browser.get(APPROVALS)
        assert "Write why, for the colleague who reads it" in browser.send(page, APPROVALS, act="send_back").text
        assert "Sent back to whoever asked." in browser.send(page, APPROVALS, act="send_back", reason="사진이 흐림").text
        back = story(sample).case
        assert (back.state, back.checked_by, back.assigned_to) == (CaseState.CHECKING, None, sample.operator.member_id)
        assert "사진이 흐림" in browser.get(path_of(case)).text

    def test_the_own_request_is_refused_to_a_forged_form_and_written_down(
        self, browser: Any, sample: Sample, case: Case
    ) -> None:
        csrf = value_of(browser.get("/console").text, "csrf")
        form = {"csrf": csrf, "kind": "case", "key": str(case.id), "seen": str(case.version), "act": "approve"}
        assert browser.post(APPROVALS, form).status_code == 403
        lines = sample.house.look(sample.institution.id, lambda uow: uow.audit.find(event="case:denied"))
        assert [line.result for line in lines] == ["own_request"]
        assert story(sample).case.state is CaseState.AWAITING_APPROVAL

    def test_what_moved_is_not_approved(self, browser: Any, sample: Sample, case: Case, second: Member) -> None:
        sit(browser, sample, second)
        page = browser.get(APPROVALS)
        browser.send(page, APPROVALS, act="send_back", reason="다시")
        late = browser.send(page, APPROVALS, act="approve")
        assert late.status_code == 409
        assert story(sample).case.state is CaseState.CHECKING

    def test_after_three_days_it_goes_back_to_be_checked(self, sample: Sample, case: Case, clock: FixedClock) -> None:
        inside = sample.institution.id
        clock.move(days=3)
        assert sample.house.do(inside, lambda desk: lapse_requests(desk=desk)) == []
        clock.move(seconds=1)
        assert sample.house.do(inside, lambda desk: lapse_requests(desk=desk)) == [case.id]
        back = story(sample).case
        assert (back.state, back.checked_by, back.approval_until) == (CaseState.CHECKING, None, None)
        assert not back.approval_reason
        assert sample.house.do(inside, lambda desk: lapse_requests(desk=desk)) == []


@pytest.fixture
def wish(sample: Sample) -> TokenHold:
    """A stop that a colleague asked to lift."""
    inside, house = sample.institution.id, sample.house
    colleague = appoint(sample, Role.BRANCH, sample.branch.id)
    with house.open(inside, writes=True) as uow:
        token = uow.tokens.first(serial=sample.in_use)
        assert token is not None
        uow.tokens.save(replace(token, holds=frozenset({Hold.STOLEN})))
        line = TokenHold(
            id=house.desk(inside).new_id(),
            institution_id=inside,
            token_id=token.id,
            hold=Hold.STOLEN,
            placed_at=house.clock.now(),
            placed_by="member",
            lift_asked_at=house.clock.now(),
            lift_asked_by=colleague.id,
        )
        uow.holds.add(line)
        uow.commit()
    return line


@pytest.mark.parametrize(("press", "held"), [("approve", False), ("send_back", True)])
def test_a_wish_to_lift_a_stop_is_decided_on_the_list(
    browser: Any, sample: Sample, wish: TokenHold, press: str, held: bool
) -> None:
    sit(browser, sample)
    page = browser.get(APPROVALS)
    assert "Reported stolen → In use" in page.text
    assert sample.in_use in page.text
    browser.send(page, APPROVALS, act=press)
    token = sample.house.look(sample.institution.id, lambda uow: uow.tokens.first(serial=sample.in_use))
    assert token is not None
    assert (Hold.STOLEN in token.holds) is held
    assert "Nothing to do" in browser.get(APPROVALS).text


def test_a_wish_that_nobody_decided_lapses_with_a_line(sample: Sample, wish: TokenHold, clock: FixedClock) -> None:
    inside = sample.institution.id
    clock.move(days=3, seconds=1)
    assert sample.house.do(inside, lambda desk: lapse_requests(desk=desk)) == [wish.id]
    line = sample.house.look(inside, lambda uow: uow.holds.get(wish.id))
    assert (line.lift_asked_at, line.lift_asked_by) == (None, None)
    assert sample.house.look(inside, lambda uow: uow.audit.find(event="lift:lapsed"))
