"""Applying by the institution's policy: as which kind, by whom, with which papers, and until when."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from otpward.clerk.documents import sent_items
from otpward.clerk.policy import asked_of
from otpward.core.errors import Invalid
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.document import DocumentState
from otpward.core.model.case import Case, Delivery, Documents, Reason
from otpward.core.model.consent import Purpose
from otpward.core.model.document import Document
from otpward.core.policy.applicants import Misfit, Relation, WrongKind
from otpward.core.policy.asked_papers import DayFlaw, NotFresh, asked_papers
from otpward.core.policy.papers import Paper
from otpward.core.secret import Personal
from otpward.ports.documents import ReadPaper
from otpward.services.apply.answer_request import AnswerRequest, answer_request
from otpward.services.apply.apply_at_counter import ApplyAtCounter, apply_at_counter
from otpward.services.apply.ask_for_more import ask_for_more
from otpward.services.apply.cancel_application import CancelApplication, cancel_application
from otpward.services.apply.erase_documents import erase_documents
from otpward.services.apply.expire_drafts import expire_drafts
from otpward.services.apply.expire_unanswered import expire_unanswered
from otpward.services.apply.keep_document import KeepDocument, keep_document
from otpward.services.apply.review import Decision
from otpward.services.apply.save_application import SaveApplication, save_application
from otpward.services.apply.send_document import SendDocument, send_document
from otpward.services.apply.start_application import StartApplication, start_application
from otpward.services.apply.take_reading import take_reading
from otpward.services.apply.take_up import take_up
from tests.fakes.reader import page
from tests.services.oversee.policies.writing import desks
from tests.services.walk import SOURCE, Walk

MINOR, ADULT, COMPANY = "2012-03-02", "1980-01-02", "123-45-67891"
FRESH = date(2026, 11, 1)


def born(walk: Walk, on_file: str) -> None:
    """The member has this birth date, or this business registration number, on file."""
    member = walk.look(lambda uow: uow.members.get(walk.member.id))
    walk.edit(lambda uow: uow.members.save(replace(member, birth_date=Personal(on_file))))
    walk.member = walk.look(lambda uow: uow.members.get(member.id))


def start(walk: Walk, kind: str) -> Case:
    ask = StartApplication(
        institution_id=walk.inside, member_id=walk.member.id, browser=walk.browser, source=SOURCE, applicant=kind
    )
    return walk.do(lambda desk: start_application(ask, desk=desk))


def save(walk: Walk, case: Case, **parts: Any) -> Case:
    ask = SaveApplication(case_id=case.id, member_id=walk.member.id, source=SOURCE, **parts)
    return walk.do(lambda desk: save_application(ask, desk=desk))


def send(walk: Walk, case: Case, item: str, issued_on: date | None = None, paper: Paper | None = None) -> Document:
    ask = SendDocument(case_id=case.id, member_id=walk.member.id, item=item, paper=paper, source=SOURCE, issued_on=issued_on)
    return walk.do(lambda desk: send_document(ask, desk=desk))


def give(walk: Walk, case: Case, item: str, issued_on: date | None = None, paper: Paper | None = None) -> Document:
    """Sent, read, looked at and kept."""
    sent = send(walk, case, item, issued_on, paper)
    read = walk.do(lambda desk: take_reading(sent.id, ReadPaper(pages=[page()], sure=True), desk=desk))
    ask = KeepDocument(document_id=read.id, member_id=walk.member.id, seen=read.version, looked=False, source=SOURCE)
    return walk.do(lambda desk: keep_document(ask, desk=desk))


def give_all(walk: Walk, case: Case) -> Case:
    """Every paper that this application takes."""
    asked = walk.look(lambda uow: asked_of(case, uow=uow, now=walk.now))
    for one in asked_papers(asked):
        give(walk, case, one.item, FRESH if one.months else None, one.kinds[0] if one.kinds else None)
    return walk.case(case.id)


@pytest.mark.parametrize(
    ("on_file", "kind", "misfit"),
    [
        pytest.param(ADULT, "individual", None, id="an adult alone"),
        pytest.param(ADULT, "proxy", None, id="an adult by proxy"),
        pytest.param(ADULT, "abroad", None, id="an adult abroad"),
        pytest.param(ADULT, "minor", Misfit.OF_AGE, id="an adult as a minor"),
        pytest.param(ADULT, "corporation", Misfit.PERSON, id="a person as a company"),
        pytest.param(MINOR, "minor", None, id="a minor with a guardian"),
        pytest.param(MINOR, "individual", Misfit.MINOR, id="a minor alone"),
        pytest.param(MINOR, "proxy", Misfit.MINOR, id="a minor by proxy"),
        pytest.param(COMPANY, "corporation", None, id="a company"),
        pytest.param(COMPANY, "individual", Misfit.COMPANY, id="a company as a person"),
        pytest.param("2007-11-24", "individual", Misfit.MINOR, id="the day before the nineteenth birthday"),
        pytest.param("2007-11-23", "individual", None, id="on the nineteenth birthday"),
        pytest.param("", "minor", None, id="nothing on file"),
    ],
)
def test_what_is_on_file_says_as_which_kind_one_may_apply(walk: Walk, on_file: str, kind: str, misfit: Misfit | None) -> None:
    born(walk, on_file)
    if misfit is None:
        assert start(walk, kind).applicant == kind
        return
    with pytest.raises(WrongKind) as refused:
        start(walk, kind)
    assert refused.value.misfit is misfit
    assert walk.look(lambda uow: uow.cases.count()) == 0


@pytest.mark.parametrize(
    ("on_file", "kind", "relation", "wrong"),
    [
        pytest.param(MINOR, "minor", Relation.MOTHER, Relation.SPOUSE, id="minor"),
        pytest.param(COMPANY, "corporation", Relation.EMPLOYEE, Relation.MOTHER, id="corporation"),
        pytest.param(ADULT, "proxy", Relation.SPOUSE, Relation.EMPLOYEE, id="proxy"),
    ],
)
def test_who_acts_is_named_before_it_is_sent_and_kept_sealed(
    walk: Walk, on_file: str, kind: str, relation: Relation, wrong: Relation
) -> None:
    born(walk, on_file)
    walk.prove()
    case = walk.fill_in(start(walk, kind))
    with pytest.raises(Invalid) as refused:
        walk.submit(case)
    assert refused.value.field == "acting_name"
    with pytest.raises(Invalid) as refused:
        save(walk, case, acting_name="김보호", acting_as=wrong)
    assert refused.value.field == "acting_as"
    with pytest.raises(Invalid) as refused:
        save(walk, case, acting_name="  ", acting_as=relation)
    assert refused.value.field == "acting_name"
    sent = walk.submit(save(walk, case, acting_name=" 김  보호 ", acting_as=relation))
    assert (sent.acting_name.reveal(), sent.acting_as.reveal()) == ("김 보호", relation)
    assert "김" not in repr(sent)


def test_nobody_acts_for_who_applies_alone(walk: Walk) -> None:
    with pytest.raises(Invalid):
        save(walk, start(walk, "individual"), acting_name="김보호", acting_as=Relation.MOTHER)


@pytest.mark.parametrize(
    ("on_file", "kind", "relation"),
    [
        pytest.param(MINOR, "minor", Relation.FATHER, id="minor"),
        pytest.param(COMPANY, "corporation", Relation.OFFICER, id="corporation"),
        pytest.param(ADULT, "proxy", Relation.CHILD, id="proxy"),
        pytest.param(ADULT, "abroad", None, id="abroad"),
    ],
)
def test_what_cannot_be_shown_when_it_is_handed_over_has_to_be_sent(
    walk: Walk, on_file: str, kind: str, relation: Relation | None
) -> None:
    born(walk, on_file)
    walk.prove()
    case = start(walk, kind)
    if relation is not None:
        case = save(walk, case, acting_name="김보호", acting_as=relation)
    assert walk.fill_in(case).documents is Documents.AT_COUNTER
    case = walk.fill_in(case, Delivery.POST)
    assert case.documents is None
    with pytest.raises(Invalid) as refused:
        walk.submit(case)
    assert refused.value.field == "documents"
    walk.agree(Purpose.DOCUMENTS)
    assert give_all(walk, case).documents is Documents.SENT
    assert walk.submit(case).state is CaseState.SUBMITTED


@pytest.mark.parametrize(
    ("issued_on", "flaw"),
    [
        pytest.param(None, DayFlaw.NO_DAY, id="no day"),
        pytest.param(date(2026, 11, 24), DayFlaw.NOT_YET, id="tomorrow"),
        pytest.param(date(2026, 8, 22), DayFlaw.TOO_OLD, id="three months and a day"),
        pytest.param(date(2026, 8, 23), None, id="three months"),
        pytest.param(date(2026, 11, 23), None, id="today"),
    ],
)
def test_a_paper_that_must_be_fresh_is_taken_with_its_day(walk: Walk, issued_on: date | None, flaw: DayFlaw | None) -> None:
    case = walk.fill_in(start(walk, "proxy"))
    walk.agree(Purpose.DOCUMENTS)
    if flaw is None:
        assert send(walk, case, "seal_certificate", issued_on).issued_on == issued_on
        return
    with pytest.raises(NotFresh) as refused:
        send(walk, case, "seal_certificate", issued_on)
    assert (refused.value.flaw, refused.value.field) == (flaw, "issued_on")


def test_a_paper_that_grew_too_old_in_the_draft_is_missing_again(walk: Walk) -> None:
    walk.prove()
    case = save(walk, start(walk, "proxy"), acting_name="김대리", acting_as=Relation.SPOUSE)
    case = walk.fill_in(case, Delivery.POST)
    walk.agree(Purpose.DOCUMENTS)
    give(walk, case, "proxy_id", None, Paper.PASSPORT)
    give(walk, case, "power_of_attorney")
    give(walk, case, "seal_certificate", date(2026, 8, 23))
    assert walk.case(case.id).documents is Documents.SENT
    walk.clock.move(days=1)
    asked = walk.look(lambda uow: asked_of(case, uow=uow, now=walk.now))
    left = walk.look(lambda uow: sent_items(case, asked, uow=uow, now=walk.now))
    assert left == {"proxy_id", "power_of_attorney"}
    with pytest.raises(Invalid) as refused:
        walk.submit(case)
    assert refused.value.field == "documents"


@pytest.mark.parametrize(
    ("item", "paper"),
    [
        pytest.param("id_card", Paper.PASSPORT, id="a paper of another kind of applicant"),
        pytest.param("nothing", None, id="a paper that there is not"),
        pytest.param("proxy_id", None, id="a proof of identity without its kind"),
    ],
)
def test_only_what_the_policy_asks_for_is_taken(walk: Walk, item: str, paper: Paper | None) -> None:
    case = walk.fill_in(start(walk, "proxy"))
    walk.agree(Purpose.DOCUMENTS)
    with pytest.raises(Invalid):
        send(walk, case, item, None, paper)


def test_what_was_sent_for_nothing_is_erased_when_the_application_is_sent(walk: Walk) -> None:
    walk.prove()
    case = walk.fill_in(walk.start())
    walk.agree(Purpose.DOCUMENTS)
    document = give(walk, case, "id_card", None, Paper.PASSPORT)
    case = save(walk, case, delivery=Delivery.APP)
    assert case.documents is Documents.PROOF_ONLY
    walk.submit(case)
    assert walk.look(lambda uow: uow.documents.get(document.id)).state is DocumentState.ERASED
    assert "document:erased=not_asked" in walk.events()


def test_pictures_are_kept_as_long_as_the_policy_of_the_application_says(walk: Walk) -> None:
    desks(walk.sample).put_in_force("[retention]\ndocument_days = 3\n")
    case = walk.fill_in(walk.start())
    walk.agree(Purpose.DOCUMENTS)
    give(walk, case, "id_card", None, Paper.PASSPORT)
    ask = CancelApplication(case_id=case.id, member_id=walk.member.id, source=SOURCE)
    walk.do(lambda desk: cancel_application(ask, desk=desk))
    walk.clock.move(days=3)
    assert walk.do(lambda desk: erase_documents(desk=desk)) == 0
    walk.clock.move(seconds=1)
    assert walk.do(lambda desk: erase_documents(desk=desk)) == 1


def test_a_draft_keeps_the_policy_that_it_began_under(walk: Walk) -> None:
    walk.prove()
    case = walk.fill_in(walk.start(), Delivery.POST)
    desks(walk.sample).put_in_force("[rules.all]\ndocuments = ['id_card', 'basic_certificate']\nfee_won = 9000\n")
    asked = walk.look(lambda uow: asked_of(case, uow=uow, now=walk.now))
    assert ([one.item for one in asked_papers(asked)], asked.fee_won) == (["id_card"], 0)
    assert walk.submit(walk.start()).documents is Documents.ON_DELIVERY
    walk.member = walk.sample.other
    fresh = walk.fill_in(walk.start(), Delivery.POST)
    asked = walk.look(lambda uow: asked_of(fresh, uow=uow, now=walk.now))
    assert ([one.item for one in asked_papers(asked)], fresh.documents) == (["id_card", "basic_certificate"], None)


def test_a_draft_is_gone_on_with_for_fourteen_days_by_whoever_proves_it_is_theirs(walk: Walk) -> None:
    begun = walk.fill_in(walk.start())
    walk.clock.move(days=13, seconds=86_399)
    walk.browser = b"another browser".ljust(32, b".")
    assert walk.do(lambda desk: expire_drafts(desk=desk)) == []
    again = walk.start()
    assert (again.id, again.delivery, again.deadline_at) == (begun.id, Delivery.BRANCH, begun.deadline_at)
    walk.prove()
    assert walk.submit(again).state is CaseState.SUBMITTED


def more(walk: Walk, case: Case, **changes: Any) -> Case:
    """Staff take it up and ask for more."""
    decision = Decision(case_id=case.id, operator=walk.operator, message="다시 보내 주세요.")
    walk.do(lambda desk: take_up(replace(decision, message=""), desk=desk))
    return walk.do(lambda desk: ask_for_more(replace(decision, **changes), desk=desk))


def answer(walk: Walk, case: Case, text: str = "") -> Case:
    ask = AnswerRequest(case_id=case.id, member_id=walk.member.id, answer=text, source=SOURCE)
    return walk.do(lambda desk: answer_request(ask, desk=desk))


def test_a_paper_that_was_asked_for_is_sent_again_and_is_answer_enough(walk: Walk) -> None:
    case = more(walk, walk.submitted(), item="id_card")
    assert (case.asked_item, case.deadline_at) == ("id_card", walk.now + timedelta(days=14))
    with pytest.raises(Invalid):
        answer(walk, case)
    walk.clock.move(minutes=5)
    walk.agree(Purpose.DOCUMENTS)
    give(walk, case, "id_card", None, Paper.PASSPORT)
    assert walk.case(case.id).documents is Documents.SENT
    done = answer(walk, case)
    assert (done.state, done.asked_item, done.deadline_at) == (CaseState.CHECKING, "", None)


def test_a_paper_that_the_application_does_not_take_is_not_asked_for(walk: Walk) -> None:
    case = walk.submitted()
    with pytest.raises(Invalid) as refused:
        more(walk, case, item="corporate_seal")
    assert refused.value.field == "item"


def test_what_nobody_answers_ends_after_the_days_of_the_policy_and_the_member_is_told(walk: Walk) -> None:
    desks(walk.sample).put_in_force("[deadlines]\nmore_days = 2\n")
    case = more(walk, walk.submitted())
    walk.clock.move(days=2)
    assert walk.do(lambda desk: expire_unanswered(desk=desk)) == []
    walk.clock.move(seconds=1)
    assert walk.do(lambda desk: expire_unanswered(desk=desk)) == [case.id]
    assert walk.case(case.id).state is CaseState.EXPIRED
    assert walk.told("expired") == {("m1001", "case_expired", "sms"), ("m1001", "case_expired", "mail")}
    assert walk.do(lambda desk: expire_unanswered(desk=desk)) == []


def test_who_answers_in_time_is_left_alone(walk: Walk) -> None:
    answer(walk, more(walk, walk.submitted()), "지난주 금요일입니다.")
    walk.clock.move(days=60)
    assert walk.do(lambda desk: expire_unanswered(desk=desk)) == []


def test_a_paper_that_was_fresh_when_it_was_sent_stays_so_while_it_is_checked(walk: Walk) -> None:
    walk.prove()
    case = save(walk, start(walk, "proxy"), acting_name="김대리", acting_as=Relation.SPOUSE)
    case = walk.fill_in(case, Delivery.POST)
    walk.agree(Purpose.DOCUMENTS)
    give(walk, case, "proxy_id", None, Paper.PASSPORT)
    give(walk, case, "power_of_attorney")
    give(walk, case, "seal_certificate", date(2026, 8, 23))
    case = more(walk, walk.submit(case), item="power_of_attorney")
    walk.clock.move(days=3)
    give(walk, case, "power_of_attorney")
    assert walk.case(case.id).documents is Documents.SENT
    give(walk, case, "seal_certificate", date(2026, 11, 25))
    assert walk.case(case.id).documents is Documents.SENT


def test_an_application_at_the_counter_is_of_the_kind_that_fits_who_stands_there(walk: Walk) -> None:
    born(walk, MINOR)
    walk.see()
    ask = ApplyAtCounter(
        institution_id=walk.inside,
        member_id=walk.member.id,
        operator=walk.operator,
        reason=Reason.FAULTY,
        branch_id=walk.sample.branch.id,
    )
    assert walk.do(lambda desk: apply_at_counter(ask, desk=desk)).applicant == "minor"
