"""Gathering a batch: what has no device yet gets one from the shelf, and all that has one goes in together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from otpward.core.errors import OtpwardError
from otpward.core.ids import BranchId, CaseId, InstitutionId
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.others import ShipmentState
from otpward.core.model.case import Case, Delivery
from otpward.core.model.member import Operator
from otpward.ports.desk import House
from otpward.ports.unit_of_work import Among, UnitOfWork
from otpward.services.deliver.choose_again import came_back
from otpward.services.deliver.make_batch import MOST, EmptyBatch, Gathered, MakeBatch, make_batch
from otpward.services.issue.reserve_device import NotThisDevice, ReserveDevice, reserve_device
from otpward.services.oversee.see_shelf import see_shelf

_WAITING: Final = Among(frozenset({CaseState.APPROVED, CaseState.PREPARING}))
_OPEN: Final = Among(frozenset({ShipmentState.PLANNED, ShipmentState.PACKED}))
_SPARE: Final = 10
"""Some of a shelf only sign transactions, and some are taken meanwhile."""
NO_STOCK: Final = "no_stock"
CHOICE_OPEN: Final = "choice_open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One application that waits for the post: `batched` if its parcel is in a batch already; `choice_open` if its last one
    came back and nobody said yet where to send the next."""

    case: Case
    batched: bool = False
    choice_open: bool = False


def waiting_for_post(uow: UnitOfWork, *, limit: int | None = MOST) -> list[Waiting]:
    """What is to be sent, the longest waiting first."""
    cases = uow.cases.find(state=_WAITING, delivery=Delivery.POST, order="submitted_at", limit=limit)
    if not cases:
        return []
    keys = Among(frozenset(one.id for one in cases))
    batched = {one.case_id for one in uow.shipments.find(case_id=keys, state=_OPEN) if one.batch_id is not None}
    return [Waiting(case=one, batched=one.id in batched, choice_open=came_back(one, uow=uow) is not None) for one in cases]


def gather(
    institution_id: InstitutionId, operator: Operator, branch_id: BranchId, wanted: Sequence[CaseId], *, house: House
) -> Gathered:
    """A batch of these applications, or of all that wait where none is named. Each device is set aside in a transaction of its
    own, so two who gather at once take different ones.

    Raises:
        EmptyBatch: none can go; the others as `make_batch`.
    """
    waiting = house.look(institution_id, waiting_for_post)
    chosen = [one for one in waiting if (one.case.id in set(wanted) if wanted else not one.batched)]
    left: dict[CaseId, str] = {}
    going: list[CaseId] = []
    bare = [one for one in chosen if one.case.new_token_id is None and not one.choice_open]
    shelf = house.look(institution_id, lambda uow: _shelf(branch_id, len(bare), uow=uow, now=house.clock.now()))
    for one in chosen:
        if one.case.new_token_id is not None:
            going.append(one.case.id)
        elif one.choice_open:
            left[one.case.id] = CHOICE_OPEN
        elif _set_aside(institution_id, one.case.id, operator, shelf, house=house):
            going.append(one.case.id)
        else:
            left[one.case.id] = NO_STOCK
    unknown = {key: "nothing_to_send" for key in wanted if key not in {one.case.id for one in chosen}}
    if not going:
        raise EmptyBatch("nothing can be sent from there")
    ask = MakeBatch(case_ids=going, branch_id=branch_id, operator=operator)
    made = house.do(institution_id, lambda desk: make_batch(ask, desk=desk))
    return Gathered(batch=made.batch, left={**unknown, **left, **made.left})


def _set_aside(institution_id: InstitutionId, key: CaseId, operator: Operator, shelf: list[str], *, house: House) -> bool:
    """Whether a device was found; one that somebody else took meanwhile is passed over."""
    while shelf:
        ask = ReserveDevice(case_id=key, serial=shelf[0], operator=operator)
        try:
            house.do(institution_id, lambda desk, ask=ask: reserve_device(ask, desk=desk))  # type: ignore[misc]
        except NotThisDevice:
            shelf.pop(0)
            continue
        except OtpwardError:  # the case moved on, or it is the operator's own
            return False
        shelf.pop(0)
        return True
    return False


def _shelf(branch_id: BranchId, wanted: int, *, uow: UnitOfWork, now: datetime) -> list[str]:
    """As many serial numbers as are wanted and some more, if there are, the longest on the shelf first."""
    return [one.serial for one in see_shelf(branch_id, uow=uow, now=now, limit=2 * wanted + _SPARE)] if wanted else []
