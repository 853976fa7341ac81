"""The member answers what staff asked for."""

from dataclasses import dataclass

from otpward.clerk.cases import move_case
from otpward.core.audit import Actor, ActorKind
from otpward.core.errors import Invalid
from otpward.core.ids import CaseId, MemberId
from otpward.core.lifecycle.case import CaseEvent, CaseState
from otpward.core.lifecycle.document import DocumentState
from otpward.core.model.case import Case
from otpward.core.secret import Personal
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import UnitOfWork
from otpward.services.apply.save_application import own_case

_LONGEST = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRequest:
    """The answer, in the member's words; none is needed where a paper was sent."""

    case_id: CaseId
    member_id: MemberId
    answer: str
    source: str


def answer_request(ask: AnswerRequest, *, desk: Desk) -> Case:
    """The case goes back to whoever checks it.

    Raises:
        NotFound: not this member's case.
        Invalid: nothing was written (field `answer`), and no paper was sent since it was asked.
        IllegalTransition: nothing was asked.
    """
    text = ask.answer.strip()[:_LONGEST]
    by = Actor(kind=ActorKind.MEMBER, id=ask.member_id, source=ask.source)
    with desk.uow as uow:
        case = own_case(ask.case_id, ask.member_id, desk=desk)
        if not text and not was_sent_since(case, uow=uow):
            raise Invalid("no answer", field="answer")
        case = move_case(case, CaseEvent.ANSWER, desk=desk, by=by, answer=Personal(text), asked_item="", deadline_at=None)
        uow.commit()
    return case


def was_sent_since(case: Case, *, uow: UnitOfWork) -> bool:
    """Whether a paper was sent since staff asked for more."""
    asked = uow.steps.first(case_id=case.id, state=CaseState.MORE_NEEDED, order="-at")
    kept = uow.documents.find(case_id=case.id, state=DocumentState.KEPT)
    return asked is not None and any(one.kept_at is not None and one.kept_at >= asked.at for one in kept)
