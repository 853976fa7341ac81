"""A case is refused, with a reason in plain words."""

from otpward.clerk.cases import move_case
from otpward.clerk.notices import tell
from otpward.core.errors import Invalid
from otpward.core.lifecycle.case import CaseEvent
from otpward.core.model.case import Case
from otpward.core.policy.case_acts import CaseAct
from otpward.core.policy.notices import NoticeKind
from otpward.ports.desk import Desk
from otpward.services.apply.review import Decision, case_for


def refuse(decision: Decision, *, desk: Desk) -> Case:
    """The case ends; the member reads `message`.

    Raises:
        Invalid: no reason (field `message`); and what `case_for` raises, and `IllegalTransition`.
    """
    message = decision.message.strip()[:1000]
    if not message:
        raise Invalid("the member must be told why", field="message")
    operator = decision.operator
    with desk.uow as uow:
        case = case_for(decision, CaseAct.REFUSE, desk=desk)
        case = move_case(
            case,
            CaseEvent.REFUSE,
            desk=desk,
            by=operator.actor,
            message=message,
            note=message,
            decided_by=operator.member_id,
        )
        tell(uow.members.get(case.member_id), NoticeKind.CASE_REFUSED, desk=desk, case_id=case.id, number=case.number)
        uow.commit()
    return case
