"""A device is scanned into its envelope; a wrong one stops here."""

from dataclasses import dataclass, replace
from typing import ClassVar

from otpward.clerk.parcels import note, refuse_unsendable
from otpward.core.audit import AuditEvent
from otpward.core.errors import Conflict, Invalid
from otpward.core.lifecycle.others import ShipmentEvent, ShipmentState, advance_shipment
from otpward.core.model.delivery import Shipment
from otpward.core.model.member import Operator
from otpward.core.model.token import Token
from otpward.core.policy.envelopes import Misfit, misfit_of
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import UnitOfWork
from otpward.services.deliver.batches import change_batch, parcel_of, parcels_of

SERIAL_LONGEST = 128


class WrongEnvelope(Conflict):
    """The scanned device does not belong into this envelope; `misfit` says why. `belongs` is the place of the envelope that it
    belongs into, where that is one of this batch."""

    code: ClassVar[str] = "wrong_envelope"

    def __init__(self, misfit: Misfit, *, belongs: int | None = None) -> None:
        super().__init__(f"not the device of this parcel: {misfit}", field="serial")
        self.misfit = misfit
        self.belongs = belongs


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanIn:
    """The operator has this envelope in hand, and scanned this device."""

    batch: str
    position: int
    serial: str
    operator: Operator


def scan_in(ask: ScanIn, *, desk: Desk) -> Shipment:
    """The packed parcel.

    Raises:
        Invalid: nothing was scanned (field `serial`).
        WrongEnvelope: another device than the one of this parcel.
        NothingToSend, FeeDue: its application ended meanwhile, or its fee is due.
        NotFound, Denied, IllegalTransition: no such batch or parcel, not this role or branch, handed in already.
    """
    serial = ask.serial.strip()[:SERIAL_LONGEST]
    if not serial:
        raise Invalid("nothing was scanned", field="serial")
    with desk.uow as uow:
        batch = change_batch(ask.batch, ask.operator, desk=desk)
        parcel = parcel_of(batch, ask.position, desk=desk)
        refuse_unsendable(uow.cases.get(parcel.case_id), parcel, desk=desk)
        token = device_of(serial, uow=uow)
        device = None if token is None else uow.devices.get(token.id)
        envelopes = {one.token_id: one for one in parcels_of(batch, uow=uow)}
        misfit = misfit_of(token, device, envelope=parcel, batch=envelopes, branch_id=batch.branch_id)
        if misfit is not None:
            neighbour = envelopes.get(token.id) if token is not None else None
            raise WrongEnvelope(misfit, belongs=neighbour.position if neighbour is not None else None)
        state = parcel.state
        if state is ShipmentState.PLANNED:
            state = advance_shipment(state, ShipmentEvent.PACK)
        packed = uow.shipments.save(replace(parcel, state=state, packed_at=desk.now))
        note(packed, AuditEvent.SHIPMENT_PACKED, desk=desk, operator=ask.operator, place=packed.position)
        uow.commit()
    return packed


def device_of(serial: str, *, uow: UnitOfWork) -> Token | None:
    """The device with this serial number, however the scanner spells its letters."""
    spelled = dict.fromkeys([serial, serial.upper(), serial.replace(" ", "")])
    return next((token for one in spelled if (token := uow.tokens.first(serial=one)) is not None), None)
