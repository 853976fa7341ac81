"""A parcel is handed in at the post office, under its registered-mail number."""

from dataclasses import dataclass, replace
from uuid import UUID

from otpward.clerk.cases import move_case
from otpward.clerk.notices import tell
from otpward.clerk.parcels import refuse_unsendable
from otpward.clerk.tokens import move_token
from otpward.core.audit import Actor, AuditEvent
from otpward.core.formats.tracking import check_tracking_number
from otpward.core.lifecycle.case import CaseEvent
from otpward.core.lifecycle.others import ShipmentEvent, advance_shipment
from otpward.core.lifecycle.token import TokenEvent
from otpward.core.model.delivery import Shipment
from otpward.core.model.member import Operator
from otpward.core.policy.envelopes import Misfit
from otpward.core.policy.notices import NoticeKind
from otpward.core.policy.roles import Permission, require
from otpward.ports.desk import Desk
from otpward.services.deliver.number_parcel import put_number
from otpward.services.deliver.plan_shipment import InABatch
from otpward.services.deliver.scan_in import WrongEnvelope


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """The operator scanned the device into its envelope and typed the number on the label."""

    shipment_id: UUID
    operator: Operator
    serial: str
    tracking_number: str


def dispatch(ask: Dispatch, *, desk: Desk) -> Shipment:
    """A parcel that goes alone, on its way; the member is told the number.

    Raises:
        Invalid: not a tracking number (field `tracking_number`).
        NumberTaken: it is on another parcel (field `tracking_number`).
        WrongEnvelope: another device than the one of this parcel (field `serial`).
        InABatch: it is packed with others, and leaves with them.
        FeeDue: its fee is neither paid nor waived.
        Denied, IllegalTransition: not this role, not in this state.
    """
    require(ask.operator.role, Permission.SHIP)
    number = check_tracking_number(ask.tracking_number)
    with desk.uow as uow:
        shipment = uow.shipments.get(ask.shipment_id)
        if uow.tokens.get(shipment.token_id).serial != ask.serial.strip():
            raise WrongEnvelope(Misfit.ANOTHER_CASE)
        if shipment.batch_id is not None:
            raise InABatch("packed with others")
        advance_shipment(shipment.state, ShipmentEvent.DISPATCH)
        numbered = put_number(replace(shipment, packed_at=desk.now), number, desk=desk)
        sent = send_off(numbered, desk=desk, by=ask.operator.actor)
        uow.commit()
    return sent


def send_off(shipment: Shipment, *, desk: Desk, by: Actor) -> Shipment:
    """The parcel with the carrier, its device and its case likewise; the member is told. The caller commits.

    Raises:
        NothingToSend, FeeDue, IllegalTransition.
    """
    uow = desk.uow
    state = advance_shipment(shipment.state, ShipmentEvent.DISPATCH)
    case = uow.cases.get(shipment.case_id)
    refuse_unsendable(case, shipment, desk=desk)
    gone = replace(shipment, state=state, dispatched_at=desk.now, heard_at=desk.now, ask_at=desk.now, look_at=None)
    sent = uow.shipments.save(gone)
    token = uow.tokens.get(shipment.token_id)
    move_token(token, TokenEvent.DISPATCH, AuditEvent.TOKEN_DISPATCHED, desk=desk, by=by, case_id=shipment.case_id)
    case = move_case(case, CaseEvent.SEND_OUT, desk=desk, by=by)
    member = uow.members.get(case.member_id)
    tell(member, NoticeKind.CASE_SENT, desk=desk, case_id=case.id, tracking=shipment.tracking_number)
    return sent
