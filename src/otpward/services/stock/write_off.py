"""A device leaves the stock for good: it is broken, too old, or gone."""

from dataclasses import dataclass

from otpward.clerk.places import said_why
from otpward.clerk.tokens import move_token
from otpward.core.audit import AuditEvent
from otpward.core.errors import Conflict
from otpward.core.lifecycle.place import Place
from otpward.core.lifecycle.token import TokenEvent, TokenState
from otpward.core.model.token import Device
from otpward.ports.desk import Desk
from otpward.services.stock.shelf_act import ShelfAct, scanned_here


class SpokenFor(Conflict):
    """It is set aside for an application, which needs another one first."""

    code = "spoken_for"


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOff:
    """`gone`: nobody has it. Otherwise it lies in quarantine until it is destroyed."""

    act: ShelfAct
    gone: bool = False


def write_off(ask: WriteOff, *, desk: Desk) -> Device:
    """The device, retired for this reason.

    Raises:
        Invalid: no reason (field `reason`).
        SpokenFor: it is set aside for an application.
        Boxed: it lies packed for another branch.
        Denied, NotFound, IllegalTransition: not this role or branch; unknown; neither on the shelf nor in quarantine.
    """
    reason = said_why(ask.act.reason)
    with desk.uow as uow:
        token, device = scanned_here(ask.act, desk=desk)
        if token.state is TokenState.RESERVED:
            raise SpokenFor("it is set aside for an application", field="serial")
        place = Place.LOST if ask.gone else Place.QUARANTINE
        event, written, by = TokenEvent.WRITE_OFF, AuditEvent.TOKEN_WRITTEN_OFF, ask.act.operator.actor
        move_token(token, event, written, desk=desk, by=by, place=place, detail={"why": reason}, judged=device)
        device = uow.devices.get(device.id)
        uow.commit()
    return device
