"""A mistaken report is lifted by stronger proof than reporting took: a phone code, and the device itself."""

from dataclasses import replace

import pytest

from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.others import ProofState
from otpward.core.lifecycle.token import Hold
from otpward.core.model.loss import LossKind, LossReport
from otpward.core.model.proof import Act
from otpward.core.policy.proofs import ProofNeeded
from otpward.core.policy.verification import Verdict
from otpward.services.apply.cancel_application import CancelApplication, cancel_application
from otpward.services.report_loss.lift_report import OnlyAtABranch
from tests.services.walk import ELSEWHERE, SOURCE, Walk, other_than, shown


def stopped(walk: Walk) -> LossReport:
    report = walk.report()
    walk.prove(Act.LIFT_LOSS, report_id=report.id)
    return report


def fresh(walk: Walk, report: LossReport) -> LossReport:
    return walk.look(lambda uow: uow.losses.get(report.id))


def test_proof_and_device_together_free_the_token(walk: Walk) -> None:
    report = stopped(walk)
    code = shown("SN-00", walk.now)
    assert walk.lift(report, code) is Verdict.ACCEPTED
    assert walk.token("SN-00").holds == frozenset()
    assert fresh(walk, report).lifted_at == walk.now
    assert report.case_id is not None
    assert walk.case(report.case_id).state is CaseState.LIFTED
    assert walk.verify(code) is Verdict.REPLAYED  # the code that lifted is spent
    walk.clock.move(minutes=1)
    assert walk.verify(shown("SN-00", walk.now)) is Verdict.ACCEPTED


def test_it_is_written_down_and_told(walk: Walk) -> None:
    report = stopped(walk)
    walk.lift(report, shown("SN-00", walk.now))
    said = walk.events()[-5:]
    assert said == ["code:accepted=accepted", "proof:spent=done", "token:freed=done", "loss:lifted=done", "loss:lifted=lifted"]
    assert walk.told("lifted") == {("m1001", "loss_lifted", "sms"), ("m1001", "loss_lifted", "mail")}
    assert walk.look(lambda uow: uow.holds.count(lifted_at=None)) == 0


def test_a_wrong_code_counts_and_spends_nothing(walk: Walk) -> None:
    report = stopped(walk)
    assert walk.lift(report, other_than(shown("SN-00", walk.now))) is Verdict.WRONG_CODE
    assert (walk.token("SN-00").failures, walk.token("SN-00").holds) == (1, frozenset({Hold.LOST}))
    assert walk.lift(report, shown("SN-00", walk.now)) is Verdict.ACCEPTED


def test_ten_wrong_codes_lock_here_too(walk: Walk) -> None:
    report = stopped(walk)
    for _ in range(10):
        walk.lift(report, other_than(shown("SN-00", walk.now)))
    assert walk.lift(report, shown("SN-00", walk.now)) is Verdict.LOCKED
    assert Hold.LOST in walk.token("SN-00").holds


def test_the_proof_must_be_for_this_act_and_from_this_browser(walk: Walk) -> None:
    report = walk.report()
    walk.prove(Act.APPLY)
    with pytest.raises(ProofNeeded):
        walk.lift(report, shown("SN-00", walk.now))
    walk.prove(Act.LIFT_LOSS, login=walk.member.login, browser=ELSEWHERE)
    with pytest.raises(ProofNeeded):
        walk.lift(report, shown("SN-00", walk.now))
    assert walk.token("SN-00").high_water == -1  # not even looked at


def test_a_proof_lifts_once(walk: Walk) -> None:
    walk.lift(stopped(walk), shown("SN-00", walk.now))
    assert walk.look(lambda uow: uow.proofs.first(act=Act.LIFT_LOSS)).state is ProofState.SPENT  # type: ignore[union-attr]
    again = walk.report()
    walk.clock.move(minutes=1)
    with pytest.raises(ProofNeeded):
        walk.lift(again, shown("SN-00", walk.now))


@pytest.mark.parametrize("kind", [LossKind.STOLEN, LossKind.MISUSED])
def test_what_was_stolen_or_misused_needs_a_branch(walk: Walk, kind: LossKind) -> None:
    report = walk.report(kind)
    walk.prove(Act.LIFT_LOSS, report_id=report.id)
    with pytest.raises(OnlyAtABranch):
        walk.lift(report, shown("SN-00", walk.now))


