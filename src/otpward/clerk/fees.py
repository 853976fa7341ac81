"""The fee of a case: put down when the application is sent, asked for before anything is given out, dropped with the case."""

from dataclasses import replace
from typing import Any, ClassVar

from otpward.clerk.policy import asked_of
from otpward.core.audit import Actor, AuditEvent
from otpward.core.errors import Conflict, Denied
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.fee import FeeEvent, FeeState, advance_fee
from otpward.core.model.case import Case
from otpward.core.model.fee import Fee
from otpward.core.model.member import Operator
from otpward.core.policy.roles import Permission, require
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import UnitOfWork


class FeeDue(Conflict):
    """The fee is neither paid nor waived, and nothing is given out before; `amount_won` is what is due."""

    code: ClassVar[str] = "fee_due"

    def __init__(self, amount_won: int) -> None:
        super().__init__("the fee is due", field="fee")
        self.amount_won = amount_won


class StaleFee(Conflict):
    """The fee changed since the page was shown: somebody recorded something, or this is the second press of a double one."""

    code: ClassVar[str] = "stale_fee"


def file_fee(case: Case, *, desk: Desk, by: Actor) -> Fee | None:
    """The fee that the case's policy asks now, due or waived by the policy itself; None where there is none to ask."""
    asked = asked_of(case, uow=desk.uow, now=desk.now)
    if not asked.full_fee_won:
        return None
    waived = asked.waived
    fee = Fee(
        id=desk.new_id(),
        institution_id=case.institution_id,
        case_id=case.id,
        member_id=case.member_id,
        state=FeeState.DUE if waived is None else FeeState.WAIVED,
        amount_won=asked.full_fee_won,
        waiver="" if waived is None else waived.name,
        due_at=desk.now,
        settled_at=None if waived is None else desk.now,
    )
    desk.uow.fees.add(fee)
    told = AuditEvent.FEE_DUE if waived is None else AuditEvent.FEE_WAIVED
    _write(told, fee, desk=desk, by=by, amount_won=fee.amount_won, waiver=fee.waiver)
    return fee


def fee_of(case: Case, *, uow: UnitOfWork) -> Fee | None:
    """The fee of a case; None where it cost nothing, or was sent before fees were kept."""
    return uow.fees.first(case_id=case.id)


def due_fee(case: Case, *, uow: UnitOfWork) -> Fee | None:
    """What is still to be paid."""
    fee = fee_of(case, uow=uow)
    return fee if fee is not None and fee.state is FeeState.DUE else None


def refuse_unpaid(case: Case, *, desk: Desk) -> None:
    """Let a device go out of the house only if nothing is due for it, or its policy does not wait for the fee; raises
    `FeeDue`."""
    fee = fee_of(case, uow=desk.uow)
    if fee is None or fee.state is not FeeState.DUE:
        return
    if asked_of(case, uow=desk.uow, now=desk.now).fee_first:
        raise FeeDue(fee.amount_won)


def fee_for(case: Case, seen_version: int, operator: Operator, *, desk: Desk) -> Fee:
    """The fee as the operator saw it, if they may change it.

    Raises:
        Denied: not this role, not this branch, or their own.
        Conflict: there is none.
        StaleFee: it changed since.
    """
    require(operator.role, Permission.TAKE_FEES)
    if case.member_id == operator.member_id:
        raise Denied("an operator's own fee")
    if None not in {operator.branch_id, case.branch_id} and operator.branch_id != case.branch_id:
        raise Denied("it is collected at another branch")
    fee = fee_of(case, uow=desk.uow)
    if fee is None:
        raise Conflict("no fee in this case")
    if fee.version != seen_version:
        raise StaleFee("the fee changed since it was shown")
    return fee


def move_fee(fee: Fee, event: FeeEvent, *, desk: Desk, by: Actor, **changes: Any) -> Fee:
    """The fee after `event`, saved and in the audit; raises `IllegalTransition`."""
    saved = desk.uow.fees.save(replace(fee, state=advance_fee(fee.state, event), **changes))
    amount = saved.refunded_won - fee.refunded_won if saved.refunded_won != fee.refunded_won else saved.amount_won
    told = {"amount_won": amount, "means": saved.means or ""}
    _write(_EVENTS[event], saved, desk=desk, by=by, **told)
    return saved


def end_fee(case: Case, *, desk: Desk, by: Actor) -> None:
    """With an application that came to nothing, what was due for it is no longer asked. What was paid stays, to be given
    back."""
    fee = fee_of(case, uow=desk.uow)
    if fee is not None and fee.state is FeeState.DUE and case.state is not CaseState.DONE:
        move_fee(fee, FeeEvent.DROP, desk=desk, by=by, settled_at=desk.now)


_EVENTS = {
    FeeEvent.WAIVE: AuditEvent.FEE_WAIVED,
    FeeEvent.PAY: AuditEvent.FEE_PAID,
    FeeEvent.REFUND_PART: AuditEvent.FEE_REFUNDED,
    FeeEvent.REFUND: AuditEvent.FEE_REFUNDED,
    FeeEvent.DROP: AuditEvent.FEE_DROPPED,
}


def _write(event: AuditEvent, fee: Fee, *, desk: Desk, by: Actor, **detail: str | int) -> None:
    desk.uow.audit.append(
        event,
        fee,
        by=by,
        at=desk.now,
        institution_id=fee.institution_id,
        case_id=fee.case_id,
        result=fee.state,
        detail={name: value for name, value in detail.items() if value != ""},
    )
