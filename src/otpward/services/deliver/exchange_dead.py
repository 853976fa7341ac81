"""A device that shows nothing, or only wrong numbers, when it was just handed over: it stays here, and another takes its
place."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from otpward.clerk.cases import move_case
from otpward.clerk.in_person import admit_to_counter
from otpward.clerk.tokens import move_token
from otpward.core.audit import Actor, AuditEvent
from otpward.core.errors import Conflict, Denied
from otpward.core.lifecycle.case import CaseEvent, CaseState, advance
from otpward.core.lifecycle.others import PickUpState, RegistrationEvent, RegistrationState, advance_registration
from otpward.core.lifecycle.token import TokenEvent, TokenState
from otpward.core.model.case import Case
from otpward.core.model.delivery import PickUp
from otpward.core.model.member import Operator
from otpward.core.model.token import Token
from otpward.core.policy.pick_ups import is_one_sitting
from otpward.core.policy.shelf import Unfit
from otpward.core.secret import NOTHING
from otpward.ports.desk import Desk
from otpward.services.deliver.hand_over import DEAD, WrongDevice
from otpward.services.deliver.look_at_device import look_at_device


class SittingOver(Conflict):
    """Somebody else handed it over, or too long ago: whoever stands there now was not compared with their papers."""

    code: ClassVar[str] = "sitting_over"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeDead:
    """The dead one lies before the operator, who scanned another of this branch."""

    pick_up_id: UUID
    operator: Operator
    serial: str


def exchange_dead(ask: ExchangeDead, *, desk: Desk) -> Case:
    """The case received once more, with the other device; the dead one in quarantine, its registration over. The proof
    in person that the first one was handed over by still stands, since it is the same sitting. What was signed is void.

    Raises:
        SittingOver: see there.
        WrongDevice: not given out here (field `serial`); `IN_USE` for the dead one itself.
        Denied, OwnPerson: not this role, not this branch, or the operator's own device.
        IllegalTransition: not handed over, or the new one works already.
    """
    by = ask.operator.actor
    with desk.uow as uow:
        pick_up = uow.pick_ups.get(ask.pick_up_id)
        admit_to_counter(ask.operator, pick_up.member_id)
        if ask.operator.branch_id is not None and pick_up.branch_id != ask.operator.branch_id:
            raise Denied("it was handed over at another branch")
        case = uow.cases.get(pick_up.case_id)
        advance(case.state, CaseEvent.EXCHANGE)
        if not is_same_sitting(pick_up, case, ask.operator, now=desk.now):
            raise SittingOver("the sitting is over")
        dead = uow.tokens.get(pick_up.token_id)
        looked = look_at_device(ask.serial, pick_up, case, uow=uow, now=desk.now)
        if looked.token is None or not looked.fits or looked.token.id == dead.id:
            raise WrongDevice(looked.unfit or (Unfit.IN_USE if looked.token is not None else None))
        _set_aside(dead, pick_up, desk=desk, by=by)
        fresh = _give(looked.token, case, desk=desk, by=by)
        uow.pick_ups.save(
            replace(
                pick_up,
                token_id=fresh.id,
                dead_token_id=dead.id,
                signed=None,
                signed_at=None,
                signature=NOTHING,
            )
        )
        case = move_case(case, CaseEvent.EXCHANGE, desk=desk, by=by, new_token_id=fresh.id)
        uow.commit()
    return case


def is_same_sitting(pick_up: PickUp, case: Case, operator: Operator, *, now: datetime) -> bool:
    """Whether what this operator handed over a little while ago still waits for its test."""
    if pick_up.state is not PickUpState.HANDED_OVER or pick_up.handed_over_by != operator.member_id:
        return False
    if case.new_token_id != pick_up.token_id or case.state not in {CaseState.RECEIVED, CaseState.REGISTERED}:
        return False
    return pick_up.handed_over_at is not None and is_one_sitting(pick_up.handed_over_at, now)


def _set_aside(dead: Token, pick_up: PickUp, *, desk: Desk, by: Actor) -> None:
    """Out of the member's hands, and into this branch's quarantine; nobody is bound to it any more."""
    uow, case_id = desk.uow, pick_up.case_id
    for registration in uow.registrations.find(token_id=dead.id):
        if registration.state is not RegistrationState.ENDED:
            ended = advance_registration(registration.state, RegistrationEvent.END)
            uow.registrations.save(replace(registration, state=ended, ended_at=desk.now))
    if dead.state is TokenState.REGISTERED:
        dead = move_token(dead, TokenEvent.UNREGISTER, AuditEvent.TOKEN_TAKEN_BACK, desk=desk, by=by, case_id=case_id)
    move_token(dead, TokenEvent.HAND_BACK, AuditEvent.TOKEN_QUARANTINED, desk=desk, by=by, case_id=case_id, detail=DEAD)
    uow.devices.save(replace(uow.devices.get(dead.id), case_id=None, branch_id=pick_up.branch_id))


def _give(token: Token, case: Case, *, desk: Desk, by: Actor) -> Token:
    """From the shelf into the member's hands."""
    reserved = move_token(token, TokenEvent.RESERVE, AuditEvent.TOKEN_RESERVED, desk=desk, by=by, case_id=case.id)
    desk.uow.devices.save(replace(desk.uow.devices.get(token.id), case_id=case.id))
    return move_token(reserved, TokenEvent.HAND_OVER, AuditEvent.TOKEN_HANDED_OVER, desk=desk, by=by, case_id=case.id)
