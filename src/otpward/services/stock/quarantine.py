"""A device of the shelf is set aside, to be looked at before anybody gets it."""

from otpward.clerk.places import said_why
from otpward.clerk.tokens import move_token
from otpward.core.audit import AuditEvent
from otpward.core.lifecycle.token import TokenEvent
from otpward.core.model.token import Device
from otpward.ports.desk import Desk
from otpward.services.stock.shelf_act import ShelfAct, scanned_here


def quarantine(ask: ShelfAct, *, desk: Desk) -> Device:
    """The device in its branch's quarantine; nobody can be given it.

    Raises:
        Invalid: no reason (field `reason`).
        Boxed: it lies packed.
        Denied, NotFound, IllegalTransition: not this role or branch; unknown; not in stock.
    """
    reason = said_why(ask.reason)
    with desk.uow as uow:
        token, device = scanned_here(ask, desk=desk)
        event, written = TokenEvent.QUARANTINE, AuditEvent.TOKEN_QUARANTINED
        move_token(token, event, written, desk=desk, by=ask.operator.actor, detail={"why": reason}, judged=device)
        device = uow.devices.get(device.id)
        uow.commit()
    return device
