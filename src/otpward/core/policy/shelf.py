"""Which device may leave the shelf of a branch for an application, and why another may not."""

from datetime import datetime
from enum import StrEnum

from otpward.core.ids import BranchId
from otpward.core.lifecycle.place import Place
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.case import Case
from otpward.core.model.token import Device, Token
from otpward.core.oath.model import TokenKind


class Unfit(StrEnum):
    """Why a device is not given out. In this order: what the person at the counter must know first."""

    OLD_ONE = "old_one"
    """It is the device that this application replaces."""
    ENDED = "ended"
    IN_USE = "in_use"
    """It is in somebody's hands already, or on its way there."""
    SET_ASIDE = "set_aside"
    """For another application, or for another branch."""
    QUARANTINED = "quarantined"
    ELSEWHERE = "elsewhere"
    """It lies at another branch, or on no shelf."""
    STOPPED = "stopped"
    EXPIRED = "expired"
    NO_TEST = "no_test"
    """It only signs transactions, and shows no test OTP."""


_ENDED = frozenset({TokenState.RETIRED, TokenState.DESTROYED})
_SHELVED = frozenset({TokenState.IN_STOCK, TokenState.RESERVED, TokenState.QUARANTINED})


def unfit_of(token: Token, device: Device, case: Case, branch_id: BranchId, now: datetime) -> Unfit | None:
    """Why this device is not given out for this case at this branch; None if it may be: set aside for it, or free."""
    if token.id == case.old_token_id:
        return Unfit.OLD_ONE
    if token.state in _ENDED:
        return Unfit.ENDED
    if token.state not in _SHELVED:
        return Unfit.IN_USE
    spoken_for = device.transfer_id is not None or device.case_id not in {None, case.id}
    if spoken_for or (token.state is TokenState.RESERVED and case.new_token_id != token.id):
        return Unfit.SET_ASIDE
    if token.state is TokenState.QUARANTINED:
        return Unfit.QUARANTINED
    if device.branch_id != branch_id or device.place is not Place.BRANCH:
        return Unfit.ELSEWHERE
    if token.holds:
        return Unfit.STOPPED
    if token.valid_until is not None and token.valid_until <= now:
        return Unfit.EXPIRED
    return Unfit.NO_TEST if token.kind is TokenKind.OCRA else None
