"""The counter looks for the pick-up behind a scanned or typed code."""

from otpward.core.errors import NotFound
from otpward.core.lifecycle.others import PickUpState
from otpward.core.model.delivery import PickUp
from otpward.core.model.member import Operator
from otpward.core.policy.rates import PICK_UP_LETTERS
from otpward.core.policy.roles import Permission, require
from otpward.ports.unit_of_work import UnitOfWork
from otpward.ports.vault import Print, Vault


class NoSuchPickUp(NotFound):
    """No device waits under this code at this branch."""

    code = "no_such_pick_up"


def find_pick_up(typed: str, *, operator: Operator, uow: UnitOfWork, vault: Vault) -> PickUp:
    """The pick-up that waits here under this code; spaces, hyphens and case do not matter.

    Raises:
        NoSuchPickUp: unknown, collected, too late, or at another branch.
        Denied: not this role.
    """
    require(operator.role, Permission.HAND_OVER)
    code = "".join(letter for letter in typed.upper()[:64] if letter.isalnum())
    if len(code) != PICK_UP_LETTERS:
        raise NoSuchPickUp("not a pick-up code", field="code")
    found = uow.pick_ups.first(code_print=vault.fingerprint(Print.PICK_UP_CODE, code), state=PickUpState.READY)
    if found is None or (operator.branch_id is not None and found.branch_id != operator.branch_id):
        raise NoSuchPickUp("nothing waits under this code here", field="code")
    return found
