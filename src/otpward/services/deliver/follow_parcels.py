"""The carrier is asked where our parcels are: each when its turn has come, and less often the longer nothing is heard."""

from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from otpward.clerk.policy import policy_of
from otpward.core.audit import Actor, ActorKind
from otpward.core.errors import Conflict, Invalid, NotFound, Unavailable
from otpward.core.ids import InstitutionId
from otpward.core.lifecycle.others import ShipmentState
from otpward.core.lifecycle.parcel import ParcelState
from otpward.core.model.delivery import Shipment
from otpward.core.model.shipping import Source
from otpward.core.policy.tracking import PACE, after_a_miss, is_missing, next_question
from otpward.ports.carrier import Carrier
from otpward.ports.desk import Desk, House
from otpward.ports.unit_of_work import Before
from otpward.services.deliver.confirm_delivery import ConfirmDelivery, confirm_delivery, tracked

_BY: Final = Actor(kind=ActorKind.SYSTEM, source="carrier")
_DEADLINE: Final = Actor(kind=ActorKind.SYSTEM, source="deadline")
_AT_A_TIME: Final = 200
_NOW: Final = timedelta(microseconds=1)
"""Due up to and at this moment."""
_SILENCES: Final = 3
"""After so many questions in a row without an answer, the carrier is down: the others keep their turn for the next round."""


def follow_parcels(institution_id: InstitutionId, *, house: House, carrier: Carrier, pace: timedelta = PACE) -> int:
    """Ask for each parcel whose turn it is; how many were answered.

    A parcel that the carrier does not know (yet) is asked for again later and later. When the carrier is down, the round ends:
    nothing is lost, since every parcel keeps its turn, and it shows on each that was asked for in vain. What has not been heard
    of for as many days as policy says is missing.
    """
    now = house.clock.now()
    due = house.look(
        institution_id,
        lambda uow: uow.shipments.find(
            state=ShipmentState.DISPATCHED, ask_at=Before(now + _NOW), order="ask_at", limit=_AT_A_TIME
        ),
    )
    answered = silences = 0
    for parcel in due:
        try:
            ask = tracked(parcel.id, carrier.track(parcel.tracking_number), _BY)
            house.do(institution_id, lambda desk, ask=ask: confirm_delivery(ask, desk=desk))  # type: ignore[misc]
        except (NotFound, Invalid, Conflict):
            house.do(institution_id, lambda desk, key=parcel.id: _missed(key, desk=desk, pace=pace, silent=False))  # type: ignore[misc]
        except Unavailable:
            house.do(institution_id, lambda desk, key=parcel.id: _missed(key, desk=desk, pace=pace, silent=True))  # type: ignore[misc]
            silences += 1
            if silences == _SILENCES:
                break
            continue
        else:
            answered += 1
            house.do(institution_id, lambda desk, key=parcel.id: _answered(key, desk=desk, pace=pace))  # type: ignore[misc]
        silences = 0
    return answered


def _answered(key: UUID, *, desk: Desk, pace: timedelta) -> None:
    """The carrier knows it: asked about again at its pace, unless it has been silent about it for too long."""
    with desk.uow as uow:
        parcel = uow.shipments.get(key)
        if parcel.state is not ShipmentState.DISPATCHED:
            return
        kept = replace(parcel, misses=0, silent_since=None, checked_at=desk.now)
        kept = uow.shipments.save(replace(kept, ask_at=next_question(kept, pace=pace, now=desk.now)))
        late = _is_late(kept, desk=desk)
        uow.commit()
    if late:
        _give_up(kept, desk=desk)


def _missed(key: UUID, *, desk: Desk, pace: timedelta, silent: bool) -> None:
    """No answer, or none about this parcel."""
    with desk.uow as uow:
        parcel = uow.shipments.get(key)
        if parcel.state is not ShipmentState.DISPATCHED:
            return
        since = (parcel.silent_since or desk.now) if silent else None
        ask_at = after_a_miss(parcel.misses + 1, pace=pace, now=desk.now)
        kept = uow.shipments.save(replace(parcel, misses=parcel.misses + 1, silent_since=since, ask_at=ask_at))
        late = not silent and _is_late(kept, desk=desk)
        uow.commit()
    if late:
        _give_up(kept, desk=desk)


def _is_late(parcel: Shipment, *, desk: Desk) -> bool:
    days = policy_of(desk.uow.cases.get(parcel.case_id), uow=desk.uow, now=desk.now).post.missing_days
    return is_missing(parcel, after_days=days, now=desk.now)


def _give_up(parcel: Shipment, *, desk: Desk) -> None:
    ask = ConfirmDelivery(
        shipment_id=parcel.id,
        state=ParcelState.MISSING,
        at=desk.now,
        place="",
        by=_DEADLINE,
        source=Source.DEADLINE,
    )
    confirm_delivery(ask, desk=desk)
