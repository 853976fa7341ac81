"""A second person does not agree to lift a stop: it stands."""

from dataclasses import dataclass, replace
from uuid import UUID

from otpward.core.audit import AuditEvent
from otpward.core.model.member import Operator
from otpward.core.policy.roles import Permission, require
from otpward.ports.desk import Desk
from otpward.services.report_loss.lift_hold import CannotLift


@dataclass(frozen=True, slots=True, kw_only=True)
class SendBackLift:
    """The line of the hold, as it stands on the list of requests."""

    hold_id: UUID
    operator: Operator


def send_back_lift(ask: SendBackLift, *, desk: Desk) -> None:
    """The wish is gone; it can be asked again, with papers seen again.

    Raises:
        CannotLift: nobody asks for it any more.
        Denied, NotFound.
    """
    require(ask.operator.role, Permission.APPROVE)
    with desk.uow as uow:
        line = uow.holds.get(ask.hold_id)
        if line.lift_asked_at is None or line.lifted_at is not None:
            raise CannotLift("nobody asks for it any more")
        saved = uow.holds.save(replace(line, lift_asked_at=None, lift_asked_by=None))
        uow.audit.append(
            AuditEvent.LIFT_SENT_BACK,
            saved,
            by=ask.operator.actor,
            at=desk.now,
            institution_id=saved.institution_id,
            detail={"hold": saved.hold.value},
        )
        uow.commit()
