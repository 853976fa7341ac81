"""The safe thing happens first: the token is stopped the moment the receipt exists."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from otpward.core.audit import AuditEvent
from otpward.core.errors import Denied, Invalid, TooOften
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.others import ProofState
from otpward.core.lifecycle.token import Hold
from otpward.core.model.case import Reason
from otpward.core.model.loss import LossKind
from otpward.core.model.member import Area, Level
from otpward.core.model.proof import Act, Method
from otpward.core.policy.rates import REPORTS_PER_SOURCE
from otpward.core.policy.verification import Verdict
from otpward.core.secret import NOTHING
from otpward.ports.desk import Desk
from otpward.services.prove_identity.check_code import CodeAnswer
from otpward.services.sign_in.sessions import begin_session, find_seat
from otpward.services.sign_in.sit_down_proven import sit_down_proven
from tests.services.walk import ELSEWHERE, HERE, Walk, shown


@pytest.mark.parametrize("kind", list(LossKind))
def test_the_token_is_refused_from_the_receipt_on(walk: Walk, kind: LossKind) -> None:
    report = walk.report(kind)
    assert report.reported_at == walk.now
    assert walk.token("SN-00").holds == {Hold(kind.value)}
    for question in ({"login": "m1001"}, {"serial": "SN-00"}):
        assert walk.verify(shown("SN-00", walk.now), **question) is Verdict.ON_HOLD


def test_a_case_opens_with_the_report(walk: Walk) -> None:
    report = walk.report(LossKind.STOLEN)
    assert report.case_id is not None
    case = walk.case(report.case_id)
    assert (case.state, case.reason, case.report_id) == (CaseState.REPORTED, Reason.STOLEN, report.id)
    assert case.old_token_id == walk.token("SN-00").id
    assert [step.state for step in walk.look(lambda uow: uow.steps.find(case_id=case.id))] == [CaseState.REPORTED]


def test_it_is_written_down_and_told(walk: Walk) -> None:
    walk.report()
    assert walk.events()[-3:] == ["token:held=done", "case:opened=done", "loss:reported=matched"]
    assert walk.told("loss") == {("m1001", "loss_stopped", "sms"), ("m1001", "loss_stopped", "mail")}


def test_a_lost_phone_is_told_nothing(walk: Walk) -> None:
    walk.report(phone_lost=True)
    assert walk.told("loss") == {("m1001", "loss_stopped", "mail")}
    walk.report(phone_lost=False)  # said again elsewhere, and the first report still stands
    assert walk.told("loss") == {("m1001", "loss_stopped", "mail")}


@pytest.mark.parametrize(
    "stranger",
    [{"login": "nobody"}, {"phone": "+821055501102"}, {"login": "m1002"}, {"login": ""}],
    ids=["login", "phone", "another-member", "empty"],
)
def test_a_stranger_gets_the_same_receipt_and_nothing_happens(walk: Walk, stranger: dict[str, Any]) -> None:
    matched = walk.report(LossKind.MISUSED, browser=ELSEWHERE)
    before, told = walk.token("SN-00"), walk.told()
    report = walk.report(LossKind.MISUSED, **stranger)
    assert (report.member_id, report.case_id) == (None, None)
    assert walk.events()[-1] == "loss:reported=unmatched"
    assert (walk.token("SN-00"), walk.told()) == (before, told)
    same = {"kind", "phone_lost", "reported_at", "lifted_at", "institution_id", "version"}
    assert {name: getattr(report, name) for name in same} == {name: getattr(matched, name) for name in same}
    assert len(report.number) == len(matched.number)


def test_the_same_person_is_meant_however_it_is_typed(walk: Walk) -> None:
    assert walk.report(login="  M1001 ", phone="010 5550-1101").member_id == walk.member.id


def test_a_member_who_left_is_a_stranger(walk: Walk) -> None:
    walk.edit(lambda uow: uow.members.save(replace(walk.member, left_at=walk.now)))
    assert walk.report().member_id is None


def test_a_double_press_is_one_report(walk: Walk) -> None:
    first = walk.report(once="form-1")
    walk.clock.move(seconds=1)
    assert walk.report(once="form-1") == first
    assert walk.look(lambda uow: (uow.losses.count(), uow.cases.count(), uow.notices.count())) == (1, 1, 2)


def test_a_second_report_joins_the_open_case(walk: Walk) -> None:
    first = walk.report(LossKind.LOST)
    second = walk.report(LossKind.STOLEN, browser=ELSEWHERE)
    assert second.case_id == first.case_id
    assert walk.token("SN-00").holds == {Hold.LOST, Hold.STOLEN}
    assert walk.look(lambda uow: uow.cases.count()) == 1


def test_a_draft_about_the_token_becomes_the_case_of_its_loss(walk: Walk) -> None:
    draft = walk.start()
    assert walk.report(LossKind.STOLEN).case_id == draft.id
    assert walk.case(draft.id).reason is Reason.STOLEN


def test_a_member_without_a_token_gets_a_receipt_and_no_case(walk: Walk) -> None:
    report = walk.report(login="m1002", phone="+821055501102")
    assert (report.member_id, report.case_id) == (walk.sample.other.id, None)


def test_a_number_that_cannot_be_one_names_its_field(walk: Walk) -> None:
    with pytest.raises(Invalid) as refused:
        walk.report(phone="010-5550")
    assert refused.value.field == "phone"
    assert walk.look(lambda uow: uow.losses.count()) == 0


def test_too_often_from_one_source(walk: Walk) -> None:
    for n in range(REPORTS_PER_SOURCE.limit):
        walk.report(login=f"guess-{n}")
    with pytest.raises(TooOften) as refused:
        walk.report(login="guess")
    assert refused.value.until > walk.now
    walk.clock.move(hours=1)
    walk.report()


def test_a_stranger_cannot_use_up_what_a_true_report_needs(walk: Walk) -> None:
    for n in range(10):
        walk.report(phone="+821055509999", source=f"10.0.0.{n}")
    with pytest.raises(TooOften):
        walk.report(phone="+821055509999", source="10.0.1.1")
    assert walk.report(source="10.0.1.2").member_id == walk.member.id


def test_whoever_sits_in_a_session_of_the_member_is_put_out(walk: Walk) -> None:
    secrets = []
    for area, level in ((Area.PORTAL, Level.FULL), (Area.PORTAL, Level.PROVEN), (Area.PORTAL, Level.PASSWORD)):
        desk = walk.house.desk(walk.inside)
        with desk.uow as uow:
            secrets.append((begin_session(walk.inside, walk.member.id, area, level, desk=desk), area))
            uow.commit()
    assert all(find_seat(walk.inside, secret, area, house=walk.house) for secret, area in secrets)
    walk.report()
    assert not [1 for secret, area in secrets if find_seat(walk.inside, secret, area, house=walk.house)]
    assert walk.events().count(f"{AuditEvent.SIGN_OUT}=loss_reported") == 3


def test_a_lost_phone_takes_back_what_it_proved(walk: Walk) -> None:
    passed, running = walk.prove(Act.APPLY), walk.begin(Act.LIFT_LOSS)
    code = walk.send(running)
    walk.report(phone_lost=True, browser=ELSEWHERE)
    assert walk.check(running, code) is CodeAnswer.OVER
    states = [walk.look(lambda uow, one=one: uow.proofs.get(one.id)).state for one in (passed, running)]  # type: ignore[misc]
    assert states == [ProofState.EXPIRED, ProofState.CANCELLED]
    with pytest.raises(Denied):
        walk.do(lambda desk: sit_down_proven(walk.inside, HERE, passed.id, desk=desk))


def test_a_lost_phone_takes_back_what_a_passkey_in_it_may_have_proved(walk: Walk) -> None:
    passed = walk.prove(Act.APPLY)

    def by_passkey(desk: Desk) -> None:
        with desk.uow as uow:
            uow.proofs.save(replace(uow.proofs.get(passed.id), method=Method.PASSKEY, phone_tail=NOTHING))
            uow.commit()

    walk.do(by_passkey)
    walk.report(browser=ELSEWHERE)
    assert walk.look(lambda uow: uow.proofs.get(passed.id)).state is ProofState.PASSED
    walk.report(phone_lost=True, browser=ELSEWHERE)
    assert walk.look(lambda uow: uow.proofs.get(passed.id)).state is ProofState.EXPIRED


def test_a_phone_that_is_not_lost_keeps_its_proof(walk: Walk) -> None:
    passed = walk.prove(Act.APPLY)
    walk.report()
    assert walk.look(lambda uow: uow.proofs.get(passed.id)).state is ProofState.PASSED


def test_every_token_of_the_member_is_stopped(walk: Walk) -> None:
    walk.done("SN-02")  # the case gave them a new one; the old one is retired
    walk.clock.move(hours=2)
    walk.report(LossKind.STOLEN)
    assert walk.token("SN-02").holds == {Hold.STOLEN}
    assert walk.token("SN-00").holds == frozenset()  # retired: there is nothing left to stop
    assert walk.verify(shown("SN-02", walk.now + timedelta(minutes=1))) is Verdict.ON_HOLD


def test_a_new_token_in_the_members_hands_is_stopped_with_the_old_one(walk: Walk) -> None:
    case = walk.registered("SN-02")
    walk.report(LossKind.STOLEN)
    assert walk.token("SN-02").holds == frozenset({Hold.STOLEN})
    assert walk.activate(case, shown("SN-02", walk.now)).verdict is Verdict.ON_HOLD
    assert walk.case(case.id).state is CaseState.REGISTERED


def test_one_in_the_post_is_stopped_when_nothing_else_can_be_meant(walk: Walk) -> None:
    walk.report(LossKind.LOST)
    walk.posted("SN-02")
    walk.report(LossKind.STOLEN)
    assert walk.token("SN-02").holds == frozenset({Hold.STOLEN})
