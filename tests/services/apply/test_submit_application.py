"""The application is sent, and its proof is spent with it."""

import pytest

from otpward.core.errors import Invalid, NotFound
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.others import ProofState
from otpward.core.lifecycle.table import IllegalTransition
from otpward.core.model.case import Delivery
from otpward.core.model.proof import Act
from otpward.core.policy.proofs import ProofNeeded
from otpward.services.apply.cancel_application import CancelApplication, cancel_application
from tests.services.walk import ELSEWHERE, SOURCE, Walk


def test_it_is_sent_with_its_proof_spent(walk: Walk) -> None:
    case = walk.submitted()
    assert (case.state, case.submitted_at, case.deadline_at) == (CaseState.SUBMITTED, walk.now, None)
    assert case.proof_id is not None
    proof_id = case.proof_id
    assert walk.look(lambda uow: uow.proofs.get(proof_id)).state is ProofState.SPENT
    assert walk.events()[-2:] == ["proof:spent=done", "case:submitted=submitted"]
    assert walk.told("case") == {("m1001", "case_submitted", "sms"), ("m1001", "case_submitted", "mail")}


def test_without_a_proof_the_draft_stays(walk: Walk) -> None:
    case = walk.fill_in(walk.start())
    with pytest.raises(ProofNeeded):
        walk.submit(case)
    assert walk.case(case.id).state is CaseState.DRAFT


@pytest.mark.parametrize("act", [Act.FOLLOW, Act.LIFT_LOSS])
def test_a_proof_for_something_else_is_not_enough(walk: Walk, act: Act) -> None:
    case = walk.fill_in(walk.start())
    walk.prove(act)
    with pytest.raises(ProofNeeded):
        walk.submit(case)


def test_a_proof_from_another_browser_is_not_enough(walk: Walk) -> None:
    case = walk.fill_in(walk.start())
    walk.prove(Act.APPLY, browser=ELSEWHERE)
    with pytest.raises(ProofNeeded):
        walk.submit(case)


def test_a_proof_of_somebody_else_is_not_enough(walk: Walk) -> None:
    case = walk.fill_in(walk.start())
    walk.prove(Act.APPLY, login="m1002", phone="+821055501102")
    with pytest.raises(ProofNeeded):
        walk.submit(case)


def test_an_old_proof_is_not_enough(walk: Walk) -> None:
    case = walk.fill_in(walk.start())
    walk.prove()
    walk.clock.move(minutes=60)
    with pytest.raises(ProofNeeded):
        walk.submit(case)


def test_a_proof_sends_one_application(walk: Walk) -> None:
    first = walk.submitted()
    withdraw = CancelApplication(case_id=first.id, member_id=walk.member.id, source=SOURCE)
    walk.do(lambda desk: cancel_application(withdraw, desk=desk))
    second = walk.fill_in(walk.start())
    with pytest.raises(ProofNeeded):
        walk.submit(second)


def test_a_missing_part_is_named(walk: Walk) -> None:
    case = walk.start()
    walk.prove()
    with pytest.raises(Invalid) as refused:
        walk.submit(case)
    assert refused.value.field == "delivery"


def test_sent_once_is_sent(walk: Walk) -> None:
    case = walk.submitted()
    with pytest.raises(IllegalTransition):
        walk.submit(case)


def test_a_report_that_is_no_draft_yet_cannot_be_sent(walk: Walk) -> None:
    report = walk.report()
    walk.prove()
    assert report.case_id is not None
    with pytest.raises(IllegalTransition):
        walk.submit(walk.case(report.case_id))


def test_somebody_elses_application_does_not_exist(walk: Walk) -> None:
    case = walk.fill_in(walk.start(), Delivery.POST)
    walk.member = walk.sample.other
    walk.prove(login="m1002", phone="+821055501102")
    with pytest.raises(NotFound):
        walk.submit(case)
