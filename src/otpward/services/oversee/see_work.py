"""What waits to be done: how many, since when, and how many too long."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from otpward.core.ids import BranchId
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.others import PickUpState, ShipmentState
from otpward.core.model.case import Delivery
from otpward.core.policy.roles import Permission
from otpward.ports.queue import Wanted
from otpward.ports.unit_of_work import Before, UnitOfWork


class Queue(StrEnum):
    """One kind of work."""

    REPORTED = "reported"
    SUBMITTED = "submitted"
    CHECKING = "checking"
    AWAITING_APPROVAL = "awaiting_approval"
    MORE_NEEDED = "more_needed"
    APPROVED = "approved"
    TO_SET_OUT = "to_set_out"
    TO_SEND = "to_send"
    READY_TO_COLLECT = "ready_to_collect"
    ON_ITS_WAY = "on_its_way"


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """How one queue stands. `oldest` is since when its first has waited, `overdue` how many have waited too long."""

    queue: Queue
    count: int
    oldest: datetime | None
    overdue: int


WITHIN: Final[Mapping[Queue, timedelta]] = {
    Queue.REPORTED: timedelta(days=3),
    Queue.SUBMITTED: timedelta(days=1),
    Queue.CHECKING: timedelta(days=2),
    Queue.AWAITING_APPROVAL: timedelta(days=2),
    Queue.MORE_NEEDED: timedelta(days=14),
    Queue.APPROVED: timedelta(days=3),
    Queue.TO_SET_OUT: timedelta(days=3),
    Queue.TO_SEND: timedelta(days=3),
    Queue.ON_ITS_WAY: timedelta(days=7),
}
"""Counted from the day the application was sent, not from the last move: what the member waits for is the whole. A device
leaves the house on the third day; a registered letter not delivered in seven is asked after."""

QUEUES: Final[Mapping[Queue, frozenset[Permission]]] = {
    Queue.REPORTED: frozenset({Permission.REVIEW, Permission.SEE_AUDIT}),
    Queue.SUBMITTED: frozenset({Permission.REVIEW, Permission.SEE_AUDIT}),
    Queue.CHECKING: frozenset({Permission.REVIEW, Permission.SEE_AUDIT}),
    Queue.AWAITING_APPROVAL: frozenset({Permission.APPROVE, Permission.SEE_AUDIT}),
    Queue.MORE_NEEDED: frozenset({Permission.REVIEW}),
    Queue.APPROVED: frozenset({Permission.ISSUE, Permission.SEE_AUDIT}),
    Queue.TO_SET_OUT: frozenset({Permission.ISSUE}),
    Queue.TO_SEND: frozenset({Permission.SHIP}),
    Queue.READY_TO_COLLECT: frozenset({Permission.HAND_OVER}),
    Queue.ON_ITS_WAY: frozenset({Permission.SHIP, Permission.SEE_AUDIT}),
}
"""Whose work it is, or who watches over it: a role with one of these sees the queue."""

MOST: Final = 1000
"""Beyond this nobody reads the number; counting further would only take time."""
_BY_STATE: Final[Mapping[Queue, CaseState]] = {
    Queue.REPORTED: CaseState.REPORTED,
    Queue.SUBMITTED: CaseState.SUBMITTED,
    Queue.CHECKING: CaseState.CHECKING,
    Queue.AWAITING_APPROVAL: CaseState.AWAITING_APPROVAL,
    Queue.MORE_NEEDED: CaseState.MORE_NEEDED,
    Queue.APPROVED: CaseState.APPROVED,
}
_BY_DELIVERY: Final[Mapping[Queue, Delivery]] = {Queue.TO_SET_OUT: Delivery.BRANCH, Queue.TO_SEND: Delivery.POST}


def see_work(queue: Queue, *, branch_id: BranchId | None, uow: UnitOfWork, now: datetime) -> Work:
    """How this queue stands, counted up to `MOST`; what lies at a counter is that of `branch_id`, or of all branches."""
    match queue:
        case Queue.ON_ITS_WAY:
            return _parcels(uow, now)
        case Queue.READY_TO_COLLECT:
            return _pick_ups(branch_id, uow, now)
        case Queue.TO_SET_OUT | Queue.TO_SEND:
            branch = branch_id if queue is Queue.TO_SET_OUT else None
            wanted = Wanted(states={CaseState.PREPARING: None}, delivery=_BY_DELIVERY[queue], branch_id=branch)
            return _cases(queue, wanted, uow, now)
        case _:
            return _cases(queue, Wanted(states={_BY_STATE[queue]: None}), uow, now)


def overdue_before(state: CaseState, now: datetime) -> datetime | None:
    """Since before when a case in this state waits too long; None where nobody's time runs out."""
    queue = next((queue for queue, one in _BY_STATE.items() if one is state), None)
    queue = Queue.TO_SEND if state is CaseState.PREPARING else queue
    queue = Queue.ON_ITS_WAY if state is CaseState.IN_TRANSIT else queue
    return None if queue is None else now - WITHIN[queue]


def _cases(queue: Queue, wanted: Wanted, uow: UnitOfWork, now: datetime) -> Work:
    stands = uow.queue.stand(wanted, late_before=now - WITHIN[queue], most=MOST + 1)
    return Work(queue=queue, count=stands.count, oldest=stands.oldest, overdue=stands.late)


def _pick_ups(branch_id: BranchId | None, uow: UnitOfWork, now: datetime) -> Work:
    conditions: dict[str, object] = {"state": PickUpState.READY}
    if branch_id is not None:
        conditions["branch_id"] = branch_id
    first = uow.pick_ups.first(order="ready_at", **conditions)
    return Work(
        queue=Queue.READY_TO_COLLECT,
        count=uow.pick_ups.count(**conditions),
        oldest=None if first is None else first.ready_at,
        overdue=uow.pick_ups.count(**conditions, until=Before(now)),
    )


def _parcels(uow: UnitOfWork, now: datetime) -> Work:
    first = uow.shipments.first(state=ShipmentState.DISPATCHED, order="dispatched_at")
    return Work(
        queue=Queue.ON_ITS_WAY,
        count=uow.shipments.count(state=ShipmentState.DISPATCHED),
        oldest=None if first is None else first.dispatched_at,
        overdue=uow.shipments.count(state=ShipmentState.DISPATCHED, dispatched_at=Before(now - WITHIN[Queue.ON_ITS_WAY])),
    )
