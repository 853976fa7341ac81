"""A packed box leaves, or is unpacked again."""

from dataclasses import dataclass, replace
from uuid import UUID

from otpward.clerk.places import keeper_of, put_device
from otpward.clerk.tokens import move_token
from otpward.core.audit import AuditEvent
from otpward.core.errors import Conflict
from otpward.core.lifecycle.place import Place
from otpward.core.lifecycle.stock import TransferEvent, TransferState, advance_transfer
from otpward.core.lifecycle.token import TokenEvent
from otpward.core.model.member import Operator
from otpward.core.model.stock import StockTransfer
from otpward.ports.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class SendBox:
    """It leaves with whoever says so. With `drop` it does not leave, and its devices lie on the shelf as before."""

    box_id: UUID
    operator: Operator
    drop: bool = False


def send_box(ask: SendBox, *, desk: Desk) -> StockTransfer:
    """The box on its way: its devices are at no branch, and in the hands of who sent it.

    Raises:
        Conflict: it is empty, or has left.
        Denied, NotFound: not this role or branch; no such box.
    """
    with desk.uow as uow:
        box = uow.transfers.get(ask.box_id)
        by = keeper_of(ask.operator, box.from_branch_id)
        state = advance_transfer(box.state, TransferEvent.DROP if ask.drop else TransferEvent.SEND)
        devices = uow.devices.find(place=Place.BRANCH, branch_id=box.from_branch_id, transfer_id=box.id)
        if not devices and not ask.drop:
            raise Conflict("the box is empty", field="serial")
        for device in devices:
            if ask.drop:
                uow.devices.save(replace(device, transfer_id=None))
                continue
            token = uow.tokens.get(device.id)
            move_token(token, TokenEvent.TRANSFER, AuditEvent.TOKEN_TRANSFERRED, desk=desk, by=by, judged=device)
            put_device(
                uow.devices.get(device.id),
                Place.TRANSFER,
                AuditEvent.TOKEN_SENT_ON,
                desk=desk,
                by=by,
                holder_id=ask.operator.member_id,
                transfer_id=box.id,
            )
        left = None if state is TransferState.DROPPED else desk.now
        sent = replace(box, state=state, sent=len(devices), sent_at=left, sent_by=ask.operator.member_id)
        sent = uow.transfers.save(sent if left else replace(sent, ended_at=desk.now))
        written = AuditEvent.TRANSFER_DROPPED if ask.drop else AuditEvent.TRANSFER_SENT
        detail = {"devices": len(devices)}
        uow.audit.append(written, sent, by=by, at=desk.now, institution_id=sent.institution_id, detail=detail)
        uow.commit()
    return sent
