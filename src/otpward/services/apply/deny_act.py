"""Somebody tried what they may not: it is written down."""

from otpward.core.audit import AuditEvent
from otpward.core.model.case import Case
from otpward.core.model.member import Operator
from otpward.core.policy.case_acts import CaseAct
from otpward.ports.desk import Desk


def deny_act(case: Case, act: CaseAct, operator: Operator, why: str, *, desk: Desk) -> None:
    """One line; nothing else happened."""
    with desk.uow as uow:
        uow.audit.append(
            AuditEvent.CASE_DENIED,
            case,
            by=operator.actor,
            at=desk.now,
            institution_id=case.institution_id,
            case_id=case.id,
            result=why,
            detail={"act": act.value, "role": operator.role.value},
        )
        uow.commit()
