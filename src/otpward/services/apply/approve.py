"""A checked case is approved: by its checker alone, or by a second person where the institution asks for two."""

from otpward.clerk.cases import move_case
from otpward.clerk.notices import tell
from otpward.core.lifecycle.case import CaseEvent, CaseState
from otpward.core.model.case import Case
from otpward.core.policy.notices import NoticeKind
from otpward.core.policy.roles import ALLOWED, Permission
from otpward.ports.desk import Desk
from otpward.services.apply.review import Decision, OwnRequest, case_for


def approve(decision: Decision, *, desk: Desk) -> Case:
    """The case, approved; or awaiting approval, if this was the first of two people, or somebody whose role only checks.

    Raises:
        OwnRequest: the operator's own case, or put forward by the same operator.
        Denied, StaleCase, IllegalTransition: as for every decision.
    """
    operator = decision.operator
    with desk.uow as uow:
        first = uow.cases.get(decision.case_id).state is CaseState.CHECKING
        case = case_for(decision, Permission.REVIEW if first else Permission.APPROVE, desk=desk)
        two_people = uow.institutions.get(case.institution_id).two_people
        if case.state is CaseState.CHECKING:
            case = move_case(case, CaseEvent.PROPOSE, desk=desk, by=operator.actor, checked_by=operator.member_id)
            if two_people or Permission.APPROVE not in ALLOWED[operator.role]:
                uow.commit()
                return case
        elif two_people and case.checked_by == operator.member_id:
            raise OwnRequest("a second person must approve")
        case = move_case(case, CaseEvent.APPROVE, desk=desk, by=operator.actor, decided_by=operator.member_id, message="")
        tell(uow.members.get(case.member_id), NoticeKind.CASE_APPROVED, desk=desk, number=case.number)
        uow.commit()
    return case
