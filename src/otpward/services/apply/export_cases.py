"""The queue leaves the house as a table: who took it is written down."""

from otpward.core.audit import AuditEvent
from otpward.core.ids import InstitutionId
from otpward.core.model.member import Operator
from otpward.ports.desk import Desk


def export_cases(institution_id: InstitutionId, operator: Operator, *, desk: Desk) -> None:
    """One line before the first row goes out."""
    with desk.uow as uow:
        uow.audit.append(
            AuditEvent.CASES_EXPORTED,
            uow.institutions.get(institution_id),
            by=operator.actor,
            at=desk.now,
            institution_id=institution_id,
        )
        uow.commit()
