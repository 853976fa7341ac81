"""The device goes from the counter into the hands of the right person."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Final
from uuid import UUID

from otpward.clerk.cases import move_case
from otpward.clerk.fees import refuse_unpaid
from otpward.clerk.in_person import admit_to_counter, held_by
from otpward.clerk.proofs import need_of, spend_proofs
from otpward.clerk.tokens import move_token
from otpward.core.audit import Actor, AuditEvent
from otpward.core.errors import Conflict, Denied
from otpward.core.lifecycle.case import CaseEvent
from otpward.core.lifecycle.others import PickUpEvent, advance_pick_up
from otpward.core.lifecycle.token import TokenEvent, TokenState
from otpward.core.model.case import Case
from otpward.core.model.delivery import PickUp
from otpward.core.model.member import Operator
from otpward.core.model.proof import Act, Proof
from otpward.core.model.token import Token
from otpward.core.policy.proofs import Binding, ProofNeeded
from otpward.core.policy.shelf import Unfit
from otpward.core.secret import Personal
from otpward.ports.desk import Desk
from otpward.services.deliver.compare_id import Compared, compared, recorded
from otpward.services.deliver.look_at_device import look_at_device

DEAD: Final[Mapping[str, str | int]] = {"why": "found dead at the counter"}


class WrongDevice(Conflict):
    """The scanned device is not given out here: `unfit` says why; None where nobody knows it, or it is another one than was set
    aside and nobody said that it shall take its place."""

    code: ClassVar[str] = "wrong_device"

    def __init__(self, unfit: Unfit | None = None) -> None:
        super().__init__(f"not the device of this case: {unfit or 'another'}", field="serial")
        self.unfit = unfit


class TooLate(Conflict):
    """The day until which it was kept has passed; it goes back to the shelf."""

    code: ClassVar[str] = "too_late"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """Which device the operator scanned. `instead`: it takes the place of the one that was set aside; `dead`: since that one
    does not work, and goes into quarantine."""

    pick_up_id: UUID
    operator: Operator
    serial: str
    instead: bool = False
    dead: bool = False


def hand_over(ask: HandOver, *, desk: Desk) -> Case:
    """The case received; the pick-up closed, with who collected it and by which paper they were known.

    Raises:
        ProofNeeded: this operator has not just compared the papers of whoever collects it.
        TooLate: the pick-up's last day has passed.
        WrongDevice: another one than was set aside, or not given out here (field `serial`).
        Denied, OwnPerson: not this role, not this branch, or the operator's own device.
        FeeDue: its fee is neither paid nor waived.
        IllegalTransition: collected already, or the application has ended.
    """
    by = ask.operator.actor
    with desk.uow as uow:
        pick_up = uow.pick_ups.get(ask.pick_up_id)
        admit_to_counter(ask.operator, pick_up.member_id)
        if ask.operator.branch_id is not None and pick_up.branch_id != ask.operator.branch_id:
            raise Denied("it lies at another branch")
        state = advance_pick_up(pick_up.state, PickUpEvent.HAND_OVER)
        if desk.now >= pick_up.until:
            raise TooLate("it was to be collected before")
        case = uow.cases.get(pick_up.case_id)
        chosen = _chosen(ask, pick_up, case, desk=desk)
        known, proof = _spend(case, ask.operator, desk=desk)
        refuse_unpaid(case, desk=desk)
        if chosen.id != pick_up.token_id:
            chosen = _swap(pick_up, chosen, dead=ask.dead, desk=desk, by=by)
        uow.pick_ups.save(
            replace(
                pick_up,
                state=state,
                token_id=chosen.id,
                dead_token_id=pick_up.token_id if ask.dead and chosen.id != pick_up.token_id else None,
                handed_over_at=desk.now,
                handed_over_by=ask.operator.member_id,
                seen=known.paper,
                proof_id=proof.id,
                collected_by=Personal(known.name),
                collected_as=Personal(known.acts_as),
            )
        )
        move_token(chosen, TokenEvent.HAND_OVER, AuditEvent.TOKEN_HANDED_OVER, desk=desk, by=by, case_id=case.id)
        case = move_case(case, CaseEvent.RECEIVE, desk=desk, by=by, deadline_at=None, new_token_id=chosen.id)
        uow.commit()
    return case


def _chosen(ask: HandOver, pick_up: PickUp, case: Case, *, desk: Desk) -> Token:
    looked = look_at_device(ask.serial, pick_up, case, uow=desk.uow, now=desk.now)
    if looked.token is None or not looked.fits or not (looked.set_aside or ask.instead):
        raise WrongDevice(looked.unfit)
    return looked.token


def _spend(case: Case, operator: Operator, *, desk: Desk) -> tuple[Compared, Proof]:
    """What was recorded with the proof that is spent; of two that were recorded at once only that one counts."""
    if compared(case, operator, uow=desk.uow, now=desk.now) is None:
        raise ProofNeeded("nobody was compared with their papers")
    member = desk.uow.members.get(case.member_id)
    binding = Binding(member=member, browser=held_by(operator), case_id=case.id)
    [proof, *_] = spend_proofs(need_of(Act.COLLECT, member, uow=desk.uow), binding, desk=desk, by=operator.actor)
    return recorded(proof), proof


def _swap(pick_up: PickUp, chosen: Token, *, dead: bool, desk: Desk, by: Actor) -> Token:
    """The reservation moves to this device; the one that was set aside lies on the shelf again, if it is still to be had,
    or in quarantine."""
    uow, case_id = desk.uow, pick_up.case_id
    before = uow.tokens.get(pick_up.token_id)
    uow.devices.save(replace(uow.devices.get(before.id), case_id=None))
    if before.state is TokenState.RESERVED:
        free = move_token(before, TokenEvent.RELEASE, AuditEvent.TOKEN_RELEASED, desk=desk, by=by, case_id=case_id)
        if dead:
            event, written = TokenEvent.QUARANTINE, AuditEvent.TOKEN_QUARANTINED
            move_token(free, event, written, desk=desk, by=by, case_id=case_id, detail=DEAD)
    uow.devices.save(replace(uow.devices.get(chosen.id), case_id=case_id))
    return move_token(chosen, TokenEvent.RESERVE, AuditEvent.TOKEN_RESERVED, desk=desk, by=by, case_id=case_id)
