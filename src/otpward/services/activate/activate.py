"""The test OTP: accepted, it is spent, the token is active and its predecessor is not."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from otpward.clerk.cases import move_case
from otpward.clerk.policy import asked_of
from otpward.clerk.tokens import judge_code, judge_pair, move_token, retire_token
from otpward.clerk.undo import tell_undoable
from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.errors import Conflict, NotFound
from otpward.core.ids import CaseId, MemberId
from otpward.core.lifecycle.case import CaseEvent, CaseState
from otpward.core.lifecycle.others import RegistrationEvent, RegistrationState, advance_registration
from otpward.core.lifecycle.place import Place
from otpward.core.lifecycle.token import TokenEvent, TokenState
from otpward.core.model.case import Case
from otpward.core.model.notice import UndoAct
from otpward.core.policy.notices import NoticeKind
from otpward.core.policy.verification import Examined, Verdict
from otpward.ports.desk import Desk

_AWAKE = frozenset({TokenState.REGISTERED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Activate:
    """A code of the newly registered token, typed by the member (or at the counter, before an operator: `by`).

    `second` is the code after it, for a device whose clock differs after years on the shelf: two in a row test it and set it
    right.
    """

    case_id: CaseId
    member_id: MemberId
    code: str
    second: str = ""
    by: Actor | None = None
    source: str = ""


def activate(ask: Activate, *, desk: Desk) -> tuple[Examined, Case]:
    """Judge the test OTP. Accepted: token active, registration live, old token retired, case done, member told; all at once.

    Raises:
        NotFound: not this member's case.
        Conflict: nothing is registered and waiting for a test.
    """
    by = ask.by or Actor(kind=ActorKind.MEMBER, id=ask.member_id, source=ask.source)
    with desk.uow as uow:
        case = uow.cases.get(ask.case_id)
        if case.member_id != ask.member_id:
            raise NotFound("no such case")
        if case.state is not CaseState.REGISTERED or case.new_token_id is None:
            raise Conflict("nothing waits for a test OTP")
        token = uow.tokens.get(case.new_token_id)
        if uow.devices.get(token.id).place is not Place.MEMBER:
            raise Conflict("its way to the member is not complete")
        examined = (
            judge_pair(token, ask.code, ask.second, desk=desk, by=by, awake=_AWAKE, case_id=case.id)
            if ask.second
            else judge_code(token, ask.code, desk=desk, by=by, awake=_AWAKE, case_id=case.id)
        )
        if examined.verdict is Verdict.ACCEPTED:
            case = _wake(case, examined, desk=desk, by=by)
        uow.commit()
    return examined, case


def _wake(case: Case, examined: Examined, *, desk: Desk, by: Actor) -> Case:
    uow = desk.uow
    new = replace(examined.token, active_at=desk.now, hold_until=_held_until(case, desk=desk))
    token = move_token(new, TokenEvent.ACTIVATE, AuditEvent.TOKEN_ACTIVATED, desk=desk, by=by, case_id=case.id)
    for registration in uow.registrations.find(member_id=case.member_id, token_id=token.id, state=RegistrationState.PENDING):
        live = advance_registration(registration.state, RegistrationEvent.CONFIRM)
        uow.registrations.save(replace(registration, state=live, live_at=desk.now))
    if case.old_token_id is not None:
        old = uow.tokens.get(case.old_token_id)
        if old.state is TokenState.ACTIVE:
            retire_token(old, desk=desk, by=by, case_id=case.id)
    member = uow.members.get(case.member_id)
    tell_undoable(member, NoticeKind.TOKEN_ACTIVATED, UndoAct.TOKEN_BOUND, token.id, desk=desk, case_id=case.id)
    return move_case(case, CaseEvent.FINISH, desk=desk, by=by)


def _held_until(case: Case, *, desk: Desk) -> datetime | None:
    """Until when the policy of this case holds its token to be new: a whole second, never earlier than the rule says."""
    hours = asked_of(case, uow=desk.uow, now=desk.now).hold_hours
    return (desk.now + timedelta(hours=hours, seconds=1)).replace(microsecond=0) if hours else None
