"""A retired device is destroyed, and its seed erased; the row stays."""

from dataclasses import replace

from otpward.clerk.places import said_why
from otpward.clerk.tokens import move_token
from otpward.core.audit import AuditEvent
from otpward.core.errors import Conflict
from otpward.core.lifecycle.place import Place
from otpward.core.lifecycle.token import TokenEvent
from otpward.core.model.token import Device
from otpward.ports.desk import Desk
from otpward.services.stock.shelf_act import ShelfAct, scanned_here


def destroy(ask: ShelfAct, *, desk: Desk) -> Device:
    """The device, destroyed. Nothing can be computed with it any more, here neither.

    Raises:
        Invalid: no reason (field `reason`).
        Conflict: it is not in quarantine.
        Denied, NotFound, IllegalTransition: not this role or branch; unknown; not retired.
    """
    reason = said_why(ask.reason)
    with desk.uow as uow:
        token, device = scanned_here(ask, desk=desk)
        if device.place is not Place.QUARANTINE:
            raise Conflict("only what lies in quarantine is destroyed")
        event, written = TokenEvent.DESTROY, AuditEvent.TOKEN_DESTROYED
        erased, by = replace(token, seed=b""), ask.operator.actor
        move_token(erased, event, written, desk=desk, by=by, detail={"why": reason}, judged=device)
        device = uow.devices.get(device.id)
        uow.commit()
    return device
