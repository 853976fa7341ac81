"""An operator takes a case from the queue."""

from otpward.clerk.cases import move_case
from otpward.core.lifecycle.case import CaseEvent
from otpward.core.model.case import Case
from otpward.core.policy.roles import Permission
from otpward.ports.desk import Desk
from otpward.services.apply.review import Decision, case_for


def take_up(decision: Decision, *, desk: Desk) -> Case:
    """The case is being checked. Raises what `case_for` does, and `IllegalTransition`."""
    with desk.uow as uow:
        case = case_for(decision, Permission.REVIEW, desk=desk)
        case = move_case(case, CaseEvent.TAKE_UP, desk=desk, by=decision.operator.actor)
        uow.commit()
    return case
