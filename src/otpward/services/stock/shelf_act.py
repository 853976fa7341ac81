"""What the acts on one device of the shelf share."""

from dataclasses import dataclass

from otpward.clerk.places import find_scanned, keeper_of
from otpward.core.errors import Conflict, NotFound
from otpward.core.model.member import Operator
from otpward.core.model.token import Device, Token
from otpward.ports.desk import Desk


class Boxed(Conflict):
    """It lies packed for another branch: take it out of the box first."""

    code = "boxed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfAct:
    """This device, for this reason."""

    serial: str
    reason: str
    operator: Operator


def scanned_here(ask: ShelfAct, *, desk: Desk) -> tuple[Token, Device]:
    """The scanned device, if this operator keeps it; raises `NotFound`, `Denied`, `Boxed`."""
    token, device = find_scanned(ask.serial, uow=desk.uow)
    keeper_of(ask.operator, ask.operator.branch_id if device is None else device.branch_id)
    if token is None or device is None:
        raise NotFound("no such device", field="serial")
    if device.transfer_id is not None:
        raise Boxed("it lies in a box", field="serial")
    return token, device
