"""The member answers what staff asked for."""

from dataclasses import dataclass

from otpward.clerk.cases import move_case
from otpward.core.audit import Actor, ActorKind
from otpward.core.errors import Invalid
from otpward.core.ids import CaseId, MemberId
from otpward.core.lifecycle.case import CaseEvent
from otpward.core.model.case import Case
from otpward.core.secret import Personal
from otpward.ports.desk import Desk
from otpward.services.apply.save_application import own_case

_LONGEST = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRequest:
    """The answer, in the member's words."""

    case_id: CaseId
    member_id: MemberId
    answer: str
    source: str


def answer_request(ask: AnswerRequest, *, desk: Desk) -> Case:
    """The case goes back to whoever checks it.

    Raises:
        NotFound: not this member's case.
        Invalid: nothing was written (field `answer`).
        IllegalTransition: nothing was asked.
    """
    text = ask.answer.strip()[:_LONGEST]
    if not text:
        raise Invalid("no answer", field="answer")
    by = Actor(kind=ActorKind.MEMBER, id=ask.member_id, source=ask.source)
    with desk.uow as uow:
        case = own_case(ask.case_id, ask.member_id, desk=desk)
        case = move_case(case, CaseEvent.ANSWER, desk=desk, by=by, answer=Personal(text))
        uow.commit()
    return case
