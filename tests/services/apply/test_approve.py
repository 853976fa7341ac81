"""Who checks, who approves, and that nobody does it for themselves."""

from dataclasses import replace

import pytest

from otpward.clerk.cases import StaleCase
from otpward.core.errors import Denied
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.table import IllegalTransition
from otpward.core.model.member import Operator, Role
from otpward.services.apply.approve import approve
from otpward.services.apply.review import OwnRequest
from tests.services.walk import Walk


def mine(walk: Walk) -> Operator:
    """The member who applies happens to work here."""
    return replace(walk.operator, member_id=walk.member.id)


def test_one_person_is_enough_where_policy_says_so(walk: Walk) -> None:
    case = walk.approve(walk.checking())
    assert (case.state, case.checked_by, case.decided_by) == (
        CaseState.APPROVED,
        walk.operator.member_id,
        walk.operator.member_id,
    )
    assert walk.events()[-2:] == ["case:checked=awaiting_approval", "case:approved=approved"]
    assert walk.told("approved") == {("m1001", "case_approved", "sms"), ("m1001", "case_approved", "mail")}


def test_where_two_are_needed_the_first_only_puts_it_forward(two_people: Walk) -> None:
    walk = two_people
    case = walk.approve(walk.checking())
    assert (case.state, case.decided_by) == (CaseState.AWAITING_APPROVAL, None)
    assert not walk.told("approved")
    with pytest.raises(OwnRequest):
        walk.approve(case)
    assert walk.case(case.id).state is CaseState.AWAITING_APPROVAL
    done = walk.approve(case, walk.colleague())
    assert (done.state, done.checked_by, done.decided_by) == (
        CaseState.APPROVED,
        walk.operator.member_id,
        walk.sample.other.id,
    )


@pytest.mark.parametrize("stage", ["checking", "awaiting_approval"])
def test_nobody_approves_their_own_case(two_people: Walk, stage: str) -> None:
    walk = two_people
    case = walk.checking()
    if stage == "awaiting_approval":
        case = walk.approve(case)
    with pytest.raises(OwnRequest):
        walk.approve(case, mine(walk))
    assert walk.case(case.id).state == stage


@pytest.mark.parametrize("role", [Role.STOCK, Role.AUDITOR])
def test_some_roles_may_not_even_check(walk: Walk, role: Role) -> None:
    case = walk.checking()
    with pytest.raises(Denied):
        walk.approve(case, walk.colleague(role))


def test_who_only_checks_puts_it_forward_even_where_one_person_is_enough(walk: Walk) -> None:
    case = walk.approve(walk.checking(), walk.colleague(Role.HELP_DESK))
    assert case.state is CaseState.AWAITING_APPROVAL
    with pytest.raises(Denied):
        walk.approve(case, walk.colleague(Role.HELP_DESK))
    assert walk.approve(case).state is CaseState.APPROVED


def test_a_decision_on_what_has_changed_is_refused(walk: Walk) -> None:
    seen = walk.checking()
    walk.report()  # meanwhile the member reports the token stolen, say
    with pytest.raises(StaleCase):
        walk.approve(seen)
    assert walk.approve(walk.case(seen.id)).state is CaseState.APPROVED


def test_approved_twice_is_approved_once(walk: Walk) -> None:
    case = walk.approved()
    with pytest.raises(IllegalTransition):
        walk.approve(case)
    with pytest.raises(StaleCase):
        walk.do(lambda desk: approve(replace(walk.decision(case), seen_version=case.version - 1), desk=desk))


def test_what_was_not_taken_up_is_not_approved(walk: Walk) -> None:
    with pytest.raises(IllegalTransition):
        walk.approve(walk.submitted())
