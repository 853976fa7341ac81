"""The carrier is asked where our parcels are."""

from dataclasses import replace
from uuid import UUID

from otpward.core.audit import Actor, ActorKind
from otpward.core.errors import Conflict, Invalid, NotFound, Unavailable
from otpward.core.ids import InstitutionId
from otpward.core.lifecycle.others import ShipmentState
from otpward.ports.carrier import Carrier
from otpward.ports.desk import Desk, House
from otpward.services.deliver.confirm_delivery import confirm_delivery, tracked

_BY = Actor(kind=ActorKind.SYSTEM, source="carrier")
_AT_A_TIME = 200


def follow_parcels(institution_id: InstitutionId, *, house: House, carrier: Carrier) -> int:
    """Ask for each parcel on its way, those asked for longest ago first; how many were answered.

    A parcel that the carrier does not know yet, or whose arrival cannot be filed (its device was written off meanwhile), is
    asked for again next time; when the carrier is down, the round ends.
    """
    parcels = house.look(
        institution_id,
        lambda uow: uow.shipments.find(state=ShipmentState.DISPATCHED, order="checked_at", limit=_AT_A_TIME),
    )
    answered = 0
    for parcel in parcels:
        try:
            ask = tracked(parcel.id, carrier.track(parcel.tracking_number), _BY)
            house.do(institution_id, lambda desk, ask=ask: confirm_delivery(ask, desk=desk))  # type: ignore[misc]
        except (NotFound, Invalid, Conflict):
            _pass_over(institution_id, parcel.id, house=house)
            continue
        except Unavailable:
            _pass_over(institution_id, parcel.id, house=house)
            break
        answered += 1
    return answered


def _pass_over(institution_id: InstitutionId, parcel_id: UUID, *, house: House) -> None:
    """Put the parcel at the end of the line, so that it does not hold up the others."""
    house.do(institution_id, lambda desk: _note_look(parcel_id, desk=desk))


def _note_look(parcel_id: UUID, *, desk: Desk) -> None:
    with desk.uow as uow:
        uow.shipments.save(replace(uow.shipments.get(parcel_id), checked_at=desk.now))
        uow.commit()
