"""An application begins, or the one that is open goes on."""

from dataclasses import dataclass

from otpward.clerk.cases import move_case, open_case
from otpward.clerk.tokens import live_tokens
from otpward.core.audit import Actor, ActorKind
from otpward.core.errors import Moved, Taken
from otpward.core.ids import CaseId, InstitutionId, MemberId
from otpward.core.lifecycle.case import OPEN, CaseEvent, CaseState
from otpward.core.model.case import Case, Reason
from otpward.core.policy.rates import DRAFT_LIFE
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import Among


@dataclass(frozen=True, slots=True, kw_only=True)
class StartApplication:
    """A proven or signed-in member wants a new token."""

    institution_id: InstitutionId
    member_id: MemberId
    source: str


def start_application(ask: StartApplication, *, desk: Desk) -> Case:
    """The member's open case, as a draft if it can still be written; otherwise a new draft about the token in use."""
    by = Actor(kind=ActorKind.MEMBER, id=ask.member_id, source=ask.source)
    with desk.uow as uow:
        case = uow.cases.first(member_id=ask.member_id, state=Among(OPEN), order="-opened_at")
        if case is not None and case.state is not CaseState.REPORTED:
            return case
        deadline = desk.now + DRAFT_LIFE
        if case is not None:
            case = move_case(case, CaseEvent.START, desk=desk, by=by, deadline_at=deadline)
        else:
            tokens = live_tokens(uow, ask.member_id)
            token_id = tokens[0].id if tokens else None
            case = Case(
                id=CaseId(desk.new_id()),
                institution_id=ask.institution_id,
                number=desk.number("R"),
                member_id=ask.member_id,
                state=CaseState.DRAFT,
                open_key=f"{ask.member_id}:{token_id or '-'}",
                reason=Reason.FAULTY if tokens else Reason.FIRST_ISSUE,
                old_token_id=token_id,
                opened_at=desk.now,
                deadline_at=deadline,
            )
            try:
                open_case(case, desk=desk, by=by)
            except Taken:  # a second press was faster: done again, this finds what the first one opened
                raise Moved("the application was opened meanwhile") from None
        uow.commit()
    return case
