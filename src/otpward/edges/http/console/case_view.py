"""All that belongs to one application, read in one transaction: what the decision rests on, and what can be done next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from otpward.clerk.checks import checks_before
from otpward.clerk.policy import asked_of, policy_of
from otpward.core.errors import NotFound
from otpward.core.lifecycle.case import OPEN, CaseState
from otpward.core.lifecycle.others import ShipmentState
from otpward.core.model.case import Case, CaseStep, Delivery
from otpward.core.model.delivery import PickUp, Shipment
from otpward.core.model.device_check import DeviceCheck
from otpward.core.model.institution import Branch
from otpward.core.model.loss import LossReport
from otpward.core.model.member import Member, Operator
from otpward.core.model.proof import Proof
from otpward.core.model.review import CaseNote
from otpward.core.model.token import Token
from otpward.core.policy.document.model import Policy
from otpward.core.policy.document.requirement import Requirement
from otpward.core.policy.roles import Permission
from otpward.edges.http.console.door import allowed
from otpward.edges.http.console.rows import named
from otpward.ports.unit_of_work import Among, UnitOfWork
from otpward.services.oversee.see_shelf import see_shelf

_SHELF: Final = 4
_LIFE: Final = tuple(CaseState)
_RUNNING: Final = Among(frozenset({ShipmentState.PLANNED, ShipmentState.PACKED, ShipmentState.DISPATCHED}))


class Next(StrEnum):
    """What comes next in a case, and so which form stands on its page."""

    TAKE_UP = "take_up"
    DECIDE = "decide"
    RESERVE = "reserve"
    MAKE_APP = "make_app"
    SET_OUT = "set_out"
    PACK = "pack"
    DISPATCH = "dispatch"
    ARRIVE = "arrive"
    HAND_OVER = "hand_over"
    MEMBER = "member"
    OVER = "over"


_NEEDS: Final = {
    Next.TAKE_UP: Permission.REVIEW,
    Next.RESERVE: Permission.ISSUE,
    Next.MAKE_APP: Permission.ISSUE,
    Next.SET_OUT: Permission.ISSUE,
    Next.PACK: Permission.SHIP,
    Next.DISPATCH: Permission.SHIP,
    Next.ARRIVE: Permission.SHIP,
    Next.HAND_OVER: Permission.HAND_OVER,
}


class SerialCheck(StrEnum):
    """What the serial that the member wrote says about the device that we know."""

    SAME = "same"
    DIFFERS = "differs"
    NOT_GIVEN = "not_given"
    NOT_KNOWN = "not_known"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """A case and what it names. `shelf` are serials that could be given out for it."""

    case: Case
    member: Member
    branch: Branch | None
    steps: Sequence[CaseStep]
    proof: Proof | None
    report: LossReport | None
    old_token: Token | None
    new_token: Token | None
    shipment: Shipment | None
    pick_up: PickUp | None
    checker: Member | None
    shelf_branch: Branch | None
    shelf: Sequence[str]
    next: Next
    may_act: bool
    own: bool
    """The case is the operator's own."""
    second_needed: bool
    """The operator put it forward, and a second person must approve."""
    two_people: bool
    puts_forward: bool
    """To approve is, for this operator, to ask a second person."""
    notes: Sequence[tuple[CaseNote, Member]]
    checks: Sequence[DeviceCheck]
    """What checks of the old device found; those that led to this case, or else the newest before it."""
    assignee: Member | None
    policy: Policy
    """The one that the case began under."""
    asked: Requirement
    """What it takes."""

    @property
    def waiting(self) -> bool:
        """Whether the member waits for a new token."""
        return self.case.state in OPEN - {CaseState.REPORTED, CaseState.DRAFT}

    @property
    def serial_check(self) -> SerialCheck:
        """Whether the serial in the application is that of the device on record."""
        if not self.case.old_serial:
            return SerialCheck.NOT_GIVEN
        if self.old_token is None:
            return SerialCheck.NOT_KNOWN
        same = _bare(self.case.old_serial) == _bare(self.old_token.serial)
        return SerialCheck.SAME if same else SerialCheck.DIFFERS


