"""A seed file that fits into memory is taken in, whole, with a verdict for every row; read again, it makes no doubles."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from otpward.core.audit import Actor, AuditEvent
from otpward.core.formats.detect import open_seed_file
from otpward.core.formats.unlock import Unlock
from otpward.core.ids import BranchId, InstitutionId
from otpward.core.model.institution import Import
from otpward.core.secret import Secret
from otpward.ports.desk import Desk
from otpward.services.stock.take_rows import Doubles, Entry, ImportedRow, Intention, RowVerdict, take_rows

__all__ = ["Doubles", "Entry", "ImportReport", "ImportSeeds", "ImportedRow", "RowVerdict", "import_seeds"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSeeds:
    """A file, and what to do with it. `owners` names the member of each serial; `preview` stores nothing."""

    institution_id: InstitutionId
    data: bytes
    file_name: str
    by: Actor
    key: Secret | None = None
    unlock: Unlock | None = None
    branch_id: BranchId | None = None
    entry: Entry = Entry.IN_STOCK
    owners: Mapping[str, str] = field(default_factory=dict)
    doubles: Doubles = Doubles.REFUSE
    preview: bool = False

    @property
    def intention(self) -> Intention:
        """How the rows are to be taken."""
        return Intention(
            institution_id=self.institution_id,
            by=self.by,
            branch_id=self.branch_id,
            entry=self.entry,
            owners=self.owners,
            doubles=self.doubles,
            preview=self.preview,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """Every row of the file, in its order."""

    rows: tuple[ImportedRow, ...]

    @property
    def imported(self) -> int:
        """How many were taken, or would be."""
        return sum(row.verdict is RowVerdict.IMPORTED for row in self.rows)

    @property
    def refused(self) -> int:
        """How many were not."""
        return sum(row.verdict is RowVerdict.REFUSED for row in self.rows)


def import_seeds(ask: ImportSeeds, *, desk: Desk) -> ImportReport:
    """Store every usable key of the file in one transaction, and say of every other why not.

    Raises:
        Invalid: the file as a whole cannot be read; nothing was stored.
    """
    file = open_seed_file([ask.data], ask.unlock or Unlock(key=ask.key))
    read = list(file.rows)
    with desk.uow as uow:
        import_id = desk.new_id()
        rows = take_rows(read, ask.intention, import_id=import_id, format_=file.format, desk=desk)
        report = ImportReport(rows=tuple(sorted(rows, key=lambda row: row.row)))
        if not ask.preview:
            done = Import(
                id=import_id,
                institution_id=ask.institution_id,
                file_name=ask.file_name[:200],
                sha256=sha256(ask.data).digest(),
                taken=report.imported,
                refused=report.refused,
                at=desk.now,
                format=file.format,
                rows_done=len(rows),
            )
            uow.imports.add(done)
            detail = {"imported": report.imported, "refused": report.refused}
            uow.audit.append(
                AuditEvent.SEEDS_IMPORTED, done, by=ask.by, at=desk.now, institution_id=ask.institution_id, detail=detail
            )
            uow.commit()
    return report
