"""The queue, and what an operator decides and does on an application's page."""

from dataclasses import replace
from typing import Any

import pytest

from otpward.clerk.notices import tell
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.case import Case, Delivery
from otpward.core.model.member import Role
from otpward.core.model.token import Token
from otpward.core.policy.notices import NoticeKind
from otpward.edges.http.console.spreadsheet import csv_response, guarded
from otpward.services.apply.review import Decision
from otpward.services.apply.take_up import take_up
from tests.edges.http.console.staffed import appoint, sit, story
from tests.edges.http.portal.seated import TRACKING, Story
from tests.fakes.sample import Sample, make_sample


def path_of(case: Case) -> str:
    return f"/console/cases/{case.number}"


def act(browser: Any, case: Case, **fields: str) -> Any:
    """Send the first form of the case's page as it stands now."""
    return browser.send(browser.get(path_of(case)), path_of(case), **fields)


def token_of(sample: Sample, serial: str) -> Token:
    found = sample.house.look(sample.institution.id, lambda uow: uow.tokens.first(serial=serial))
    assert found is not None
    return found


def checking(sample: Sample, delivery: Delivery = Delivery.BRANCH) -> Case:
    case = story(sample).sent(delivery)
    decision = Decision(case_id=case.id, operator=sample.operator)
    return sample.house.do(sample.institution.id, lambda desk: take_up(decision, desk=desk))


# the queue


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", True),
        ("state=to_do", True),
        ("state=submitted", True),
        ("state=done", False),
        ("reason=faulty&delivery=branch", True),
        ("delivery=post", False),
        ("q=M1001", True),
        ("q=m1002", False),
        ("q=nobody", False),
        ("state=nonsense", True),
    ],
)
def test_the_queue_shows_what_meets_every_filter(browser: Any, sample: Sample, query: str, found: bool) -> None:
    case = story(sample).sent(Delivery.BRANCH)
    sit(browser, sample)
    page = browser.get(f"/console/cases?{query}")
    assert page.status_code == 200
    assert (case.number in page.text) is found
    assert "홍길동" not in page.text


def test_the_queue_finds_an_application_by_its_number_in_small_letters(browser: Any, sample: Sample) -> None:
    case = story(sample).sent(Delivery.APP)
    sit(browser, sample)
    assert case.number in browser.get(f"/console/cases?q={case.number.lower()}").text


def test_the_queue_can_be_saved_for_a_spreadsheet(browser: Any, sample: Sample) -> None:
    case = story(sample).sent(Delivery.BRANCH)
    sit(browser, sample)
    answer = browser.get("/console/cases?state=submitted&format=csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    head, row, *_ = answer.text.split("\r\n")
    assert head.startswith("\ufeffNumber,Member number,")
    assert row.startswith(f"{case.number},m1001,")


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_a_spreadsheet_takes_no_cell_for_a_formula(cell: str) -> None:
    assert guarded(cell) == f"'{cell}"
    assert "'" in bytes(csv_response("a.csv", ["head"], [[cell]]).body).decode()


def test_plain_cells_stay_as_they_are() -> None:
    assert [guarded(cell) for cell in ("", "m1001", "R-1", "한글")] == ["", "m1001", "R-1", "한글"]


# the decision


def test_an_application_is_taken_up_and_approved_on_its_page(browser: Any, sample: Sample) -> None:
    case = story(sample).sent(Delivery.BRANCH)
    sit(browser, sample)
    assert "You have taken this application up." in act(browser, case).text
    page = act(browser, case, decision="approve")
    assert "Approved. The member has been told." in page.text
    assert story(sample).case.state is CaseState.APPROVED
    assert any(serial in page.text for serial in sample.shelf), "devices of the right shelf are offered"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "Choose a decision"),
        ({"decision": "ask"}, "Choose a sentence or write what the member shall read"),
        ({"decision": "refuse", "sentence": "ask.serial"}, "Choose a sentence or write what the member shall read"),
    ],
    ids=["nothing chosen", "no sentence", "a sentence for another decision"],
)
def test_what_is_missing_is_said_beside_the_field(browser: Any, sample: Sample, fields: dict[str, str], sentence: str) -> None:
    case = checking(sample)
    sit(browser, sample)
    page = act(browser, case, **fields)
    assert page.status_code == 422
    assert page.text.count(sentence) == 2
    assert story(sample).case.state is CaseState.CHECKING


