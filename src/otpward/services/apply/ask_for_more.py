"""Something is missing: the member is asked for it."""

from otpward.clerk.cases import move_case
from otpward.clerk.notices import tell
from otpward.core.errors import Invalid
from otpward.core.lifecycle.case import CaseEvent
from otpward.core.model.case import Case
from otpward.core.policy.notices import NoticeKind
from otpward.core.policy.roles import Permission
from otpward.ports.desk import Desk
from otpward.services.apply.review import Decision, case_for


def ask_for_more(decision: Decision, *, desk: Desk) -> Case:
    """The case waits for the member, who reads `message`.

    Raises:
        Invalid: no message (field `message`); and what `case_for` raises, and `IllegalTransition`.
    """
    message = decision.message.strip()[:1000]
    if not message:
        raise Invalid("the member must be told what is missing", field="message")
    with desk.uow as uow:
        case = case_for(decision, Permission.REVIEW, desk=desk)
        case = move_case(case, CaseEvent.ASK_FOR_MORE, desk=desk, by=decision.operator.actor, message=message, note=message)
        tell(uow.members.get(case.member_id), NoticeKind.CASE_MORE, desk=desk, number=case.number)
        uow.commit()
    return case
