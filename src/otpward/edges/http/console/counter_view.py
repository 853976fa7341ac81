"""What lies in the pick-up drawer: the device, whose it is, and how far its hand-over has come."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from uuid import UUID

from otpward.core.errors import NotFound
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.others import PickUpState
from otpward.core.model.case import Case
from otpward.core.model.delivery import PickUp
from otpward.core.model.institution import Branch
from otpward.core.model.member import Member, Operator
from otpward.core.model.token import Token
from otpward.core.policy.rates import PICK_UP_LETTERS
from otpward.edges.http.words import Words
from otpward.ports.unit_of_work import UnitOfWork
from otpward.ports.vault import Print, Vault


class Step(IntEnum):
    """The five steps at the counter."""

    CODE = 1
    PERSON = 2
    DEVICE = 3
    TEST = 4
    RECEIPT = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawer:
    """One pick-up and what it names."""

    pick_up: PickUp
    case: Case
    member: Member
    token: Token
    branch: Branch
    handed_by: Member | None

    @property
    def handed_over(self) -> bool:
        """Whether the device has left the counter; from then on there is no way back."""
        return self.pick_up.state is PickUpState.HANDED_OVER

    @property
    def tested(self) -> bool:
        """Whether the test OTP was right, so that the new OTP works."""
        return self.case.state is CaseState.DONE

    @property
    def waits_for_test(self) -> bool:
        """Whether the device was handed over and can still be tested here."""
        return self.handed_over and self.case.state in {CaseState.RECEIVED, CaseState.REGISTERED}


def read_drawer(pick_up_id: UUID, *, operator: Operator, uow: UnitOfWork) -> Drawer:
    """The pick-up of this key, if it lies where the operator sits.

    Raises:
        NotFound: there is none, or it lies at another branch.
    """
    pick_up = uow.pick_ups.get(pick_up_id)
    if operator.branch_id is not None and pick_up.branch_id != operator.branch_id:
        raise NotFound("it lies at another branch")
    return Drawer(
        pick_up=pick_up,
        case=uow.cases.get(pick_up.case_id),
        member=uow.members.get(pick_up.member_id),
        token=uow.tokens.get(pick_up.token_id),
        branch=uow.branches.get(pick_up.branch_id),
        handed_by=uow.members.first(id=pick_up.handed_over_by) if pick_up.handed_over_by else None,
    )


def why_not(typed: str, *, operator: Operator, uow: UnitOfWork, vault: Vault) -> tuple[PickUp | None, Branch | None]:
    """What stands behind a code that is no good here: the pick-up, and its branch if that is another one."""
    code = "".join(letter for letter in typed.upper()[:64] if letter.isalnum())
    if len(code) != PICK_UP_LETTERS:
        return None, None
    pick_up = uow.pick_ups.first(code_print=vault.fingerprint(Print.PICK_UP_CODE, code), order="-until")
    if pick_up is None or operator.branch_id in {None, pick_up.branch_id}:
        return pick_up, None
    return pick_up, uow.branches.first(id=pick_up.branch_id)


def say_why_not(pick_up: PickUp | None, elsewhere: Branch | None, words: Words, day: str) -> str:
    """The same in a sentence; `day` is the day that matters, as it is shown."""
    _ = words._
    if pick_up is None:
        return _("Nothing waits under this code. It has {n} letters and digits; scan it again or type it", n=PICK_UP_LETTERS)
    if elsewhere is not None:
        return _("This waits at {branch}, not here. Ask the member to go there", branch=elsewhere.name(words.lang))
    if pick_up.state is PickUpState.HANDED_OVER:
        return _("This was handed over already on {day}. Do not give out a second device", day=day)
    return _("The last day to collect it was {day}. The member must apply again", day=day)


def day_of(pick_up: PickUp) -> datetime:
    """The day that matters: when it was collected, or until when it could be."""
    return pick_up.handed_over_at or pick_up.until
