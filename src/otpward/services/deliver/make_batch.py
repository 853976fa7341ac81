"""Parcels of one place are gathered into a batch, in the order in which their devices are picked from the shelf."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from otpward.clerk.fees import FeeDue, refuse_unpaid
from otpward.clerk.parcels import NothingToSend, plan_parcel, refuse_elsewhere
from otpward.core.audit import AuditEvent
from otpward.core.errors import Conflict, Invalid, NotFound
from otpward.core.ids import BranchId, CaseId
from otpward.core.lifecycle.batch import BatchState
from otpward.core.lifecycle.others import ShipmentState
from otpward.core.model.delivery import Shipment
from otpward.core.model.member import Operator
from otpward.core.model.shipping import Batch
from otpward.core.policy.roles import Permission, require
from otpward.ports.desk import Desk

MOST: Final = 500
"""One box for the post office; what is more goes into the next batch."""
_OPEN = frozenset({ShipmentState.PLANNED, ShipmentState.PACKED})


class EmptyBatch(Conflict):
    """None of these applications can be sent from there now."""

    code = "empty_batch"


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeBatch:
    """These applications are to be sent together from this branch."""

    case_ids: Sequence[CaseId]
    branch_id: BranchId
    operator: Operator


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The batch, and of the applications that are not in it, why: a code each."""

    batch: Batch
    left: Mapping[CaseId, str] = field(default_factory=dict)


def make_batch(ask: MakeBatch, *, desk: Desk) -> Gathered:
    """A batch of every parcel that can go; the others are named with their reason.

    Raises:
        Invalid: more than a batch holds (field `cases`).
        EmptyBatch: none can go.
        Denied: not this role, not this branch.
    """
    require(ask.operator.role, Permission.SHIP)
    refuse_elsewhere(ask.operator, ask.branch_id)
    wanted = list(dict.fromkeys(ask.case_ids))
    if len(wanted) > MOST:
        raise Invalid(f"a batch holds {MOST} parcels", field="cases")
    left: dict[CaseId, str] = {}
    parcels: list[Shipment] = []
    with desk.uow as uow:
        uow.branches.get(ask.branch_id)
        for key in wanted:
            try:
                parcels.append(_parcel(key, ask, desk=desk))
            except (NothingToSend, FeeDue, NotFound, _NotHere) as error:
                left[key] = error.code
        if not parcels:
            raise EmptyBatch("nothing to send from there")
        batch = _batch(ask, len(parcels), desk=desk)
        uow.batches.add(batch)
        for position, parcel in enumerate(_picked(parcels, desk=desk), 1):
            uow.shipments.save(replace(parcel, batch_id=batch.id, position=position, packed_at=None, look_at=None))
        by = ask.operator.actor
        detail = {"parcels": len(parcels)}
        uow.audit.append(AuditEvent.BATCH_MADE, batch, by=by, at=desk.now, institution_id=batch.institution_id, detail=detail)
        uow.commit()
    return Gathered(batch=batch, left=left)


class _NotHere(Conflict):
    """Its device lies at another branch, or its parcel is in a batch or gone."""

    code = "not_here"


def _parcel(key: CaseId, ask: MakeBatch, *, desk: Desk) -> Shipment:
    case = desk.uow.cases.get(key)
    parcel = plan_parcel(case, desk=desk, operator=ask.operator)
    refuse_unpaid(case, desk=desk)
    if parcel.branch_id != ask.branch_id or parcel.batch_id is not None or parcel.state not in _OPEN:
        raise _NotHere("not here")
    return parcel


def _picked(parcels: Sequence[Shipment], *, desk: Desk) -> list[Shipment]:
    """In the order of the shelf: model by model, then by serial number."""
    uow = desk.uow
    place = {one.id: (uow.devices.get(one.token_id).model, uow.tokens.get(one.token_id).serial) for one in parcels}
    return sorted(parcels, key=lambda one: place[one.id])


def _batch(ask: MakeBatch, parcels: int, *, desk: Desk) -> Batch:
    branch = desk.uow.branches.get(ask.branch_id)
    return Batch(
        id=desk.new_id(),
        institution_id=branch.institution_id,
        number=desk.number("B"),
        branch_id=branch.id,
        state=BatchState.PACKING,
        parcels=parcels,
        made_at=desk.now,
        made_by=ask.operator.member_id,
    )
