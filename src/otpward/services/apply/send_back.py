"""A second person does not approve: the case goes back to whoever checked it."""

from otpward.clerk.cases import move_case
from otpward.clerk.notes import write_note
from otpward.core.errors import Invalid
from otpward.core.lifecycle.case import CaseEvent
from otpward.core.model.case import Case
from otpward.core.policy.case_acts import CaseAct
from otpward.ports.desk import Desk
from otpward.services.apply.review import Decision, case_for


def send_back(decision: Decision, *, desk: Desk) -> Case:
    """The case is being checked again; colleagues read why, the member does not.

    Raises:
        Invalid: no reason (field `reason`); and what `case_for` raises, and `IllegalTransition`.
    """
    reason = decision.reason.strip()
    if not reason:
        raise Invalid("colleagues must be told why", field="reason")
    operator = decision.operator
    with desk.uow as uow:
        case = case_for(decision, CaseAct.SEND_BACK, desk=desk)
        case = move_case(case, CaseEvent.SEND_BACK, desk=desk, by=operator.actor, checked_by=None, assigned_to=case.checked_by)
        write_note(case, reason, author_id=operator.member_id, by=operator.actor, desk=desk)
        uow.commit()
    return case
