"""What is said of parcels and batches. Of a person only what their application is called: names and addresses stay inside."""

from typing import Any

from pydantic import BaseModel

from otpward.core.model.delivery import Shipment
from otpward.core.model.shipping import ParcelEvent
from otpward.edges.http.api.said import stamp
from otpward.edges.http.envelopes import Box, Envelope


class EventAnswer(BaseModel):
    """One word about a parcel. `did` is `note`, `deliver`, `return`, `lose`, or `look`: a person must look."""

    state: str
    at: str
    heard_at: str
    source: str
    place: str
    did: str


class ShipmentAnswer(BaseModel):
    """One parcel. `number` is empty until it has one; `needs_look`: what was said contradicts itself."""

    id: str
    number: str
    state: str
    mail_class: str
    case: str
    serial: str
    batch: str | None = None
    position: int | None = None
    packed: bool
    planned_at: str
    dispatched_at: str | None = None
    ended_at: str | None = None
    place: str
    needs_look: bool
    events: list[EventAnswer] | None = None


class ShipmentListAnswer(BaseModel):
    """A page of parcels; `next` is the cursor of the one after it."""

    shipments: list[ShipmentAnswer]
    next: str | None


class BatchAnswer(BaseModel):
    """A batch: `packing`, `labelled`, `handed_in` or `dissolved`. `left`: applications that are not in it, and why; of parcels
    that could not leave, `stuck` says the place and why."""

    batch: str
    branch: str
    state: str
    made_at: str
    handed_in_at: str | None = None
    parcels: list[ShipmentAnswer]
    left: dict[str, str] | None = None
    stuck: dict[str, str] | None = None


def parcel_told(one: Envelope, batch: str | None) -> dict[str, Any]:
    """A parcel, as it is said."""
    parcel: Shipment = one.parcel
    told: dict[str, Any] = {
        "id": str(parcel.id),
        "number": parcel.tracking_number,
        "state": parcel.state.value,
        "mail_class": parcel.mail_class.value,
        "case": one.case.number,
        "serial": one.token.serial,
        "packed": parcel.packed_at is not None,
        "planned_at": stamp(parcel.planned_at),
        "place": parcel.place,
        "needs_look": parcel.look_at is not None,
    }
    more = {"batch": batch, "position": parcel.position or None}
    more |= {"dispatched_at": stamp(parcel.dispatched_at), "ended_at": stamp(parcel.ended_at)}
    return {**told, **{name: value for name, value in more.items() if value is not None}}


def event_told(event: ParcelEvent) -> dict[str, Any]:
    """One word about it."""
    return {
        "state": event.state.value,
        "at": stamp(event.at),
        "heard_at": stamp(event.heard_at),
        "source": event.source.value,
        "place": event.place,
        "did": event.did,
    }


def batch_told(box: Box, **more: Any) -> dict[str, Any]:
    """A batch with its parcels."""
    told: dict[str, Any] = {
        "batch": box.batch.number,
        "branch": box.branch.code,
        "state": box.batch.state.value,
        "made_at": stamp(box.batch.made_at),
        "parcels": [parcel_told(one, box.batch.number) for one in box.envelopes],
    }
    if box.batch.handed_in_at is not None:
        told["handed_in_at"] = stamp(box.batch.handed_in_at)
    return {**told, **{name: value for name, value in more.items() if value}}