def test_a_ready_sentence_reaches_the_member_in_their_language(browser: Any, sample: Sample) -> None:
    case = checking(sample)
    sit(browser, sample, lang="en")
    page = act(browser, case, decision="ask", sentence="ask.serial", message="(3층)")
    assert "The member has been asked for more." in page.text
    message = story(sample).case.message
    assert message == "일련번호가 기록과 다릅니다. 기기 뒷면의 번호를 적어 주세요. (3층)"


def test_a_decision_on_what_has_moved_is_refused_with_what_changed(browser: Any, sample: Sample) -> None:
    case = checking(sample)
    sit(browser, sample)
    before = browser.get(path_of(case))
    act(browser, case, decision="ask", message="번호를 적어 주세요")
    late = browser.send(before, path_of(case), decision="approve")
    assert late.status_code == 409
    assert "Your decision was not taken." in late.text
    assert "More needed" in late.text.partition("This has changed meanwhile")[2].partition("</div>")[0]
    assert story(sample).case.state is CaseState.MORE_NEEDED


def test_a_form_without_the_version_it_saw_decides_nothing(browser: Any, sample: Sample) -> None:
    case = checking(sample)
    sit(browser, sample)
    assert act(browser, case, decision="approve", seen="").status_code == 409
    assert story(sample).case.state is CaseState.CHECKING


def test_nobody_decides_their_own_application(browser: Any, sample: Sample) -> None:
    teller = sample.house.look(sample.institution.id, lambda uow: uow.members.get(sample.operator.member_id))
    own = Story(sample, teller)
    case = own.sent(Delivery.APP)
    sit(browser, sample)
    page = browser.get(path_of(case))
    assert "You cannot approve your own request" in page.text
    forged = browser.post(
        path_of(case),
        {"csrf": csrf_of(page.text), "act": "take_up", "seen": str(case.version), "steps": "2"},
    )
    assert forged.status_code == 403
    assert own.case.state is CaseState.SUBMITTED


def csrf_of(text: str) -> str:
    return text.partition('name="csrf" value="')[2].partition('"')[0]


def test_a_role_that_only_reads_cannot_act(browser: Any, sample: Sample) -> None:
    case = story(sample).sent(Delivery.BRANCH)
    sit(browser, sample, appoint(sample, Role.AUDITOR))
    page = browser.get(path_of(case))
    assert "Your role can see this application, but not act on it." in page.text
    fields = {"csrf": csrf_of(page.text), "act": "take_up", "seen": str(case.version)}
    assert browser.post(path_of(case), fields).status_code == 403
    assert story(sample).case.state is CaseState.SUBMITTED


class TestTwoPeople:
    """Where the institution asks for two, the one who checks does not approve."""

    @pytest.fixture
    def sample(self, house: Any) -> Sample:
        return make_sample(house, two_people=True)

    def test_the_checker_is_told_so_and_a_second_person_approves(self, browser: Any, sample: Sample) -> None:
        case = checking(sample)
        sit(browser, sample)
        assert "Write why, for the colleague who reads it" in act(browser, case, decision="approve").text
        page = act(browser, case, decision="approve", reason="서류와 같음")
        assert "Sent for approval. A second person decides." in page.text
        assert "You cannot approve your own request" in page.text
        now = story(sample).case
        fields = {"csrf": csrf_of(page.text), "act": "decide", "decision": "approve", "seen": str(now.version)}
        assert browser.post(path_of(case), fields).status_code == 403
        sit(browser, sample, appoint(sample, Role.BRANCH, sample.branch.id))
        page = act(browser, case, decision="approve")
        assert story(sample).case.state is CaseState.APPROVED


