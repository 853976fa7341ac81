"""A device is scanned at the counter: may it be given out for what is collected?"""

from dataclasses import dataclass
from datetime import datetime

from otpward.clerk.policy import policy_of
from otpward.core.model.case import Case
from otpward.core.model.delivery import PickUp
from otpward.core.model.token import Token
from otpward.core.policy.shelf import Unfit, unfit_of
from otpward.core.policy.stock import is_too_old
from otpward.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """The device behind a serial number, None if there is none; and why it is not given out."""

    token: Token | None
    unfit: Unfit | None
    set_aside: bool
    """Whether it is the one that was set aside for this."""

    @property
    def fits(self) -> bool:
        """Whether it may be given out."""
        return self.token is not None and self.unfit is None


def look_at_device(typed: str, pick_up: PickUp, case: Case, *, uow: UnitOfWork, now: datetime) -> Looked:
    """The device with this serial number, as it was scanned or typed, judged for this pick-up."""
    token = _named(typed.strip()[:128], pick_up, uow)
    if token is None:
        return Looked(token=None, unfit=None, set_aside=False)
    device = uow.devices.get(token.id)
    unfit = unfit_of(token, device, case, pick_up.branch_id, now)
    last = policy_of(case, uow=uow, now=now).stock.sha1_until_year
    if unfit is None and is_too_old(token, device, now=now, sha1_until_year=last):
        unfit = Unfit.EXPIRED
    return Looked(token=token, unfit=unfit, set_aside=token.id == pick_up.token_id)


def _named(typed: str, pick_up: PickUp, uow: UnitOfWork) -> Token | None:
    """Of the one that was set aside, hyphens, spaces and small letters do not matter; of others, small letters."""
    set_aside = uow.tokens.get(pick_up.token_id)
    if _bare(set_aside.serial) == _bare(typed):
        return set_aside
    return (uow.tokens.first(serial=typed) or uow.tokens.first(serial=typed.upper())) if typed else None


def _bare(serial: str) -> str:
    return "".join(letter for letter in serial.upper() if letter.isalnum())
