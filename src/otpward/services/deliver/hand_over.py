"""The device goes from the counter into the hands of the right person."""

from dataclasses import dataclass, replace
from uuid import UUID

from otpward.clerk.cases import move_case
from otpward.clerk.fees import refuse_unpaid
from otpward.clerk.tokens import move_token
from otpward.core.audit import AuditEvent
from otpward.core.errors import Conflict, Denied
from otpward.core.lifecycle.case import CaseEvent
from otpward.core.lifecycle.others import PickUpEvent, advance_pick_up
from otpward.core.lifecycle.token import TokenEvent
from otpward.core.model.case import Case
from otpward.core.model.member import Operator
from otpward.core.policy.papers import seen_in_person
from otpward.core.policy.roles import Permission, require
from otpward.ports.desk import Desk


class WrongDevice(Conflict):
    """The scanned device is not the one that was set aside for this case."""

    code = "wrong_device"


class TooLate(Conflict):
    """The day until which it was kept has passed; it goes back to the shelf."""

    code = "too_late"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """What the operator did: which paper they saw, that it is the same person, which device they scanned."""

    pick_up_id: UUID
    operator: Operator
    paper: str
    same_person: bool
    serial: str


def hand_over(ask: HandOver, *, desk: Desk) -> Case:
    """The case received, the pick-up closed with what was seen.

    Raises:
        Invalid: no paper named, or the person not compared (field `paper`, `same_person`).
        TooLate: the pick-up's last day has passed.
        WrongDevice: another serial than the one set aside (field `serial`).
        Denied: not this role, not this branch, or the operator's own device.
        FeeDue: its fee is neither paid nor waived.
        IllegalTransition: collected already.
    """
    require(ask.operator.role, Permission.HAND_OVER)
    paper = seen_in_person(ask.paper, ask.same_person)
    by = ask.operator.actor
    with desk.uow as uow:
        pick_up = uow.pick_ups.get(ask.pick_up_id)
        if ask.operator.branch_id is not None and pick_up.branch_id != ask.operator.branch_id:
            raise Denied("it lies at another branch")
        if pick_up.member_id == ask.operator.member_id:
            raise Denied("nobody hands a device over to themselves")
        token = uow.tokens.get(pick_up.token_id)
        if token.serial != ask.serial.strip():
            raise WrongDevice("not the device of this case", field="serial")
        state = advance_pick_up(pick_up.state, PickUpEvent.HAND_OVER)
        if desk.now >= pick_up.until:
            raise TooLate("it was to be collected before")
        refuse_unpaid(uow.cases.get(pick_up.case_id), desk=desk)
        handed = replace(pick_up, state=state, handed_over_at=desk.now, handed_over_by=ask.operator.member_id, seen=paper)
        uow.pick_ups.save(handed)
        move_token(token, TokenEvent.HAND_OVER, AuditEvent.TOKEN_HANDED_OVER, desk=desk, by=by, case_id=pick_up.case_id)
        case = move_case(uow.cases.get(pick_up.case_id), CaseEvent.RECEIVE, desk=desk, by=by, deadline_at=None)
        uow.commit()
    return case
