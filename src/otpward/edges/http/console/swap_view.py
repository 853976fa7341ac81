"""A broken device on the counter: whose it is, what stands in the way of swapping it, and how far its swap has come."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Final
from uuid import UUID

from otpward.clerk.in_person import admit_to_counter
from otpward.clerk.places import find_scanned
from otpward.clerk.policy import facts_of, policy_now
from otpward.clerk.tokens import live_tokens
from otpward.core.errors import NotFound
from otpward.core.lifecycle.case import OPEN
from otpward.core.lifecycle.others import PickUpState, RegistrationState
from otpward.core.lifecycle.place import Place
from otpward.core.lifecycle.token import LOSS_HOLDS, Hold, TokenState
from otpward.core.model.case import Case, Delivery, Reason
from otpward.core.model.delivery import PickUp
from otpward.core.model.member import Member, Operator, fold_login
from otpward.core.model.token import Form, Token
from otpward.core.policy.applicants import Acting, acting_for, kind_at_counter
from otpward.core.policy.asked_papers import AskedPaper, asked_papers
from otpward.core.policy.document.requirement import requirement
from otpward.core.policy.versions import day_of
from otpward.ports.unit_of_work import Among, UnitOfWork
from otpward.services.apply.apply_at_counter import papers_of_acting

PATH: Final = "/console/counter/swap"
_IN_WAY: Final = frozenset({Hold.SUSPENDED, Hold.BLOCKED}) | LOSS_HOLDS


class Step(IntEnum):
    """The five steps of a swap; the last is the counter's own test."""

    FIND = 1
    CHECK = 2
    PERSON = 3
    DEVICE = 4
    TEST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """One device in use and whose it is. `acting`: who acts for this member, if anybody, and `papers` what they show
    beside their ID, None where the policy has them sent before; `stock` is how many lie on this shelf."""

    token: Token
    member: Member
    case: Case | None
    pick_up: PickUp | None
    acting: Acting | None
    papers: list[AskedPaper] | None
    stock: int
    now: datetime

    @property
    def here(self) -> str:
        """The address of its steps."""
        return f"{PATH}/{self.token.id}"

    @property
    def acted_for(self) -> bool:
        """Whether somebody acts for this member whose papers cannot all be shown here and now."""
        return self.acting is not None and self.papers is None

    @property
    def lost(self) -> bool:
        """Whether it was reported: then nothing is swapped, an application is taken."""
        return bool(self.token.holds & LOSS_HOLDS)

    @property
    def stopped(self) -> bool:
        """Whether somebody stopped it, which is looked into first."""
        return bool(self.token.holds & _IN_WAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """What was scanned to find a device: devices in use of one member; or a device that is not in use (`idle`)."""

    tokens: list[Token]
    idle: Token | None = None


def find_swap(typed: str, *, operator: Operator, uow: UnitOfWork) -> Scanned:
    """The device with this serial number, or those of the member with this number.

    Raises:
        OwnPerson: it is the operator's own.
    """
    token, device = find_scanned(typed, uow=uow)
    if token is not None and device is not None:
        holder = uow.registrations.first(token_id=token.id, state=RegistrationState.LIVE)
        if holder is None or device.form is Form.APP or token.state is not TokenState.ACTIVE:
            return Scanned(tokens=[], idle=token)
        admit_to_counter(operator, holder.member_id)
        return Scanned(tokens=[token])
    member = uow.members.first(login=fold_login(typed))
    if member is None:
        return Scanned(tokens=[])
    admit_to_counter(operator, member.id)
    mine = [one for one in live_tokens(uow, member.id) if one.state is TokenState.ACTIVE]
    return Scanned(tokens=[one for one in mine if uow.devices.get(one.id).form is not Form.APP])


def read_swap(token_id: UUID, *, operator: Operator, uow: UnitOfWork, now: datetime) -> Swap:
    """The device of this key and its holder.

    Raises:
        NotFound: nobody has such a device.
        Denied, OwnPerson: not this role, or the operator's own device.
    """
    token = uow.tokens.first(id=token_id)
    case = uow.cases.first(old_token_id=token_id, state=Among(OPEN), order="-opened_at")
    held = uow.registrations.first(token_id=token_id, state=RegistrationState.LIVE)
    if token is None or held is None:
        raise NotFound("nobody has such a device")
    admit_to_counter(operator, held.member_id)
    member = uow.members.get(held.member_id)
    policy = policy_now(member.institution_id, uow=uow, now=now)
    kind = policy.kinds[kind_at_counter(policy, member.birth_date.reveal(), day_of(now))]
    facts = facts_of(member, token.id, uow=uow, now=now)
    asked = requirement(policy, kind.name, Reason.FAULTY, Delivery.BRANCH, facts)
    shelf = {"branch_id": operator.branch_id} if operator.branch_id is not None else {}
    return Swap(
        token=token,
        member=member,
        case=case,
        pick_up=None if case is None else uow.pick_ups.first(case_id=case.id, state=PickUpState.READY),
        acting=acting_for(kind),
        papers=papers_of_acting(asked) if all(one.shown for one in asked_papers(asked)) else None,
        stock=uow.devices.count(place=Place.BRANCH, state=TokenState.IN_STOCK, **shelf),
        now=now,
    )
