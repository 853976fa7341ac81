"""A device is registered by the serial on its back."""

from dataclasses import dataclass

from otpward.clerk.cases import move_case
from otpward.clerk.tokens import move_token
from otpward.clerk.undo import tell_undoable
from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.errors import Conflict, NotFound
from otpward.core.ids import CaseId, MemberId
from otpward.core.lifecycle.case import CaseEvent, CaseState
from otpward.core.lifecycle.others import RegistrationState
from otpward.core.lifecycle.token import TokenEvent
from otpward.core.model.case import Case
from otpward.core.model.notice import UndoAct
from otpward.core.model.token import Registration, Token
from otpward.core.policy.notices import NoticeKind
from otpward.ports.desk import Desk


class NotYourDevice(Conflict):
    """The serial is not that of the device sent for this application; it is not said whether it exists."""

    code = "not_your_device"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterDevice:
    """The serial as typed or scanned; spaces and hyphens do not matter."""

    case_id: CaseId
    member_id: MemberId
    serial: str
    by: Actor | None = None
    source: str = ""


def register_device(ask: RegisterDevice, *, desk: Desk) -> Case:
    """The case, registered, with a registration that waits for its test OTP.

    Raises:
        NotFound: not this member's case.
        NotYourDevice: another serial (field `serial`).
        IllegalTransition: the device has not arrived, or is registered already.
    """
    with desk.uow as uow:
        case = uow.cases.get(ask.case_id)
        if case.member_id != ask.member_id:
            raise NotFound("no such case")
        token = None if case.new_token_id is None else uow.tokens.get(case.new_token_id)
        if token is None or _bare(token.serial) != _bare(ask.serial):
            raise NotYourDevice("not the device of this case", field="serial")
        if case.state is CaseState.REGISTERED:
            return case
        by = ask.by or Actor(kind=ActorKind.MEMBER, id=ask.member_id, source=ask.source)
        case = bind(case, token, desk=desk, by=by)
        uow.commit()
    return case


def bind(case: Case, token: Token, *, desk: Desk, by: Actor) -> Case:
    """Tie the token to the case's member, pending its test OTP, and tell the member."""
    move_token(token, TokenEvent.REGISTER, AuditEvent.TOKEN_REGISTERED, desk=desk, by=by, case_id=case.id)
    desk.uow.registrations.add(
        Registration(
            id=desk.new_id(),
            institution_id=case.institution_id,
            member_id=case.member_id,
            token_id=token.id,
            state=RegistrationState.PENDING,
            begun_at=desk.now,
        )
    )
    member = desk.uow.members.get(case.member_id)
    tell_undoable(member, NoticeKind.TOKEN_REGISTERED, UndoAct.TOKEN_BOUND, token.id, desk=desk, case_id=case.id)
    return move_case(case, CaseEvent.REGISTER, desk=desk, by=by)


def _bare(serial: str) -> str:
    return "".join(letter for letter in serial.upper()[:100] if letter.isalnum())
