"""An application becomes somebody's work."""

from dataclasses import dataclass, replace

from otpward.core.audit import AuditEvent
from otpward.core.errors import Conflict, Invalid
from otpward.core.ids import MemberId
from otpward.core.model.case import Case
from otpward.core.policy.case_acts import POSSIBLE, CaseAct
from otpward.core.policy.roles import ALLOWED, Permission
from otpward.ports.desk import Desk
from otpward.services.apply.review import Decision, case_for


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignCase:
    """Whose it shall be; None for nobody's."""

    decision: Decision
    to: MemberId | None


def assign_case(ask: AssignCase, *, desk: Desk) -> Case:
    """The case, with whose work it is.

    Raises:
        Invalid: not somebody who reviews applications, or it is their own (field `to`).
        Conflict: it is not sent yet, or closed; and what `case_for` raises.
    """
    operator = ask.decision.operator
    with desk.uow as uow:
        case = case_for(ask.decision, CaseAct.ASSIGN, desk=desk)
        if case.state not in POSSIBLE[CaseAct.ASSIGN]:
            raise Conflict("it is nobody's work now")
        if ask.to is not None:
            staff = uow.staff.first(member_id=ask.to, ended_at=None)
            if staff is None or Permission.REVIEW not in ALLOWED[staff.role] or ask.to == case.member_id:
                raise Invalid("not somebody who can review this", field="to")
        if case.assigned_to == ask.to:
            return case
        case = uow.cases.save(replace(case, assigned_to=ask.to))
        uow.audit.append(
            AuditEvent.CASE_ASSIGNED,
            case,
            by=operator.actor,
            at=desk.now,
            institution_id=case.institution_id,
            case_id=case.id,
            detail={"to": str(ask.to or "")},
        )
        uow.commit()
    return case
