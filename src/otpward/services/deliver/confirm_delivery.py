"""What is said of a parcel, by the carrier or by staff: kept word by word, and done as the table of readings says."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from otpward.clerk.cases import move_case
from otpward.clerk.notices import tell
from otpward.clerk.tokens import move_token
from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.lifecycle.case import CaseEvent, CaseState
from otpward.core.lifecycle.others import advance_shipment
from otpward.core.lifecycle.parcel import MOVES, RANK, Reading, read_event
from otpward.core.lifecycle.token import TokenEvent, TokenState
from otpward.core.model.delivery import Shipment
from otpward.core.model.shipping import ParcelEvent, Source
from otpward.core.policy.notices import NoticeKind
from otpward.ports.carrier import Moment, ParcelState, Tracking
from otpward.ports.desk import Desk

_MOMENTS: Final = 100
"""No letter has so many; the newest count."""
_PLACE_LONGEST: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmDelivery:
    """Where the parcel is now. `at` is the carrier's time, or now; `history` what went before, where it is told."""

    shipment_id: UUID
    state: ParcelState
    at: datetime
    place: str
    by: Actor
    source: Source | None = None
    history: Sequence[Moment] = ()


def confirm_delivery(ask: ConfirmDelivery, *, desk: Desk) -> Shipment:
    """The shipment as the carrier says. Delivered: the case is received and the token issued, still dead. Returned: the
    token is quarantined, and missing, it is given up; the case waits for another device, and the member is told. What is on the
    way only notes the place. What contradicts what is known is kept for a person to look at. The same word twice is one."""
    with desk.uow as uow:
        shipment = uow.shipments.get(ask.shipment_id)
        told = [*ask.history, Moment(state=ask.state, at=ask.at, place=ask.place)]
        known = {(one.state, one.at) for one in uow.parcel_events.find(shipment_id=shipment.id)}
        newest = max((at for _, at in known), default=None)
        fresh = {(one.state, one.at): one for one in told if (one.state, one.at) not in known}
        for moment in sorted(fresh.values(), key=lambda one: (one.at, RANK[one.state]))[-_MOMENTS:]:
            newer = newest is None or moment.at >= newest
            shipment = _hear(shipment, moment, ask, newer=newer, desk=desk)
        if fresh:
            uow.commit()
    return shipment


def tracked(shipment_id: UUID, tracking: Tracking, by: Actor) -> ConfirmDelivery:
    """What a carrier's answer says about one of our parcels."""
    return ConfirmDelivery(
        shipment_id=shipment_id,
        state=tracking.state,
        at=tracking.at,
        place=tracking.place,
        by=by,
        source=Source.ASKED,
        history=tracking.history,
    )


def _hear(shipment: Shipment, moment: Moment, ask: ConfirmDelivery, *, newer: bool, desk: Desk) -> Shipment:
    """One word more in the history, and what it does."""
    reading = read_event(shipment.state, moment.state)
    source = ask.source or (Source.STAFF if ask.by.kind is ActorKind.STAFF else Source.TOLD)
    place = moment.place[:_PLACE_LONGEST]
    desk.uow.parcel_events.add(
        ParcelEvent(
            id=desk.new_id(),
            institution_id=shipment.institution_id,
            shipment_id=shipment.id,
            state=moment.state,
            at=moment.at,
            heard_at=desk.now,
            source=source,
            did=reading,
            place=place,
        )
    )
    heard_at = min(moment.at, desk.now)  # a clock that goes ahead must not keep a parcel from counting as missing
    if shipment.heard_at is not None:
        heard_at = max(heard_at, shipment.heard_at)
    shipment = replace(shipment, place=place if newer else shipment.place, heard_at=heard_at, checked_at=desk.now)
    if reading in MOVES:
        return _move(shipment, moment, reading, ask.by, desk=desk)
    if reading is Reading.LOOK:
        desk.uow.audit.append(
            AuditEvent.SHIPMENT_CONTRADICTED,
            shipment,
            by=ask.by,
            at=desk.now,
            institution_id=shipment.institution_id,
            case_id=shipment.case_id,
            result=moment.state,
            detail={"state": shipment.state.value},
        )
        shipment = replace(shipment, look_at=desk.now)
    return desk.uow.shipments.save(shipment)


def _move(shipment: Shipment, moment: Moment, reading: Reading, by: Actor, *, desk: Desk) -> Shipment:
    state = advance_shipment(shipment.state, MOVES[reading])
    saved = desk.uow.shipments.save(
        replace(shipment, state=state, ended_at=moment.at, ask_at=None, silent_since=None, misses=0)
    )
    if reading is Reading.DELIVER:
        return _delivered(saved, by, desk=desk)
    if reading is Reading.RETURN:
        fate, written, said = TokenEvent.RETURN_TO_SENDER, AuditEvent.TOKEN_QUARANTINED, NoticeKind.CASE_RETURNED
    else:
        fate, written, said = TokenEvent.GO_MISSING, AuditEvent.TOKEN_RETIRED, NoticeKind.CASE_MISSING
    return _gone(saved, by, fate, written, said, desk=desk)


def _delivered(saved: Shipment, by: Actor, *, desk: Desk) -> Shipment:
    uow = desk.uow
    token = uow.tokens.get(saved.token_id)
    move_token(token, TokenEvent.DELIVER, AuditEvent.TOKEN_DELIVERED, desk=desk, by=by, case_id=saved.case_id)
    case = uow.cases.get(saved.case_id)
    if case.state is CaseState.IN_TRANSIT:
        move_case(case, CaseEvent.RECEIVE, desk=desk, by=by)
        tell(uow.members.get(case.member_id), NoticeKind.CASE_DELIVERED, desk=desk, case_id=case.id)
    return saved


def _gone(saved: Shipment, by: Actor, fate: TokenEvent, written: AuditEvent, said: NoticeKind, *, desk: Desk) -> Shipment:
    """The parcel did not arrive: its device is set aside or given up, and its case waits for another one."""
    uow = desk.uow
    token = uow.tokens.get(saved.token_id)
    if token.state is TokenState.IN_TRANSIT:
        move_token(token, fate, written, desk=desk, by=by, case_id=saved.case_id)
    uow.devices.save(replace(uow.devices.get(token.id), case_id=None))
    case = uow.cases.get(saved.case_id)
    if case.state is CaseState.IN_TRANSIT:
        move_case(case, CaseEvent.COME_BACK, desk=desk, by=by, new_token_id=None)
        tell(uow.members.get(case.member_id), said, desk=desk, case_id=case.id)
    return saved
