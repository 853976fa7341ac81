"""A parcel is handed in at the post office, under its registered-mail number."""

from dataclasses import dataclass, replace
from uuid import UUID

from otpward.clerk.cases import move_case
from otpward.clerk.fees import refuse_unpaid
from otpward.clerk.notices import tell
from otpward.clerk.tokens import move_token
from otpward.core.audit import AuditEvent
from otpward.core.errors import Conflict
from otpward.core.formats.tracking import check_tracking_number
from otpward.core.lifecycle.case import CaseEvent
from otpward.core.lifecycle.others import ShipmentEvent, advance_shipment
from otpward.core.lifecycle.token import TokenEvent
from otpward.core.model.delivery import Shipment
from otpward.core.model.member import Operator
from otpward.core.policy.notices import NoticeKind
from otpward.core.policy.roles import Permission, require
from otpward.ports.desk import Desk


class WrongEnvelope(Conflict):
    """The scanned device does not belong into this envelope."""

    code = "wrong_envelope"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """The operator scanned the device into its envelope and typed the number on the label."""

    shipment_id: UUID
    operator: Operator
    serial: str
    tracking_number: str


def dispatch(ask: Dispatch, *, desk: Desk) -> Shipment:
    """The parcel on its way; the member is told the number.

    Raises:
        Invalid: not a tracking number (field `tracking_number`).
        WrongEnvelope: another device than the one of this parcel (field `serial`).
        FeeDue: its fee is neither paid nor waived.
        Denied, IllegalTransition: not this role, not in this state.
    """
    require(ask.operator.role, Permission.SHIP)
    number = check_tracking_number(ask.tracking_number)
    by = ask.operator.actor
    with desk.uow as uow:
        shipment = uow.shipments.get(ask.shipment_id)
        token = uow.tokens.get(shipment.token_id)
        if token.serial != ask.serial.strip():
            raise WrongEnvelope("not the device of this parcel", field="serial")
        if uow.shipments.first(tracking_number=number) is not None:
            raise Conflict("this number is on another parcel", field="tracking_number")
        refuse_unpaid(uow.cases.get(shipment.case_id), desk=desk)
        state = advance_shipment(shipment.state, ShipmentEvent.DISPATCH)
        sent = uow.shipments.save(replace(shipment, state=state, tracking_number=number, dispatched_at=desk.now))
        move_token(token, TokenEvent.DISPATCH, AuditEvent.TOKEN_DISPATCHED, desk=desk, by=by, case_id=shipment.case_id)
        case = move_case(uow.cases.get(shipment.case_id), CaseEvent.SEND_OUT, desk=desk, by=by)
        tell(uow.members.get(case.member_id), NoticeKind.CASE_SENT, desk=desk, tracking=number)
        uow.commit()
    return sent
