"""The counter looks for the pick-up behind a scanned or typed code."""

from enum import StrEnum
from typing import ClassVar, Final

from otpward.clerk.limits import count_one, is_full, window_end
from otpward.core.errors import NotFound, TooOften
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.others import PickUpState
from otpward.core.model.delivery import PickUp
from otpward.core.model.member import Operator
from otpward.core.policy.rates import PICK_UP_LETTERS, WRONG_PICK_UP_CODES
from otpward.core.policy.roles import Permission, require
from otpward.ports.desk import Desk
from otpward.ports.vault import Print

_COUNTED: Final = "pick_up_code"


class PassFault(StrEnum):
    """Why nothing is collected here under a code."""

    UNKNOWN = "unknown"
    COLLECTED = "collected"
    ELSEWHERE = "elsewhere"
    CANCELLED = "cancelled"
    TOO_LATE = "too_late"


class NoSuchPickUp(NotFound):
    """No device waits under this code at this branch; `fault` says why, `pick_up` is what the code stood for, if anything."""

    code: ClassVar[str] = "no_such_pick_up"

    def __init__(self, fault: PassFault, pick_up: PickUp | None = None) -> None:
        super().__init__(f"nothing waits under this code here: {fault}", field="code")
        self.fault = fault
        self.pick_up = pick_up


def find_pick_up(typed: str, *, operator: Operator, desk: Desk) -> PickUp:
    """The pick-up that waits here under this code; spaces, hyphens and case do not matter. Codes that stand for nothing are
    counted: nobody tries them out.

    Raises:
        NoSuchPickUp: unknown, collected, too late, cancelled, or at another branch.
        TooOften: this operator tried too many that stood for nothing.
        Denied: not this role.
    """
    require(operator.role, Permission.HAND_OVER)
    code = "".join(letter for letter in typed.upper()[:64] if letter.isalnum())
    if len(code) != PICK_UP_LETTERS:
        raise NoSuchPickUp(PassFault.UNKNOWN)
    who = str(operator.member_id)
    with desk.uow as uow:
        if is_full(_COUNTED, who, WRONG_PICK_UP_CODES, desk=desk):
            raise TooOften(window_end(desk.now, WRONG_PICK_UP_CODES[0]))
        printed = desk.vault.fingerprint(Print.PICK_UP_CODE, code)
        found = uow.pick_ups.first(code_print=printed, state=PickUpState.READY) or uow.pick_ups.first(code_print=printed)
        if found is None:
            count_one(_COUNTED, who, WRONG_PICK_UP_CODES, desk=desk)
            uow.commit()
            raise NoSuchPickUp(PassFault.UNKNOWN)
        fault = _fault_of(found, operator, desk=desk)
    if fault is not None:
        raise NoSuchPickUp(fault, found)
    return found


def _fault_of(pick_up: PickUp, operator: Operator, *, desk: Desk) -> PassFault | None:
    if pick_up.state is PickUpState.HANDED_OVER:
        return PassFault.COLLECTED
    if pick_up.state is PickUpState.EXPIRED:
        cancelled = desk.uow.cases.get(pick_up.case_id).state is CaseState.CANCELLED
        return PassFault.CANCELLED if cancelled else PassFault.TOO_LATE
    if operator.branch_id is not None and pick_up.branch_id != operator.branch_id:
        return PassFault.ELSEWHERE
    return PassFault.TOO_LATE if desk.now >= pick_up.until else None
