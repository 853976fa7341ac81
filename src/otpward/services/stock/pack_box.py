"""A box for another branch is begun, and devices are scanned into it. They stay where they are until it leaves, spoken for."""

from dataclasses import dataclass, replace
from uuid import UUID

from otpward.clerk.places import find_scanned, keeper_of
from otpward.core.audit import AuditEvent
from otpward.core.errors import Conflict, Invalid
from otpward.core.ids import BranchId
from otpward.core.lifecycle.stock import TransferState
from otpward.core.model.member import Operator
from otpward.core.model.stock import StockTransfer
from otpward.core.policy.stock import Scan, scanned
from otpward.ports.desk import Desk
from otpward.services.stock.take_in import Scanned


@dataclass(frozen=True, slots=True, kw_only=True)
class PackBox:
    """A box from this branch to that one."""

    from_branch_id: BranchId
    to_branch_id: BranchId
    operator: Operator


@dataclass(frozen=True, slots=True, kw_only=True)
class PutIn:
    """This serial was scanned for the box; with `out`, it is taken out again."""

    box_id: UUID
    serial: str
    operator: Operator
    out: bool = False


def pack_box(ask: PackBox, *, desk: Desk) -> StockTransfer:
    """An empty box.

    Raises:
        Invalid: to the branch it comes from (field `to`).
        Denied, NotFound: not this role or branch; no such branch.
    """
    by = keeper_of(ask.operator, ask.from_branch_id)
    if ask.from_branch_id == ask.to_branch_id:
        raise Invalid("it lies there already", field="to")
    with desk.uow as uow:
        box = StockTransfer(
            id=desk.new_id(),
            institution_id=uow.branches.get(ask.from_branch_id).institution_id,
            from_branch_id=ask.from_branch_id,
            to_branch_id=uow.branches.get(ask.to_branch_id).id,
            state=TransferState.PACKING,
            begun_at=desk.now,
        )
        uow.transfers.add(box)
        uow.audit.append(AuditEvent.TRANSFER_BEGUN, box, by=by, at=desk.now, institution_id=box.institution_id)
        uow.commit()
    return box


def put_in(ask: PutIn, *, desk: Desk) -> Scanned:
    """Whether the device is in the box now, or out of it again; otherwise what it is.

    Raises:
        Conflict: the box has left.
        Denied, NotFound: not this role or branch; no such box.
    """
    with desk.uow as uow:
        box = uow.transfers.get(ask.box_id)
        keeper_of(ask.operator, box.from_branch_id)
        if box.state is not TransferState.PACKING:
            raise Conflict("the box has left")
        token, device = find_scanned(ask.serial, uow=uow)
        finding = scanned(token, device, box.from_branch_id)
        inside = device is not None and device.transfer_id == box.id
        told = Scan.OTHER_BOX if finding is Scan.BOXED and not inside else Scan.AGAIN if finding is Scan.BOXED else finding
        fits = inside if ask.out else finding is Scan.HERE
        if token is None or device is None or not fits:
            return Scanned(serial=ask.serial.strip(), finding=told, token=token, device=device)
        device = uow.devices.save(replace(device, transfer_id=None if ask.out else box.id))
        uow.transfers.save(replace(box, sent=box.sent + (-1 if ask.out else 1)))
        uow.commit()
    return Scanned(serial=token.serial, finding=Scan.HERE, done=True, token=token, device=device)
