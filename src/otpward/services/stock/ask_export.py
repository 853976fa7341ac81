"""Somebody asks that seeds leave: nothing leaves yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from otpward.core.audit import Actor, AuditEvent
from otpward.core.errors import Invalid, NotFound
from otpward.core.ids import InstitutionId
from otpward.core.model.seed_export import SeedExport
from otpward.ports.desk import Desk

VALID_FOR: Final = timedelta(hours=24)
"""Who approves should have the occasion in mind; a request that lies about is an open door."""
_NAME_LONGEST: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class AskExport:
    """The seeds of these devices, or of all that came with an import, for this reason."""

    institution_id: InstitutionId
    by: Actor
    person: str
    reason: str
    serials: Sequence[str] = ()
    import_id: UUID | None = None
    clear: bool = False


def ask_export(ask: AskExport, *, desk: Desk) -> SeedExport:
    """The request, which another person must approve within a day.

    Raises:
        Invalid: no person, no reason, or no device named.
        NotFound: a device is unknown.
    """
    person, reason = ask.person.strip(), ask.reason.strip()
    if not person or not reason or len(person) > _NAME_LONGEST or len(reason) > _NAME_LONGEST:
        raise Invalid("say who asks and why, in up to 200 characters each", field="reason")
    with desk.uow as uow:
        serials = list(dict.fromkeys(ask.serials))
        if ask.import_id is not None:
            devices = uow.devices.find(import_id=ask.import_id)
            serials += [uow.tokens.get(device.id).serial for device in devices]
        if not serials:
            raise Invalid("no device is named", field="serial")
        known = uow.intake.known(serials)
        unknown = [serial for serial in serials if serial not in known]
        if unknown:
            raise NotFound(f"no device {unknown[0]!r} here", field="serial")
        export = SeedExport(
            id=desk.new_id(),
            institution_id=ask.institution_id,
            asked_by=person,
            asked_at=desk.now,
            expires_at=desk.now + VALID_FOR,
            serials="\n".join(serials),
            clear=ask.clear,
            reason=reason,
        )
        uow.exports.add(export)
        detail: dict[str, str | int] = {"devices": len(serials), "clear": int(ask.clear), "person": person}
        uow.audit.append(
            AuditEvent.SEEDS_EXPORT_ASKED, export, by=ask.by, at=desk.now, institution_id=ask.institution_id, detail=detail
        )
        uow.commit()
    return export
