"""A delivery that should not have been taken in is taken back as one act: every device that nobody has touched since."""

from dataclasses import dataclass, replace
from uuid import UUID

from otpward.core.audit import Actor, AuditEvent
from otpward.core.errors import Conflict
from otpward.core.ids import InstitutionId
from otpward.core.model.institution import ImportState
from otpward.ports.desk import Desk, House
from otpward.services.stock.import_file import dropped


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoImport:
    """Take this import back."""

    institution_id: InstitutionId
    import_id: UUID
    by: Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """How many devices went, and how many stayed because they had been moved, given out or used since."""

    removed: int
    kept: int


def undo_import(ask: UndoImport, *, house: House) -> Undone:
    """Remove what came with this import and is unused; the audit keeps that it was here. Cut off, it can be done again.

    Raises:
        NotFound: there is no such import.
        Conflict: it was undone before.
    """
    found = house.look(ask.institution_id, lambda uow: uow.imports.get(ask.import_id))
    if found.state in (ImportState.UNDONE, ImportState.BROKEN):
        raise Conflict("this import is not here any more", field="import")
    removed = sum(dropped(ask.import_id, owner=ask.institution_id, house=house))

    def close(desk: Desk) -> Undone:
        with desk.uow as uow:
            kept = uow.devices.count(import_id=ask.import_id)
            undone = uow.imports.save(replace(uow.imports.get(ask.import_id), state=ImportState.UNDONE))
            detail: dict[str, str | int] = {"removed": removed, "kept": kept}
            uow.audit.append(
                AuditEvent.SEEDS_UNDONE, undone, by=ask.by, at=desk.now, institution_id=ask.institution_id, detail=detail
            )
            uow.commit()
            return Undone(removed=removed, kept=kept)

    return house.do(ask.institution_id, close)
