"""What a loss report begins: the case in which the member gets a new token."""

from dataclasses import replace

from otpward.clerk.cases import open_case
from otpward.core.audit import Actor
from otpward.core.ids import CaseId
from otpward.core.lifecycle.case import CaseState
from otpward.core.model.case import Case, Reason
from otpward.core.model.loss import LossReport
from otpward.core.model.member import Member
from otpward.core.model.token import Token
from otpward.ports.desk import Desk

_WRITABLE = frozenset({CaseState.REPORTED, CaseState.DRAFT})


def case_of_loss(report: LossReport, member: Member, token: Token, *, desk: Desk, by: Actor) -> CaseId:
    """The open case about this token, or a new one."""
    open_key = f"{member.id}:{token.id}"
    reason = Reason(report.kind.value)
    running = desk.uow.cases.first(open_key=open_key)
    if running is not None:
        if running.state in _WRITABLE or running.report_id is None:
            reason = reason if running.state in _WRITABLE else running.reason
            desk.uow.cases.save(replace(running, reason=reason, report_id=running.report_id or report.id))
        return running.id
    case = Case(
        id=CaseId(desk.new_id()),
        institution_id=report.institution_id,
        number=desk.number("R"),
        member_id=member.id,
        state=CaseState.REPORTED,
        open_key=open_key,
        reason=reason,
        old_token_id=token.id,
        report_id=report.id,
        opened_at=desk.now,
    )
    open_case(case, desk=desk, by=by)
    return case.id