# the next act


def test_a_scanned_device_is_set_aside_and_set_out(browser: Any, sample: Sample) -> None:
    case = story(sample).approved(Delivery.BRANCH)
    sit(browser, sample)
    assert "This device is not in stock at Head Office" in act(browser, case, serial="SN-00").text
    assert "Scan or type the serial number" in act(browser, case).text
    assert "The device is set aside" in act(browser, case, shelf=sample.shelf[1]).text
    assert "Ready to collect. The member has been sent the place and the last day." in act(browser, case).text
    assert token_of(sample, sample.shelf[1]).state is TokenState.RESERVED
    assert story(sample).case.state is CaseState.READY_TO_COLLECT


def test_an_app_token_is_made_on_the_page(browser: Any, sample: Sample) -> None:
    case = story(sample).approved(Delivery.APP)
    sit(browser, sample)
    assert "The app token is made." in act(browser, case).text
    assert story(sample).case.state is CaseState.RECEIVED


def test_a_parcel_is_packed_sent_returned_and_sent_again(browser: Any, sample: Sample) -> None:
    case = story(sample).approved(Delivery.POST)
    first, second = sample.shelf[:2]
    sit(browser, sample)
    act(browser, case, serial=first)
    assert "세종대로" in act(browser, case).text
    wrong = act(browser, case, serial=second, tracking_number=TRACKING)
    assert "This is not the device of this parcel." in wrong.text
    unread = act(browser, case, serial=first, tracking_number="123")
    assert "Check the tracking number" in unread.text
    sent = act(browser, case, serial=first, tracking_number=TRACKING)
    assert "On its way. The member has been sent the tracking number." in sent.text
    assert "세종대로" not in sent.text
    assert TRACKING in browser.get("/console/shipments").text
    assert "Returned. The device is set aside" in act(browser, case, act="returned").text
    assert token_of(sample, first).state is TokenState.QUARANTINED
    assert "The device is set aside for this application" in act(browser, case, serial=second).text
    act(browser, case)
    act(browser, case, serial=second, tracking_number="6012345678902")
    assert "Delivered. The member has been told" in act(browser, case).text
    assert story(sample).case.state is CaseState.RECEIVED


def test_the_serial_that_was_given_is_compared_with_the_record(browser: Any, sample: Sample) -> None:
    case = checking(sample)
    house = sample.house

    def write(serial: str) -> None:
        with house.open(sample.institution.id, writes=True) as uow:
            uow.cases.save(replace(uow.cases.get(case.id), old_serial=serial))
            uow.commit()

    sit(browser, sample)
    assert "Not given" in browser.get(path_of(case)).text
    write("sn 00")
    assert "Same as on record" in browser.get(path_of(case)).text
    write("SN-07")
    assert "Differs from our record" in browser.get(path_of(case)).text


def test_an_unknown_number_is_not_found(browser: Any, sample: Sample) -> None:
    sit(browser, sample)
    assert browser.get("/console/cases/R-000000-XXXXXXX").status_code == 404


def test_the_page_shows_what_the_member_was_told_of_this_application_and_nothing_else(browser: Any, sample: Sample) -> None:
    case = checking(sample)
    inside = sample.institution.id

    def told_otherwise(desk: Any) -> None:
        with desk.uow as uow:
            tell(uow.members.get(case.member_id), NoticeKind.PHONE_TRUSTED, desk=desk)
            uow.commit()

    sample.house.do(inside, told_otherwise)
    sit(browser, sample)
    page = browser.get(path_of(case)).text
    assert "Application received" in page
    assert "Phone codes are on again" not in page