def read_case(number: str, *, operator: Operator, uow: UnitOfWork, now: datetime) -> CaseView:
    """The case of this number, as this operator may see it.

    Raises:
        NotFound: there is none.
    """
    case = uow.cases.first(number=number.upper()[:24])
    if case is None:
        raise NotFound("no such case")
    new_token = uow.tokens.get(case.new_token_id) if case.new_token_id else None
    shipment = uow.shipments.first(case_id=case.id, state=_RUNNING) or uow.shipments.first(case_id=case.id, order="-planned_at")
    following = _next(case, shipment)
    shelf_branch = _shelf_branch(case, operator, uow) if following is Next.RESERVE else None
    last = policy_of(case, uow=uow, now=now).stock.sha1_until_year
    shelf = see_shelf(shelf_branch.id, uow=uow, now=now, limit=_SHELF, sha1_until_year=last) if shelf_branch is not None else []
    policy = policy_of(case, uow=uow, now=now)
    asked = asked_of(case, uow=uow, now=now)
    return CaseView(
        case=case,
        member=uow.members.get(case.member_id),
        branch=uow.branches.first(id=case.branch_id) if case.branch_id else None,
        steps=in_order(uow.steps.find(case_id=case.id, order="at")),
        proof=uow.proofs.first(id=case.proof_id) if case.proof_id else None,
        report=uow.losses.first(id=case.report_id) if case.report_id else None,
        old_token=uow.tokens.get(case.old_token_id) if case.old_token_id else None,
        new_token=new_token,
        shipment=shipment,
        pick_up=uow.pick_ups.first(case_id=case.id, order="-until"),
        checker=uow.members.first(id=case.checked_by) if case.checked_by else None,
        shelf_branch=shelf_branch,
        shelf=[token.serial for token in shelf],
        next=following,
        may_act=_may(following, case, operator, asked),
        own=case.member_id == operator.member_id,
        second_needed=asked.two_people and case.state is CaseState.AWAITING_APPROVAL and case.checked_by == operator.member_id,
        two_people=asked.two_people,
        puts_forward=case.state is CaseState.CHECKING and (asked.two_people or not _approves(operator, asked)),
        notes=_notes(case, uow),
        checks=checks_before(case, uow=uow),
        assignee=uow.members.first(id=case.assigned_to) if case.assigned_to else None,
        policy=policy,
        asked=asked,
    )


def in_order(steps: Sequence[CaseStep]) -> list[CaseStep]:
    """The timeline; what one act did at one moment stands in the order of a case's life."""
    return sorted(steps, key=lambda step: (step.at, _LIFE.index(step.state)))


def _next(case: Case, shipment: Shipment | None) -> Next:
    match case.state:
        case CaseState.SUBMITTED:
            return Next.TAKE_UP
        case CaseState.CHECKING | CaseState.AWAITING_APPROVAL:
            return Next.DECIDE
        case CaseState.APPROVED:
            return Next.MAKE_APP if case.delivery is Delivery.APP else Next.RESERVE
        case CaseState.PREPARING:
            return _preparing(case, shipment)
        case CaseState.IN_TRANSIT:
            return Next.ARRIVE
        case CaseState.READY_TO_COLLECT:
            return Next.HAND_OVER
        case CaseState.REPORTED | CaseState.DRAFT | CaseState.MORE_NEEDED | CaseState.RECEIVED | CaseState.REGISTERED:
            return Next.MEMBER
        case _:
            return Next.OVER


def _preparing(case: Case, shipment: Shipment | None) -> Next:
    if case.new_token_id is None:
        return Next.RESERVE
    if case.delivery is Delivery.BRANCH:
        return Next.SET_OUT
    return Next.DISPATCH if shipment is not None and shipment.state is ShipmentState.PACKED else Next.PACK


def _may(following: Next, case: Case, operator: Operator, asked: Requirement) -> bool:
    if following is Next.DECIDE and case.state is CaseState.CHECKING:
        return allowed(operator, Permission.REVIEW)
    if following is Next.DECIDE:
        return _approves(operator, asked)
    needed = _NEEDS.get(following)
    return needed is not None and allowed(operator, needed)


def _approves(operator: Operator, asked: Requirement) -> bool:
    return allowed(operator, Permission.APPROVE) and operator.role in asked.approvers


def _notes(case: Case, uow: UnitOfWork) -> list[tuple[CaseNote, Member]]:
    """What colleagues wrote, the first first, each with who did."""
    notes = uow.notes.find(case_id=case.id, order="at")
    authors = named(uow.members, (note.author_id for note in notes))
    return [(note, authors[note.author_id]) for note in notes]


def _shelf_branch(case: Case, operator: Operator, uow: UnitOfWork) -> Branch | None:
    """Where the device must lie: at the branch of collection; for the post, where the operator sits, or else any branch."""
    branch_id = case.branch_id or operator.branch_id
    return uow.branches.first(id=branch_id) if branch_id else uow.branches.first(order="code")


def _bare(serial: str) -> str:
    return "".join(letter for letter in serial.upper() if letter.isalnum())
