"""A device is taken from the shelf for a case."""

from dataclasses import dataclass, replace

from otpward.clerk.cases import move_case
from otpward.clerk.policy import policy_of
from otpward.clerk.tokens import move_token
from otpward.core.audit import AuditEvent
from otpward.core.errors import Conflict, Denied, Invalid
from otpward.core.ids import CaseId
from otpward.core.lifecycle.case import CaseEvent, advance
from otpward.core.lifecycle.place import Place
from otpward.core.lifecycle.token import TokenEvent, TokenState
from otpward.core.model.case import Case, Delivery
from otpward.core.model.member import Operator
from otpward.core.oath.model import TokenKind
from otpward.core.policy.roles import Permission, require
from otpward.core.policy.stock import is_too_old
from otpward.ports.desk import Desk


class NotThisDevice(Conflict):
    """No such device on this shelf, or it is set aside for somebody else."""

    code = "not_this_device"


class TooOldDevice(NotThisDevice):
    """Its validity or its battery is over, or its hash is not given out any more."""

    code = "too_old_device"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveDevice:
    """An operator scans the device that a case shall have."""

    case_id: CaseId
    serial: str
    operator: Operator


def reserve_device(ask: ReserveDevice, *, desk: Desk) -> Case:
    """The case in preparation, with this device set aside for it and for nobody else.

    Raises:
        Invalid: the case wants an app, not a device (field `serial`).
        TooOldDevice: it may not be given out any more.
        NotThisDevice: not in stock, stopped, or not at the branch where it shall be collected.
        Denied, IllegalTransition: not this role, not in this state.
    """
    require(ask.operator.role, Permission.ISSUE)
    by = ask.operator.actor
    with desk.uow as uow:
        case = uow.cases.get(ask.case_id)
        if case.member_id == ask.operator.member_id:
            raise Denied("an operator's own application")
        if None not in {ask.operator.branch_id, case.branch_id} and ask.operator.branch_id != case.branch_id:
            raise Denied("it is collected at another branch")
        if case.delivery is Delivery.APP:
            raise Invalid("this application is for an app", field="serial")
        advance(case.state, CaseEvent.PREPARE)
        token = uow.tokens.first(serial=ask.serial.strip())
        device = None if token is None else uow.devices.get(token.id)
        if token is None or device is None or device.case_id is not None or token.holds:
            raise NotThisDevice("not in stock, or stopped", field="serial")
        if token.state is not TokenState.IN_STOCK or device.place is not Place.BRANCH or device.transfer_id is not None:
            raise NotThisDevice("not in stock, or on its way to another branch", field="serial")
        if token.kind is TokenKind.OCRA:
            raise NotThisDevice("it only signs transactions, and shows no test OTP", field="serial")
        last = policy_of(case, uow=uow, now=desk.now).stock.sha1_until_year
        if is_too_old(token, device, now=desk.now, sha1_until_year=last):
            raise TooOldDevice("its validity, its battery or the time of its hash is over", field="serial")
        if case.delivery is Delivery.BRANCH and device.branch_id != case.branch_id:
            raise NotThisDevice("it lies at another branch", field="serial")
        move_token(token, TokenEvent.RESERVE, AuditEvent.TOKEN_RESERVED, desk=desk, by=by, case_id=case.id, judged=device)
        uow.devices.save(replace(uow.devices.get(token.id), case_id=case.id))
        case = move_case(case, CaseEvent.PREPARE, desk=desk, by=by, new_token_id=token.id)
        uow.commit()
    return case
