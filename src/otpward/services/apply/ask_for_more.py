"""Something is missing: the member is asked for it."""

from datetime import timedelta

from otpward.clerk.cases import move_case
from otpward.clerk.notices import tell
from otpward.clerk.policy import asked_of, policy_of
from otpward.core.errors import Invalid
from otpward.core.lifecycle.case import CaseEvent
from otpward.core.model.case import Case
from otpward.core.policy.asked_papers import asked_paper
from otpward.core.policy.case_acts import CaseAct
from otpward.core.policy.notices import NoticeKind, short_date
from otpward.ports.desk import Desk
from otpward.services.apply.review import Decision, case_for


def ask_for_more(decision: Decision, *, desk: Desk) -> Case:
    """The case waits for the member, who reads `message`, for as long as its policy says; `item` is the paper that is wanted
    again.

    Raises:
        Invalid: no message (field `message`), or this application takes no such paper (field `item`); and what `case_for`
            raises, and `IllegalTransition`.
    """
    message = decision.message.strip()[:1000]
    if not message:
        raise Invalid("the member must be told what is missing", field="message")
    with desk.uow as uow:
        case = case_for(decision, CaseAct.ASK_FOR_MORE, desk=desk)
        if decision.item and asked_paper(asked_of(case, uow=uow, now=desk.now), decision.item) is None:
            raise Invalid("no such paper", field="item")
        until = desk.now + timedelta(days=policy_of(case, uow=uow, now=desk.now).deadlines.more_days)
        case = move_case(
            case,
            CaseEvent.ASK_FOR_MORE,
            desk=desk,
            by=decision.operator.actor,
            note=message,
            message=message,
            asked_item=decision.item,
            deadline_at=until,
        )
        member = uow.members.get(case.member_id)
        day = short_date(until, member.language)
        tell(member, NoticeKind.CASE_MORE, desk=desk, case_id=case.id, number=case.number, date=day)
        uow.commit()
    return case
