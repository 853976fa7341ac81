"""A box has come: each device is scanned onto the shelf; what is missing at last is given up."""

from dataclasses import dataclass, replace
from uuid import UUID

from otpward.clerk.places import find_scanned, keeper_of, put_device, said_why
from otpward.clerk.tokens import move_token
from otpward.core.audit import Actor, AuditEvent
from otpward.core.errors import Conflict
from otpward.core.lifecycle.place import Place
from otpward.core.lifecycle.stock import TransferEvent, TransferState, advance_transfer
from otpward.core.lifecycle.token import TokenEvent
from otpward.core.model.member import Operator
from otpward.core.model.stock import StockTransfer
from otpward.core.policy.stock import Scan, scanned
from otpward.ports.desk import Desk
from otpward.services.stock.take_in import Scanned


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveDevice:
    """This serial was scanned where the box arrived."""

    box_id: UUID
    serial: str
    operator: Operator


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseBox:
    """Whatever of it was not scanned is lost, for this reason."""

    box_id: UUID
    reason: str
    operator: Operator


def receive_device(ask: ReceiveDevice, *, desk: Desk) -> Scanned:
    """Whether it lies on this shelf now; otherwise what it is. The last one ends the transfer.

    Raises:
        Conflict: the box has not left, or was received whole.
        Denied, NotFound: not this role or branch; no such box.
    """
    with desk.uow as uow:
        box = uow.transfers.get(ask.box_id)
        by = keeper_of(ask.operator, box.to_branch_id)
        if box.state is not TransferState.SENT:
            raise Conflict("nothing of this box is on its way")
        token, device = find_scanned(ask.serial, uow=uow)
        finding = scanned(token, device, box.to_branch_id)
        if finding is not Scan.TRAVELLING or token is None or device is None or device.transfer_id != box.id:
            told = Scan.OTHER_BOX if finding is Scan.TRAVELLING else Scan.AGAIN if finding is Scan.HERE else finding
            return Scanned(serial=ask.serial.strip(), finding=told, token=token, device=device)
        device = put_device(device, Place.BRANCH, AuditEvent.TOKEN_TAKEN_IN, desk=desk, by=by, branch_id=box.to_branch_id)
        _ended(replace(box, received=box.received + 1), by, desk=desk)
        uow.commit()
    return Scanned(serial=token.serial, finding=Scan.HERE, done=True, token=token, device=device)


def close_box(ask: CloseBox, *, desk: Desk) -> StockTransfer:
    """The transfer, closed; its missing devices written off, and nowhere.

    Raises:
        Invalid: no reason (field `reason`).
        Denied, NotFound, IllegalTransition: not this role or branch; no such box; not on its way.
    """
    reason = said_why(ask.reason)
    with desk.uow as uow:
        box = uow.transfers.get(ask.box_id)
        by = keeper_of(ask.operator, box.to_branch_id)
        closed = replace(box, state=advance_transfer(box.state, TransferEvent.CLOSE), ended_at=desk.now)
        missing = uow.devices.find(place=Place.TRANSFER, transfer_id=box.id)
        for device in missing:
            token = uow.tokens.get(device.id)
            event, written = TokenEvent.WRITE_OFF, AuditEvent.TOKEN_WRITTEN_OFF
            detail: dict[str, str | int] = {"why": reason}
            move_token(token, event, written, desk=desk, by=by, place=Place.LOST, detail=detail, judged=device)
        closed = uow.transfers.save(closed)
        detail = {"missing": len(missing), "why": reason}
        uow.audit.append(
            AuditEvent.TRANSFER_CLOSED, closed, by=by, at=desk.now, institution_id=closed.institution_id, detail=detail
        )
        uow.commit()
    return closed


def _ended(box: StockTransfer, by: Actor, *, desk: Desk) -> None:
    """One more has come; with the last of them the transfer is over."""
    if box.received < box.sent:
        desk.uow.transfers.save(box)
        return
    state = advance_transfer(box.state, TransferEvent.RECEIVE)
    ended = desk.uow.transfers.save(replace(box, state=state, ended_at=desk.now))
    detail = {"devices": box.received}
    desk.uow.audit.append(
        AuditEvent.TRANSFER_RECEIVED, ended, by=by, at=desk.now, institution_id=box.institution_id, detail=detail
    )
