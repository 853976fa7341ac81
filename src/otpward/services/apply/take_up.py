"""An operator takes a case from the queue."""

from otpward.clerk.cases import move_case
from otpward.core.lifecycle.case import CaseEvent
from otpward.core.model.case import Case
from otpward.core.policy.case_acts import CaseAct
from otpward.ports.desk import Desk
from otpward.services.apply.review import Decision, case_for


def take_up(decision: Decision, *, desk: Desk) -> Case:
    """The case is being checked, and is this operator's work. Raises what `case_for` does, and `IllegalTransition`."""
    with desk.uow as uow:
        case = case_for(decision, CaseAct.TAKE_UP, desk=desk)
        operator = decision.operator
        case = move_case(case, CaseEvent.TAKE_UP, desk=desk, by=operator.actor, assigned_to=operator.member_id)
        uow.commit()
    return case
