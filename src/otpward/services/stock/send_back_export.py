"""A second person does not let seeds leave."""

from dataclasses import dataclass, replace
from uuid import UUID

from otpward.core.audit import Actor, AuditEvent
from otpward.core.errors import Conflict
from otpward.core.model.seed_export import SeedExport
from otpward.ports.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class SendBackExport:
    """Which request, by whom."""

    export_id: UUID
    by: Actor


def send_back_export(ask: SendBackExport, *, desk: Desk) -> SeedExport:
    """The request, over from this moment. Raises `Conflict` if it was decided or is over, and `NotFound`."""
    with desk.uow as uow:
        export = uow.exports.get(ask.export_id)
        if export.approved_at is not None or export.done_at is not None or export.expires_at <= desk.now:
            raise Conflict("this request was decided before, or its time is over")
        over = uow.exports.save(replace(export, expires_at=desk.now))
        uow.audit.append(AuditEvent.SEEDS_EXPORT_SENT_BACK, over, by=ask.by, at=desk.now, institution_id=over.institution_id)
        uow.commit()
    return over
