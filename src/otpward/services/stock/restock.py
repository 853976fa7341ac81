"""A device that was set aside goes back to the shelf."""

from dataclasses import replace

from otpward.clerk.places import said_why
from otpward.clerk.tokens import move_token
from otpward.core.audit import AuditEvent
from otpward.core.errors import Conflict
from otpward.core.lifecycle.token import TokenEvent
from otpward.core.model.token import Device
from otpward.ports.desk import Desk
from otpward.services.stock.shelf_act import ShelfAct, scanned_here


def restock(ask: ShelfAct, *, desk: Desk) -> Device:
    """The quarantined device back on the shelf of its branch, free for anybody.

    Raises:
        Invalid: no reason (field `reason`).
        Conflict: it is stopped, or its validity is over.
        Denied, NotFound, IllegalTransition: not this role or branch; unknown; not in quarantine.
    """
    reason = said_why(ask.reason)
    with desk.uow as uow:
        token, device = scanned_here(ask, desk=desk)
        if token.holds or (token.valid_until is not None and token.valid_until <= desk.now):
            raise Conflict("it is stopped, or its validity is over")
        if device.branch_id is None:
            raise Conflict("it belongs to no branch")
        event, written = TokenEvent.RESTOCK, AuditEvent.TOKEN_RESTOCKED
        move_token(token, event, written, desk=desk, by=ask.operator.actor, detail={"why": reason}, judged=device)
        device = uow.devices.save(replace(uow.devices.get(device.id), case_id=None, key_shown_at=None))
        uow.commit()
    return device
