"""An application is taken at the counter, from somebody with papers and without a phone."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from otpward.clerk.in_person import OwnPerson
from otpward.core.errors import Denied, Invalid
from otpward.core.ids import BranchId
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.others import ProofState
from otpward.core.model.case import Case, Delivery, Documents, Reason
from otpward.core.model.loss import LossKind
from otpward.core.model.member import Role
from otpward.core.model.proof import Act, Assurance, Method
from otpward.core.policy.proofs import ProofNeeded
from otpward.services.apply.apply_at_counter import ApplyAtCounter, RunningAlready, apply_at_counter
from otpward.services.apply.cancel_application import CancelApplication, cancel_application
from tests.services.walk import SOURCE, Walk


def take(walk: Walk, *, seen: bool = True, **changes: Any) -> Case:
    if seen:
        walk.see(Act.APPLY)
    ask = ApplyAtCounter(
        institution_id=walk.inside,
        member_id=walk.member.id,
        operator=walk.operator,
        reason=Reason.FAULTY,
        branch_id=walk.sample.branch.id,
    )
    return walk.do(lambda desk: apply_at_counter(replace(ask, **changes), desk=desk))


def test_it_is_sent_with_a_proof_in_person_that_is_spent(walk: Walk) -> None:
    case = take(walk)
    assert (case.state, case.reason, case.delivery, case.documents) == (
        CaseState.SUBMITTED,
        Reason.FAULTY,
        Delivery.BRANCH,
        Documents.AT_COUNTER,
    )
    proof = walk.look(lambda uow: uow.proofs.first(id=case.proof_id))
    assert proof is not None
    assert (proof.method, proof.state, proof.level) == (Method.IN_PERSON, ProofState.SPENT, Assurance.HIGH)
    assert proof.case_id == case.id, "bound to this application"
    assert walk.events()[-4:] == ["proof:passed=passport", "case:opened=done", "proof:spent=done", "case:submitted=submitted"]
    assert ("m1001", "case_submitted", "mail") in walk.told()


def test_the_report_goes_on_as_the_application_and_keeps_its_reason(walk: Walk) -> None:
    report = walk.report(LossKind.STOLEN, phone_lost=True)
    case = take(walk)
    assert (case.id, case.reason, case.state) == (report.case_id, Reason.STOLEN, CaseState.SUBMITTED)
    assert ("m1001", "case_submitted", "sms") not in walk.told(), "nothing goes to the lost phone"


def test_a_draft_of_the_member_is_taken_over(walk: Walk) -> None:
    draft = walk.start()
    assert take(walk).id == draft.id


def test_one_that_was_sent_is_not_taken_again(walk: Walk) -> None:
    take(walk)
    with pytest.raises(RunningAlready):
        take(walk)


def test_it_is_collected_at_a_branch_that_there_is(walk: Walk) -> None:
    with pytest.raises(Invalid) as refused:
        take(walk, branch_id=BranchId(UUID(int=7)))
    assert refused.value.field == "branch"
    assert walk.look(lambda uow: uow.cases.count()) == 0


def test_without_papers_seen_none_is_taken_and_one_proof_is_for_one(walk: Walk) -> None:
    with pytest.raises(ProofNeeded):
        take(walk, seen=False)
    assert walk.look(lambda uow: uow.cases.count()) == 0
    case = take(walk)
    cancel = CancelApplication(case_id=case.id, member_id=walk.member.id, source=SOURCE)
    walk.do(lambda desk: cancel_application(cancel, desk=desk))
    with pytest.raises(ProofNeeded):
        take(walk, seen=False)


def test_nobody_takes_their_own_and_the_help_desk_takes_none(walk: Walk) -> None:
    with pytest.raises(OwnPerson):
        take(walk, member_id=walk.operator.member_id)
    with pytest.raises(Denied):
        take(walk, operator=walk.colleague(Role.HELP_DESK))
