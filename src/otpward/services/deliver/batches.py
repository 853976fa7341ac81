"""A batch with its parcels, as every act on it begins: found, at the operator's own branch, and not gone yet."""

from typing import Final

from otpward.clerk.parcels import refuse_elsewhere
from otpward.core.errors import NotFound
from otpward.core.lifecycle.batch import BatchEvent, BatchState, advance_batch
from otpward.core.model.delivery import Shipment
from otpward.core.model.member import Operator
from otpward.core.model.shipping import Batch
from otpward.core.policy.roles import Permission, require
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import UnitOfWork

OPEN: Final = frozenset({BatchState.PACKING, BatchState.LABELLED})


def parcels_of(batch: Batch, *, uow: UnitOfWork) -> list[Shipment]:
    """Its parcels, in the order of the pick list."""
    return uow.shipments.find(batch_id=batch.id, order="position")


def take_batch(number: str, operator: Operator, *, desk: Desk) -> Batch:
    """The batch of this number, for somebody who packs here.

    Raises:
        NotFound: there is none.
        Denied: not this role, not this branch.
    """
    require(operator.role, Permission.SHIP)
    batch = desk.uow.batches.first(number=number)
    if batch is None:
        raise NotFound("no such batch")
    refuse_elsewhere(operator, batch.branch_id)
    return batch


def change_batch(number: str, operator: Operator, *, desk: Desk) -> Batch:
    """The same, where something in it is changed; raises also `IllegalTransition` once it was handed in."""
    batch = take_batch(number, operator, desk=desk)
    advance_batch(batch.state, BatchEvent.CHANGE)
    return batch


def parcel_of(batch: Batch, position: int, *, desk: Desk) -> Shipment:
    """The parcel at this place of the pick list; raises `NotFound`."""
    parcel = desk.uow.shipments.first(batch_id=batch.id, position=position)
    if parcel is None:
        raise NotFound("no such parcel in this batch")
    return parcel
