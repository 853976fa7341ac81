"""An application is taken at the counter, from somebody with papers and without a phone."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from otpward.core.errors import Denied, Invalid
from otpward.core.ids import BranchId
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.others import ProofState
from otpward.core.model.case import Case, Delivery, Documents, Reason
from otpward.core.model.loss import LossKind
from otpward.core.model.member import Role
from otpward.core.model.proof import Method
from otpward.services.apply.apply_at_counter import ApplyAtCounter, RunningAlready, apply_at_counter
from otpward.services.apply.review import OwnRequest
from tests.services.walk import Walk


def take(walk: Walk, **changes: Any) -> Case:
    ask = ApplyAtCounter(
        institution_id=walk.inside,
        member_id=walk.member.id,
        operator=walk.operator,
        paper="passport",
        same_person=True,
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
    assert (proof.method, proof.state) == (Method.IN_PERSON, ProofState.SPENT)
    assert walk.events()[-2:] == ["proof:passed=passport", "case:submitted=submitted"]
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


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"paper": "library card"}, "paper", id="a-paper-that-is-none"),
        pytest.param({"same_person": False}, "same_person", id="not-compared"),
        pytest.param({"branch_id": BranchId(UUID(int=7))}, "branch", id="no-such-branch"),
    ],
)
def test_what_was_not_seen_is_not_taken(walk: Walk, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        take(walk, **changes)
    assert refused.value.field == field
    assert walk.look(lambda uow: uow.cases.count()) == 0


def test_nobody_takes_their_own_and_the_help_desk_takes_none(walk: Walk) -> None:
    with pytest.raises(OwnRequest):
        take(walk, member_id=walk.operator.member_id)
    with pytest.raises(Denied):
        take(walk, operator=walk.colleague(Role.HELP_DESK))
