"""A stop is lifted at a branch: by one member of staff, or by two."""

from dataclasses import replace
from typing import Any

import pytest

from otpward.core.errors import Denied
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.token import Hold
from otpward.core.model.loss import LossKind
from otpward.core.model.member import Operator, Role
from otpward.core.model.proof import Act
from otpward.core.policy.proofs import ProofNeeded
from otpward.core.policy.verification import Verdict
from otpward.services.report_loss.lift_hold import (
    ApproveLift,
    CannotLift,
    LiftHold,
    Lifting,
    OwnLift,
    approve_lift,
    lift_hold,
)
from otpward.services.resync.stop_token import StopToken, stop_token
from tests.services.walk import Walk, shown


def lift(walk: Walk, hold: Hold, **changes: Any) -> Lifting:
    walk.see(Act.LIFT_LOSS)
    ask = LiftHold(token_id=walk.token("SN-00").id, hold=hold, operator=walk.operator)
    return walk.do(lambda desk: lift_hold(replace(ask, **changes), desk=desk))


def agree(walk: Walk, hold: Hold, operator: Operator) -> None:
    ask = ApproveLift(token_id=walk.token("SN-00").id, hold=hold, operator=operator)
    walk.do(lambda desk: approve_lift(ask, desk=desk))


def test_a_found_device_is_free_again_at_once(walk: Walk) -> None:
    report = walk.report(LossKind.LOST, phone_lost=True)
    assert lift(walk, Hold.LOST) is Lifting.DONE
    assert walk.token("SN-00").holds == frozenset()
    assert report.case_id is not None
    assert walk.case(report.case_id).state is CaseState.LIFTED
    assert walk.look(lambda uow: uow.losses.get(report.id)).lifted_at == walk.now
    assert ("m1001", "loss_lifted", "mail") in walk.told()
    assert ("m1001", "loss_lifted", "sms") not in walk.told()
    member = walk.look(lambda uow: uow.members.get(walk.member.id))
    assert member.phone_lost_at is not None, "a found device says nothing of the phone"
    assert walk.verify(shown("SN-00", walk.now), serial="SN-00") is Verdict.ACCEPTED


@pytest.mark.parametrize("kind", [LossKind.STOLEN, LossKind.MISUSED])
def test_what_was_stolen_or_misused_takes_two_people(walk: Walk, kind: LossKind) -> None:
    walk.report(kind)
    hold = Hold(kind.value)
    assert lift(walk, hold) is Lifting.ASKED
    assert walk.verify(shown("SN-00", walk.now), serial="SN-00") is Verdict.ON_HOLD
    with pytest.raises(OwnLift):
        agree(walk, hold, walk.operator)
    agree(walk, hold, walk.colleague(Role.BRANCH))
    assert walk.verify(shown("SN-00", walk.now), serial="SN-00") is Verdict.ACCEPTED
    assert "lift:asked=done" in walk.events()
    assert "loss:lifted=done" in walk.events()


def test_a_stop_by_staff_takes_two_people_and_touches_no_report(walk: Walk) -> None:
    ask = StopToken(token_id=walk.token("SN-00").id, operator=walk.operator, reason="fraud call")
    walk.do(lambda desk: stop_token(ask, desk=desk))
    lift(walk, Hold.SUSPENDED)
    agree(walk, Hold.SUSPENDED, walk.colleague(Role.ADMINISTRATOR))
    assert walk.token("SN-00").holds == frozenset()


def test_nothing_is_approved_that_nobody_asked_for(walk: Walk) -> None:
    walk.report(LossKind.STOLEN)
    with pytest.raises(CannotLift):
        agree(walk, Hold.STOLEN, walk.colleague())


@pytest.mark.parametrize("hold", [Hold.LOCKED, Hold.BLOCKED, Hold.DRIFTED, Hold.STOLEN])
def test_other_holds_and_those_that_do_not_stand_are_not_lifted_so(walk: Walk, hold: Hold) -> None:
    walk.report(LossKind.LOST)
    with pytest.raises(CannotLift):
        lift(walk, hold)


def test_once_the_new_one_is_under_way_the_old_one_stays_stopped(walk: Walk) -> None:
    walk.report(LossKind.LOST)
    walk.submitted()
    with pytest.raises(CannotLift):
        lift(walk, Hold.LOST)


def test_papers_are_seen_the_role_fits_and_nobody_lifts_their_own(walk: Walk) -> None:
    walk.report(LossKind.LOST)
    with pytest.raises(ProofNeeded):
        lift(walk, Hold.LOST, operator=walk.colleague())
    with pytest.raises(Denied):
        lift(walk, Hold.LOST, operator=walk.colleague(Role.HELP_DESK))
    with pytest.raises(OwnLift):
        lift(walk, Hold.LOST, operator=replace(walk.operator, member_id=walk.member.id))
    assert walk.token("SN-00").holds == frozenset({Hold.LOST})


def test_a_report_stands_as_long_as_it_stops_another_token(walk: Walk) -> None:
    case = walk.registered("SN-02")
    report = walk.report(LossKind.LOST)
    walk.see(Act.LIFT_LOSS)
    ask = LiftHold(token_id=walk.token("SN-02").id, hold=Hold.LOST, operator=walk.operator)
    walk.do(lambda desk: lift_hold(ask, desk=desk))
    assert (walk.token("SN-02").holds, walk.token("SN-00").holds) == (frozenset(), frozenset({Hold.LOST}))
    assert walk.look(lambda uow: uow.losses.get(report.id)).lifted_at is None
    assert walk.case(case.id).state is CaseState.REGISTERED


def test_a_wish_that_waited_too_long_is_asked_anew(walk: Walk) -> None:
    walk.report(LossKind.STOLEN)
    lift(walk, Hold.STOLEN)
    walk.clock.move(days=3, seconds=1)
    with pytest.raises(CannotLift):
        agree(walk, Hold.STOLEN, walk.colleague())
    lift(walk, Hold.STOLEN)
    agree(walk, Hold.STOLEN, walk.colleague())
    assert walk.token("SN-00").holds == frozenset()