def test_a_later_report_of_theft_binds_the_earlier_one(walk: Walk) -> None:
    report = stopped(walk)
    walk.report(LossKind.STOLEN, browser=ELSEWHERE)
    with pytest.raises(OnlyAtABranch):
        walk.lift(report, shown("SN-00", walk.now))


def test_a_later_report_of_the_phone_binds_the_earlier_one(walk: Walk) -> None:
    report = stopped(walk)
    walk.report(phone_lost=True, browser=ELSEWHERE)
    with pytest.raises(OnlyAtABranch):
        walk.lift(report, shown("SN-00", walk.now))
    assert walk.token("SN-00").holds == {Hold.LOST}


def test_two_reports_of_the_same_loss_are_lifted_together(walk: Walk) -> None:
    first, second = walk.report(), walk.report(browser=ELSEWHERE)
    walk.prove(Act.LIFT_LOSS, report_id=first.id)
    assert walk.lift(first, shown("SN-00", walk.now)) is Verdict.ACCEPTED
    assert walk.token("SN-00").holds == frozenset()
    assert fresh(walk, first).lifted_at == walk.now
    assert fresh(walk, second).lifted_at == walk.now


def test_a_hold_that_an_earlier_case_left_behind_is_lifted_too(walk: Walk) -> None:
    walk.report()
    first = walk.start()
    ask = CancelApplication(case_id=first.id, member_id=walk.member.id, source=SOURCE)
    walk.do(lambda desk: cancel_application(ask, desk=desk))
    again = stopped(walk)  # the token is held already, so this report places nothing of its own
    assert again.case_id != first.id
    assert walk.lift(again, shown("SN-00", walk.now)) is Verdict.ACCEPTED
    assert walk.token("SN-00").holds == frozenset()
    assert walk.look(lambda uow: uow.holds.count(lifted_at=None)) == 0


def test_somebody_elses_report_is_not_lifted(walk: Walk) -> None:
    report = walk.report()
    walk.member, walk.phone = walk.sample.other, "+821055501102"
    walk.prove(Act.LIFT_LOSS, report_id=report.id)
    with pytest.raises(OnlyAtABranch):
        walk.lift(report, shown("SN-00", walk.now))


def test_a_draft_can_still_be_turned_back_and_a_sent_application_not(walk: Walk) -> None:
    report = stopped(walk)
    case = walk.fill_in(walk.start())
    walk.prove(Act.APPLY)
    walk.submit(case)
    with pytest.raises(OnlyAtABranch):
        walk.lift(report, shown("SN-00", walk.now))


def test_a_draft_is_cancelled_by_lifting(walk: Walk) -> None:
    report = stopped(walk)
    case = walk.start()
    assert walk.lift(report, shown("SN-00", walk.now)) is Verdict.ACCEPTED
    assert walk.case(case.id).state is CaseState.CANCELLED


def test_a_second_token_that_opens_the_door_is_not_charged_to_the_first(walk: Walk) -> None:
    # Two live tokens: the code of one frees that one, counts against neither, and the other stays stopped.
    teller = walk.look(lambda uow: uow.registrations.first(token_id=walk.token("SN-01").id))
    assert teller is not None
    walk.edit(lambda uow: uow.registrations.save(replace(teller, state="ended")))  # type: ignore[arg-type]
    mine = replace(teller, id=walk.house.desk(None).new_id(), member_id=walk.member.id, version=0)
    walk.edit(lambda uow: uow.registrations.add(mine))
    report = stopped(walk)
    assert walk.lift(report, shown("SN-00", walk.now)) is Verdict.ACCEPTED
    assert (walk.token("SN-00").holds, walk.token("SN-00").failures) == (frozenset(), 0)
    assert (walk.token("SN-01").holds, walk.token("SN-01").failures) == (frozenset({Hold.LOST}), 0)
    assert walk.look(lambda uow: uow.losses.get(report.id)).lifted_at is None, "the other one is still lost"
    walk.prove(Act.LIFT_LOSS, report_id=report.id)
    assert walk.lift(report, shown("SN-01", walk.now)) is Verdict.ACCEPTED
    assert walk.look(lambda uow: uow.losses.get(report.id)).lifted_at == walk.now
