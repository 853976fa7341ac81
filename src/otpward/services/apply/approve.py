"""A checked case is approved: by its checker alone, or by a second person where its policy asks for two."""

from datetime import timedelta

from otpward.clerk.cases import move_case
from otpward.clerk.notices import tell
from otpward.clerk.policy import asked_of, policy_of
from otpward.core.errors import Denied, Invalid
from otpward.core.lifecycle.case import CaseEvent, CaseState
from otpward.core.model.case import Case
from otpward.core.policy.case_acts import CaseAct
from otpward.core.policy.notices import NoticeKind
from otpward.core.policy.roles import ALLOWED, Permission
from otpward.core.secret import Personal
from otpward.ports.desk import Desk
from otpward.services.apply.review import Decision, OwnRequest, case_for

REASON_LONGEST = 1000


def approve(decision: Decision, *, desk: Desk) -> Case:
    """The case, approved; or awaiting approval, if this was the first of two people, or somebody whose role only checks. A
    second person reads why (`reason`), and has the days that the policy gives.

    Raises:
        OwnRequest: the operator's own case, or put forward by the same operator.
        Invalid: a second person is needed, and no reason was given (field `reason`).
        Denied, StaleCase, IllegalTransition: as for every decision.
    """
    operator = decision.operator
    with desk.uow as uow:
        case = case_for(decision, CaseAct.APPROVE, desk=desk)
        asked = asked_of(case, uow=uow, now=desk.now)
        may_approve = Permission.APPROVE in ALLOWED[operator.role] and operator.role in asked.approvers
        if case.state is CaseState.CHECKING:
            alone = may_approve and not asked.two_people
            case = _check(case, decision, desk=desk) if alone else _put_forward(case, decision, desk=desk)
            if not alone:
                uow.commit()
                return case
        elif case.state is CaseState.AWAITING_APPROVAL and not may_approve:
            raise Denied(f"{operator.role} does not approve this")
        elif asked.two_people and case.checked_by == operator.member_id:
            raise OwnRequest("a second person must approve")
        case = move_case(case, CaseEvent.APPROVE, desk=desk, by=operator.actor, decided_by=operator.member_id, message="")
        tell(uow.members.get(case.member_id), NoticeKind.CASE_APPROVED, desk=desk, case_id=case.id, number=case.number)
        uow.commit()
    return case


def _check(case: Case, decision: Decision, *, desk: Desk) -> Case:
    by = decision.operator
    return move_case(case, CaseEvent.PROPOSE, desk=desk, by=by.actor, checked_by=by.member_id)


def _put_forward(case: Case, decision: Decision, *, desk: Desk) -> Case:
    reason = decision.reason.strip()[:REASON_LONGEST]
    if not reason:
        raise Invalid("the second person must be told why", field="reason")
    days = policy_of(case, uow=desk.uow, now=desk.now).deadlines.approval_days
    return move_case(
        case,
        CaseEvent.PROPOSE,
        desk=desk,
        by=decision.operator.actor,
        checked_by=decision.operator.member_id,
        approval_until=desk.now + timedelta(days=days),
        approval_reason=Personal(reason),
    )
