"""A parcel gets its registered number, typed or scanned from the sticker."""

from dataclasses import dataclass, replace
from typing import ClassVar

from otpward.clerk.parcels import note
from otpward.core.audit import AuditEvent
from otpward.core.errors import Conflict, Taken
from otpward.core.formats.tracking import check_tracking_number
from otpward.core.lifecycle.batch import BatchEvent, BatchState, advance_batch
from otpward.core.lifecycle.others import ShipmentEvent, ShipmentState
from otpward.core.lifecycle.table import IllegalTransition
from otpward.core.model.delivery import Shipment
from otpward.core.model.member import Operator
from otpward.ports.desk import Desk
from otpward.services.deliver.batches import change_batch, parcel_of


class NumberTaken(Conflict):
    """The number is on another parcel."""

    code: ClassVar[str] = "number_taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberParcel:
    """This number is on the envelope at this place."""

    batch: str
    position: int
    tracking_number: str
    operator: Operator


def number_parcel(ask: NumberParcel, *, desk: Desk) -> Shipment:
    """The parcel with its number; the same number once more changes nothing. A label that bears another number is void: its
    batch is handed in only once that one, or the sheet, was printed again.

    Raises:
        Invalid: not a tracking number (field `tracking_number`).
        NumberTaken: it is on another parcel (field `tracking_number`).
        NotFound, Denied, IllegalTransition: no such batch or parcel, not this role or branch, handed in already.
    """
    number = check_tracking_number(ask.tracking_number)
    with desk.uow as uow:
        batch = change_batch(ask.batch, ask.operator, desk=desk)
        parcel = parcel_of(batch, ask.position, desk=desk)
        if parcel.tracking_number == number and parcel.look_at is None:
            return parcel
        if parcel.state is ShipmentState.DISPATCHED:  # of a box that was cut off half way: what is gone keeps its number
            raise IllegalTransition(parcel.state, ShipmentEvent.PACK)
        void = {"void": "label"} if parcel.labelled_at is not None else {}
        if batch.state is BatchState.LABELLED:
            uow.batches.save(replace(batch, state=advance_batch(batch.state, BatchEvent.VOID_LABEL)))
        saved = put_number(parcel, number, desk=desk)
        note(saved, AuditEvent.SHIPMENT_NUMBERED, desk=desk, operator=ask.operator, number=number, **void)
        uow.commit()
    return saved


def put_number(parcel: Shipment, number: str, *, desk: Desk) -> Shipment:
    """The parcel, saved with this number and without the label of another; raises `NumberTaken`."""
    other = desk.uow.shipments.first(tracking_number=number)
    taken = NumberTaken("this number is on another parcel", field="tracking_number")
    if other is not None and other.id != parcel.id:
        raise taken
    labelled_at = parcel.labelled_at if parcel.tracking_number == number else None
    try:
        return desk.uow.shipments.save(replace(parcel, tracking_number=number, look_at=None, labelled_at=labelled_at))
    except Taken:  # given to another at this very moment
        raise taken from None
