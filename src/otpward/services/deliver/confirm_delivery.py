"""A parcel arrived, or came back: said by the carrier, or by staff."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from otpward.clerk.cases import move_case
from otpward.clerk.notices import tell
from otpward.clerk.tokens import move_token
from otpward.core.audit import Actor, AuditEvent
from otpward.core.lifecycle.case import CaseEvent, CaseState
from otpward.core.lifecycle.others import ShipmentEvent, ShipmentState, advance_shipment
from otpward.core.lifecycle.token import TokenEvent
from otpward.core.model.delivery import Shipment
from otpward.core.policy.notices import NoticeKind
from otpward.ports.carrier import ParcelState, Tracking
from otpward.ports.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmDelivery:
    """Where the parcel is now. `at` is the carrier's time, or now."""

    shipment_id: UUID
    state: ParcelState
    at: datetime
    place: str
    by: Actor


def confirm_delivery(ask: ConfirmDelivery, *, desk: Desk) -> Shipment:
    """The shipment as the carrier says. Delivered: the case is received and the token issued, still dead. Returned: the
    token is quarantined, and missing, it is given up; the case waits for another device. Anything else only notes the place.
    A parcel whose way is over stays as it is."""
    with desk.uow as uow:
        shipment = uow.shipments.get(ask.shipment_id)
        if shipment.state is not ShipmentState.DISPATCHED:
            return shipment
        noted = replace(shipment, place=ask.place[:200], checked_at=desk.now)
        if ask.state is ParcelState.DELIVERED:
            saved = _delivered(noted, ask, desk=desk)
        elif ask.state is ParcelState.RETURNED:
            saved = _gone(
                noted, ask, ShipmentEvent.RETURN, TokenEvent.RETURN_TO_SENDER, AuditEvent.TOKEN_QUARANTINED, desk=desk
            )
        elif ask.state is ParcelState.MISSING:
            saved = _gone(noted, ask, ShipmentEvent.LOSE, TokenEvent.GO_MISSING, AuditEvent.TOKEN_RETIRED, desk=desk)
        else:
            saved = uow.shipments.save(noted)
        uow.commit()
    return saved


def tracked(shipment_id: UUID, tracking: Tracking, by: Actor) -> ConfirmDelivery:
    """What a carrier's answer says about one of our parcels."""
    return ConfirmDelivery(shipment_id=shipment_id, state=tracking.state, at=tracking.at, place=tracking.place, by=by)


def _delivered(shipment: Shipment, ask: ConfirmDelivery, *, desk: Desk) -> Shipment:
    uow = desk.uow
    saved = uow.shipments.save(
        replace(shipment, state=advance_shipment(shipment.state, ShipmentEvent.DELIVER), ended_at=ask.at)
    )
    token = uow.tokens.get(saved.token_id)
    move_token(token, TokenEvent.DELIVER, AuditEvent.TOKEN_DELIVERED, desk=desk, by=ask.by, case_id=saved.case_id)
    case = uow.cases.get(saved.case_id)
    if case.state is CaseState.IN_TRANSIT:
        move_case(case, CaseEvent.RECEIVE, desk=desk, by=ask.by)
        tell(uow.members.get(case.member_id), NoticeKind.CASE_DELIVERED, desk=desk)
    return saved


def _gone(
    shipment: Shipment, ask: ConfirmDelivery, way: ShipmentEvent, fate: TokenEvent, written: AuditEvent, *, desk: Desk
) -> Shipment:
    """The parcel did not arrive: its device is set aside or given up, and its case waits for another one."""
    uow = desk.uow
    saved = uow.shipments.save(replace(shipment, state=advance_shipment(shipment.state, way), ended_at=ask.at))
    token = uow.tokens.get(saved.token_id)
    move_token(token, fate, written, desk=desk, by=ask.by, case_id=saved.case_id)
    uow.devices.save(replace(uow.devices.get(token.id), case_id=None))
    case = uow.cases.get(saved.case_id)
    if case.state is CaseState.IN_TRANSIT:
        move_case(case, CaseEvent.COME_BACK, desk=desk, by=ask.by, new_token_id=None)
    return saved
