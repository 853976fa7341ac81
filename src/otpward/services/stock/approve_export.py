"""A second person lets seeds leave."""

from dataclasses import dataclass, replace
from uuid import UUID

from otpward.core.audit import Actor, AuditEvent
from otpward.core.errors import Conflict, Denied, Invalid
from otpward.core.model.seed_export import SeedExport
from otpward.ports.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveExport:
    """This request, by this person. With `clear` they know that the file will lie open."""

    export_id: UUID
    by: Actor
    person: str
    clear: bool = False


def approve_export(ask: ApproveExport, *, desk: Desk) -> SeedExport:
    """The request, approved.

    Raises:
        NotFound: there is no such request.
        Denied: whoever asked may not approve.
        Conflict: it was approved or carried out before, or its time is over.
        Invalid: the file will be in the clear and they did not say that they know it.
    """
    person = ask.person.strip()
    with desk.uow as uow:
        export = uow.exports.get(ask.export_id)
        if not person:
            raise Invalid("say who approves", field="person")
        if person.casefold() == export.asked_by.casefold():
            raise Denied("whoever asks for seeds does not approve it; another person must", field="person")
        if export.approved_at is not None or export.done_at is not None or export.expires_at <= desk.now:
            raise Conflict("this request was approved before, or its time is over", field="export")
        if export.clear and not ask.clear:
            raise Invalid("this export would not be encrypted; say that you know it", field="clear")
        approved = uow.exports.save(replace(export, approved_by=person, approved_at=desk.now))
        uow.audit.append(
            AuditEvent.SEEDS_EXPORT_APPROVED,
            approved,
            by=ask.by,
            at=desk.now,
            institution_id=approved.institution_id,
            detail={"person": person, "clear": int(export.clear)},
        )
        uow.commit()
    return approved
