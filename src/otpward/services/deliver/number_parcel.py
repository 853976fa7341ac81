"""A parcel gets its registered number, typed or scanned from the sticker."""

from dataclasses import dataclass, replace
from typing import ClassVar

from otpward.clerk.parcels import note
from otpward.core.audit import AuditEvent
from otpward.core.errors import Conflict
from otpward.core.formats.tracking import check_tracking_number
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
    """The parcel with its number; the same number once more changes nothing.

    Raises:
        Invalid: not a tracking number (field `tracking_number`).
        NumberTaken: it is on another parcel (field `tracking_number`).
        NotFound, Denied, IllegalTransition: no such batch or parcel, not this role or branch, handed in already.
    """
    number = check_tracking_number(ask.tracking_number)
    with desk.uow as uow:
        parcel = parcel_of(change_batch(ask.batch, ask.operator, desk=desk), ask.position, desk=desk)
        saved = put_number(parcel, number, desk=desk)
        note(saved, AuditEvent.SHIPMENT_NUMBERED, desk=desk, operator=ask.operator, number=number)
        uow.commit()
    return saved


def put_number(parcel: Shipment, number: str, *, desk: Desk) -> Shipment:
    """The parcel, saved with this number; raises `NumberTaken`."""
    other = desk.uow.shipments.first(tracking_number=number)
    if other is not None and other.id != parcel.id:
        raise NumberTaken("this number is on another parcel", field="tracking_number")
    return desk.uow.shipments.save(replace(parcel, tracking_number=number, look_at=None))
