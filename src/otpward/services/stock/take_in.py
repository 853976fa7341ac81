"""Goods in: a device that arrived is scanned onto the shelf of a branch."""

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date

from otpward.clerk.places import find_scanned, keeper_of, put_device
from otpward.core.audit import AuditEvent
from otpward.core.ids import BranchId
from otpward.core.lifecycle.place import Place
from otpward.core.model.member import Operator
from otpward.core.model.token import Device, Token
from otpward.core.policy.stock import Scan, scanned
from otpward.ports.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeIn:
    """This serial was scanned at this branch."""

    serial: str
    branch_id: BranchId
    operator: Operator


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """What a scan found, and whether it did what it was for."""

    serial: str
    finding: Scan
    done: bool = False
    token: Token | None = None
    device: Device | None = None


def take_in(ask: TakeIn, *, desk: Desk) -> Scanned:
    """Whether it lies on this shelf now. What is not new stays where it is, and the answer says what it is.

    Raises:
        Denied: not this role, or not this branch.
        NotFound: no such branch.
    """
    by = keeper_of(ask.operator, ask.branch_id)
    with desk.uow as uow:
        uow.branches.get(ask.branch_id)
        token, device = find_scanned(ask.serial, uow=uow)
        finding = scanned(token, device, ask.branch_id)
        if finding is not Scan.ARRIVED or token is None or device is None:
            found = Scan.AGAIN if finding is Scan.HERE else finding
            return Scanned(serial=ask.serial.strip(), finding=found, token=token, device=device)
        dated = replace(device, battery_until=device.battery_until or _battery_until(device, desk=desk))
        device = put_device(dated, Place.BRANCH, AuditEvent.TOKEN_TAKEN_IN, desk=desk, by=by, branch_id=ask.branch_id)
        uow.commit()
    return Scanned(serial=token.serial, finding=Scan.HERE, done=True, token=token, device=device)


def _battery_until(device: Device, *, desk: Desk) -> date | None:
    """As long as its model's battery lasts from today on, where somebody has said how long that is."""
    rule = desk.uow.model_rules.first(model=device.model, branch_id=None)
    if rule is None or not rule.battery_months:
        return None
    months = desk.now.year * 12 + desk.now.month - 1 + rule.battery_months
    year, month = divmod(months, 12)
    return date(year, month + 1, min(desk.now.day, monthrange(year, month + 1)[1]))
