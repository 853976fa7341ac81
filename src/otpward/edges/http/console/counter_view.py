"""What lies in the pick-up drawer: the device, whose it is, who comes for it, and how far its hand-over has come."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Final
from uuid import UUID

from otpward.clerk.collecting import who_collects
from otpward.core.errors import NotFound
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.others import PickUpState
from otpward.core.model.case import Case
from otpward.core.model.delivery import PickUp
from otpward.core.model.institution import Branch
from otpward.core.model.member import Member, Operator
from otpward.core.model.token import Token
from otpward.core.policy.collecting import Collector
from otpward.edges.http.address import key_of
from otpward.edges.http.front import Visit
from otpward.ports.unit_of_work import UnitOfWork
from otpward.services.deliver.compare_id import Compared, compared

PATH: Final = "/console/counter"


class Step(IntEnum):
    """The five steps at the counter."""

    CODE = 1
    PERSON = 2
    DEVICE = 3
    TEST = 4
    RECEIPT = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawer:
    """One pick-up and what it names. `expected` is who comes for it; `known` who was compared with their papers, by this
    operator and just now; `old` is the device that is replaced, `dead` one that
    did not work when it was handed over."""

    pick_up: PickUp
    case: Case
    member: Member
    token: Token
    branch: Branch
    expected: Collector
    known: Compared | None
    old: Token | None
    handed_by: Member | None
    dead: Token | None = None

    @property
    def here(self) -> str:
        """The address of its steps."""
        return f"{PATH}/{self.pick_up.id}"

    @property
    def waits(self) -> bool:
        """Whether it can be handed over."""
        return self.pick_up.state is PickUpState.READY

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

    @property
    def old_is_due(self) -> bool:
        """Whether the old device ended and is still in the member's hands: reported lost, nobody has it to give back."""
        return self.tested and self.old is not None and self.case.report_id is None and self.pick_up.old_back_at is None


def open_drawer(visit: Visit, operator: Operator) -> Drawer:
    """The drawer that the address names."""
    key, now = key_of(visit.path("id")), visit.front.house.clock.now()
    return visit.look(lambda uow: read_drawer(key, operator=operator, uow=uow, now=now))


def read_drawer(pick_up_id: UUID, *, operator: Operator, uow: UnitOfWork, now: datetime) -> Drawer:
    """The pick-up of this key, if it lies where the operator sits.

    Raises:
        NotFound: there is none, or it lies at another branch.
    """
    pick_up = uow.pick_ups.get(pick_up_id)
    if operator.branch_id is not None and pick_up.branch_id != operator.branch_id:
        raise NotFound("it lies at another branch")
    case = uow.cases.get(pick_up.case_id)
    return Drawer(
        pick_up=pick_up,
        case=case,
        member=uow.members.get(pick_up.member_id),
        token=uow.tokens.get(pick_up.token_id),
        branch=uow.branches.get(pick_up.branch_id),
        expected=who_collects(case, uow=uow, now=now),
        known=compared(case, operator, uow=uow, now=now),
        old=uow.tokens.first(id=case.old_token_id) if case.old_token_id is not None else None,
        handed_by=uow.members.first(id=pick_up.handed_over_by) if pick_up.handed_over_by else None,
        dead=uow.tokens.first(id=pick_up.dead_token_id) if pick_up.dead_token_id is not None else None,
    )
