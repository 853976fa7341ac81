"""A device is found by what was scanned, and put somewhere without its token changing its state."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from otpward.core.audit import Actor, AuditEvent
from otpward.core.errors import Denied, Invalid
from otpward.core.ids import BranchId, MemberId
from otpward.core.lifecycle.place import Place
from otpward.core.model.member import Operator
from otpward.core.model.token import Device, Token
from otpward.core.policy.roles import Permission, require
from otpward.core.policy.stock import REASON_LONGEST
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import UnitOfWork

_SERIAL_LONGEST = 128


def find_scanned(text: str, *, uow: UnitOfWork) -> tuple[Token | None, Device | None]:
    """The device behind what a scanner typed: as it is, or in capitals."""
    serial = text.strip()[:_SERIAL_LONGEST]
    token = (uow.tokens.first(serial=serial) or uow.tokens.first(serial=serial.upper())) if serial else None
    return token, None if token is None else uow.devices.get(token.id)


def put_device(
    device: Device,
    place: Place,
    written: AuditEvent,
    *,
    desk: Desk,
    by: Actor,
    branch_id: BranchId | None = None,
    holder_id: MemberId | None = None,
    transfer_id: UUID | None = None,
    detail: Mapping[str, str | int] | None = None,
) -> Device:
    """The device at this place, with this custodian, saved and audited. Its branch stays the one it had, if none is given."""
    moved = desk.uow.devices.save(
        replace(
            device,
            place=place,
            branch_id=branch_id or device.branch_id,
            holder_id=holder_id,
            transfer_id=transfer_id,
        )
    )
    token = desk.uow.tokens.get(device.id)
    desk.uow.audit.append(written, token, by=by, at=desk.now, institution_id=device.institution_id, detail=detail)
    return moved


def take_back(token: Token, *, branch_id: BranchId | None, desk: Desk, by: Actor, case_id: UUID | None = None) -> Device:
    """A retired device that a member gives back lies in this branch's quarantine until it is destroyed."""
    device = desk.uow.devices.get(token.id)
    if device.place is not Place.MEMBER:
        return device
    detail: Mapping[str, str | int] = {} if case_id is None else {"case": str(case_id)}
    return put_device(
        device, Place.QUARANTINE, AuditEvent.TOKEN_TAKEN_BACK, desk=desk, by=by, branch_id=branch_id, detail=detail
    )


def keeper_of(operator: Operator, branch_id: BranchId | None) -> Actor:
    """Who keeps the stock of this branch: whoever may, and sits there or nowhere in particular; raises `Denied`."""
    require(operator.role, Permission.KEEP_STOCK)
    if operator.branch_id is not None and branch_id != operator.branch_id:
        raise Denied("it is another branch's stock")
    return operator.actor


def said_why(reason: str) -> str:
    """The reason, as it is kept; raises `Invalid` (field `reason`) if there is none."""
    kept = " ".join(reason.split())
    if not kept or len(kept) > REASON_LONGEST:
        raise Invalid("say why, in up to 200 characters", field="reason")
    return kept
