"""The old device is left at the counter, once the new one works."""

from dataclasses import dataclass, replace
from typing import ClassVar
from uuid import UUID

from otpward.clerk import places
from otpward.clerk.in_person import admit_to_counter
from otpward.core.errors import Conflict, Denied
from otpward.core.lifecycle.others import PickUpState
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.delivery import PickUp
from otpward.core.model.member import Operator
from otpward.ports.desk import Desk

_GONE = frozenset({TokenState.RETIRED, TokenState.DESTROYED})


class NotTheOldOne(Conflict):
    """Not the device that this application replaces, or it replaces none."""

    code: ClassVar[str] = "not_the_old_one"


class StillNeeded(Conflict):
    """The old device still works: the member needs it until the new one has passed its test, or nothing was handed over."""

    code: ClassVar[str] = "still_needed"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBack:
    """The operator scanned what the member left."""

    pick_up_id: UUID
    operator: Operator
    serial: str


def take_back(ask: TakeBack, *, desk: Desk) -> PickUp:
    """The pick-up, with when the old device was left here; a second time nothing changes.

    Raises:
        NotTheOldOne: another device, or none is replaced (field `old`).
        StillNeeded: not handed over yet, or the old one is not retired (field `old`).
        Denied, OwnPerson: not this role, not this branch, or the operator's own device.
    """
    with desk.uow as uow:
        pick_up = uow.pick_ups.get(ask.pick_up_id)
        admit_to_counter(ask.operator, pick_up.member_id)
        if ask.operator.branch_id is not None and pick_up.branch_id != ask.operator.branch_id:
            raise Denied("it was handed over at another branch")
        case = uow.cases.get(pick_up.case_id)
        old = None if case.old_token_id is None else uow.tokens.get(case.old_token_id)
        if old is None or _bare(old.serial) != _bare(ask.serial):
            raise NotTheOldOne("not the device that was replaced", field="old")
        if pick_up.state is not PickUpState.HANDED_OVER or old.state not in _GONE:
            raise StillNeeded("the old one is still needed", field="old")
        if pick_up.old_back_at is not None:
            return pick_up
        taken = uow.pick_ups.save(replace(pick_up, old_back_at=desk.now))
        places.take_back(old, branch_id=pick_up.branch_id, desk=desk, by=ask.operator.actor, case_id=case.id)
        uow.commit()
    return taken


def _bare(serial: str) -> str:
    return "".join(letter for letter in serial.upper()[:128] if letter.isalnum())
