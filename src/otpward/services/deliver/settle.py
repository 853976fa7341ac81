"""A person looked at a parcel about which two things were said."""

from dataclasses import dataclass, replace
from uuid import UUID

from otpward.clerk.cases import move_case
from otpward.clerk.notices import tell
from otpward.clerk.parcels import note
from otpward.clerk.tokens import move_token
from otpward.core.audit import AuditEvent
from otpward.core.errors import Conflict
from otpward.core.lifecycle.case import CaseEvent, CaseState
from otpward.core.lifecycle.others import ShipmentState
from otpward.core.lifecycle.token import TokenEvent, TokenState
from otpward.core.model.delivery import Shipment
from otpward.core.model.member import Operator
from otpward.core.policy.envelopes import Misfit
from otpward.core.policy.notices import NoticeKind
from otpward.core.policy.roles import Permission, require
from otpward.ports.desk import Desk
from otpward.services.deliver.scan_in import WrongEnvelope


@dataclass(frozen=True, slots=True, kw_only=True)
class Settle:
    """Somebody looked. `serial` is there if they hold the device in hand: it came back although it was delivered."""

    shipment_id: UUID
    operator: Operator
    serial: str = ""


def settle(ask: Settle, *, desk: Desk) -> Shipment:
    """The parcel, looked at. With its device in hand, that one is quarantined, and the case waits for another; a device that is
    registered already is left to those who stop tokens.

    Raises:
        WrongEnvelope: another device than the one of this parcel (field `serial`).
        Conflict: the device is registered or in use.
        Denied: not this role.
    """
    require(ask.operator.role, Permission.SHIP)
    with desk.uow as uow:
        parcel = uow.shipments.get(ask.shipment_id)
        if ask.serial.strip():
            _take_back(parcel, ask, desk=desk)
        saved = uow.shipments.save(replace(parcel, look_at=None))
        note(saved, AuditEvent.SHIPMENT_SETTLED, desk=desk, operator=ask.operator, back=int(bool(ask.serial.strip())))
        uow.commit()
    return saved


def _take_back(parcel: Shipment, ask: Settle, *, desk: Desk) -> None:
    uow, by = desk.uow, ask.operator.actor
    token = uow.tokens.get(parcel.token_id)
    if token.serial != ask.serial.strip():
        raise WrongEnvelope(Misfit.ANOTHER_CASE)
    if parcel.state is not ShipmentState.DELIVERED:
        return
    if token.state is not TokenState.ISSUED:
        raise Conflict("the device is registered already", field="serial")
    move_token(token, TokenEvent.HAND_BACK, AuditEvent.TOKEN_QUARANTINED, desk=desk, by=by, case_id=parcel.case_id)
    uow.devices.save(replace(uow.devices.get(token.id), case_id=None))
    case = uow.cases.get(parcel.case_id)
    if case.state is CaseState.RECEIVED:
        move_case(case, CaseEvent.COME_BACK, desk=desk, by=by, new_token_id=None)
        tell(uow.members.get(case.member_id), NoticeKind.CASE_RETURNED, desk=desk, case_id=case.id)
