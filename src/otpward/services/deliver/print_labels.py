"""The label sheet is printed, once every device is in its envelope; a second time, or one label of it, is written down. A label
whose number changed is void until it was printed anew."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from otpward.clerk.parcels import note, refuse_unsendable
from otpward.core.audit import AuditEvent
from otpward.core.errors import Conflict, OtpwardError
from otpward.core.lifecycle.batch import BatchEvent, BatchState, advance_batch
from otpward.core.lifecycle.others import ShipmentState
from otpward.core.model.delivery import Shipment
from otpward.core.model.member import Operator
from otpward.core.model.shipping import Batch
from otpward.ports.desk import Desk
from otpward.services.deliver.batches import parcel_of, parcels_of, take_batch


class NotAllMatch(Conflict):
    """An envelope is empty, has no number, or its application ended; `positions` are their places."""

    code: ClassVar[str] = "not_all_match"

    def __init__(self, positions: Sequence[int]) -> None:
        super().__init__(f"{len(positions)} envelopes are not ready", field="labels")
        self.positions = tuple(positions)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintLabels:
    """The labels of a batch; with `position`, that one alone, once more."""

    batch: str
    operator: Operator
    position: int | None = None


def print_labels(ask: PrintLabels, *, desk: Desk) -> tuple[Batch, list[Shipment]]:
    """The parcels whose labels are printed now, in the order of the pick list.

    Raises:
        NotAllMatch: not every envelope is ready.
        NotFound, Denied, IllegalTransition: no such batch or parcel, not this role or branch, dissolved; one label of a sheet
            that was never printed.
    """
    with desk.uow as uow:
        batch = take_batch(ask.batch, ask.operator, desk=desk)
        if ask.position is not None:
            parcel = _again(batch, ask.position, desk=desk)
            if batch.state is not BatchState.HANDED_IN:
                parcel = uow.shipments.save(replace(parcel, labelled_at=desk.now))
                batch = close_labels(batch, desk=desk)
            note(parcel, AuditEvent.SHIPMENT_LABEL_AGAIN, desk=desk, operator=ask.operator, number=parcel.tracking_number)
            uow.commit()
            return batch, [parcel]
        parcels = parcels_of(batch, uow=uow)
        event = AuditEvent.BATCH_PRINTED_AGAIN if batch.printed else AuditEvent.BATCH_PRINTED
        if batch.state is not BatchState.HANDED_IN:
            unready = [one.position for one in parcels if not ready(one, desk=desk)]
            if unready:
                raise NotAllMatch(unready)
            parcels = [_labelled(one, desk=desk) for one in parcels]
            batch = replace(batch, state=advance_batch(batch.state, BatchEvent.PRINT_LABELS))
        batch = uow.batches.save(replace(batch, printed=batch.printed + 1, printed_at=desk.now))
        by, detail = ask.operator.actor, {"labels": len(parcels)}
        uow.audit.append(event, batch, by=by, at=desk.now, institution_id=batch.institution_id, detail=detail)
        uow.commit()
    return batch, parcels


def _again(batch: Batch, position: int, *, desk: Desk) -> Shipment:
    parcel = parcel_of(batch, position, desk=desk)
    if not batch.printed or parcel.packed_at is None or not parcel.tracking_number:
        raise NotAllMatch([position])
    return parcel


def _labelled(parcel: Shipment, *, desk: Desk) -> Shipment:
    if parcel.state is ShipmentState.DISPATCHED:
        return parcel
    return desk.uow.shipments.save(replace(parcel, labelled_at=desk.now))


def close_labels(batch: Batch, *, desk: Desk) -> Batch:
    """The batch, ready to be handed in again once each of its parcels bears the label of its own number."""
    parcels = parcels_of(batch, uow=desk.uow)
    if batch.state is not BatchState.PACKING or not parcels or not all(one.labelled_at for one in parcels):
        return batch
    if not all(ready(one, desk=desk) for one in parcels):
        return batch
    return desk.uow.batches.save(replace(batch, state=advance_batch(batch.state, BatchEvent.PRINT_LABELS)))


def ready(parcel: Shipment, *, desk: Desk) -> bool:
    """Whether its device is in it, its number on it, and its application still waits for it."""
    if parcel.packed_at is None or not parcel.tracking_number:
        return False
    try:
        refuse_unsendable(desk.uow.cases.get(parcel.case_id), parcel, desk=desk)
    except OtpwardError:
        return False
    return True
