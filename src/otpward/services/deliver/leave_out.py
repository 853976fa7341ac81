"""A parcel is taken out of its batch, or the whole batch is dissolved; nothing is lost, each can go into another."""

from dataclasses import dataclass, replace

from otpward.clerk.parcels import note, unbatched
from otpward.core.audit import AuditEvent
from otpward.core.lifecycle.batch import BatchEvent, advance_batch
from otpward.core.lifecycle.others import ShipmentState
from otpward.core.model.member import Operator
from otpward.core.model.shipping import Batch
from otpward.ports.desk import Desk
from otpward.services.deliver.batches import change_batch, parcel_of, parcels_of, take_batch
from otpward.services.deliver.print_labels import close_labels


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveOut:
    """This envelope stays here; without `position`, all of them."""

    batch: str
    operator: Operator
    position: int | None = None


def leave_out(ask: LeaveOut, *, desk: Desk) -> Batch:
    """The batch without it; without any, it is dissolved.

    Raises:
        NotFound, Denied, IllegalTransition: no such batch or parcel, not this role or branch, handed in already.
    """
    with desk.uow as uow:
        if ask.position is None:
            batch = take_batch(ask.batch, ask.operator, desk=desk)
            state = advance_batch(batch.state, BatchEvent.DISSOLVE)
            out = parcels_of(batch, uow=uow)
        else:
            batch = change_batch(ask.batch, ask.operator, desk=desk)
            state = advance_batch(batch.state, BatchEvent.CHANGE)
            out = [parcel_of(batch, ask.position, desk=desk)]
        for parcel in out:
            if parcel.state is not ShipmentState.DISPATCHED:
                uow.shipments.save(unbatched(parcel))
                note(parcel, AuditEvent.SHIPMENT_LEFT_OUT, desk=desk, operator=ask.operator, batch=batch.number)
        left = len(parcels_of(batch, uow=uow))
        if not left:
            state = advance_batch(batch.state, BatchEvent.DISSOLVE)
        batch = uow.batches.save(replace(batch, state=state, parcels=left))
        batch = close_labels(batch, desk=desk)
        if not left:
            by = ask.operator.actor
            uow.audit.append(AuditEvent.BATCH_DISSOLVED, batch, by=by, at=desk.now, institution_id=batch.institution_id)
        uow.commit()
    return batch
