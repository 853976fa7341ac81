"""A seed file of any size is taken in, batch by batch: cut off, it goes on where it was; found damaged, nothing of it stays.

The first batch is read before anything is stored, so a small file is taken whole or not at all. Of a larger one that turns out
damaged, what was stored is removed again before the fault is told.
"""

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import islice
from typing import Final
from uuid import UUID

from otpward.core.audit import AuditEvent
from otpward.core.errors import Taken
from otpward.core.formats.detect import open_seed_file
from otpward.core.formats.faults import SeedFileFault
from otpward.core.formats.reading import Chunks, Row, SeedFile
from otpward.core.formats.unlock import NOTHING_TO_OPEN, Unlock
from otpward.core.ids import InstitutionId
from otpward.core.model.institution import Import, ImportState
from otpward.ports.desk import Desk, House
from otpward.services.stock.take_rows import ImportedRow, Intention, RowVerdict, take_rows

BATCH_ROWS: Final = 10_000
"""A third of a second of writing, for which codes wait; smaller batches write the same pages more often."""
_DROP_AT_ONCE: Final = 5_000

OpenFile = Callable[[Chunks, Unlock], SeedFile]
Told = Callable[[Sequence[ImportedRow]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFile:
    """A file, and what to do with it. `chunks` gives its octets, again each time; `open_file` reads them, perhaps elsewhere."""

    chunks: Chunks
    file_name: str
    intention: Intention
    unlock: Unlock = NOTHING_TO_OPEN
    open_file: OpenFile = open_seed_file
    batch_rows: int = BATCH_ROWS


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """What became of a file. `resumed_after` rows had been dealt with when it was cut off."""

    import_id: UUID | None
    imported: int = 0
    skipped: int = 0
    refused: int = 0
    resumed_after: int = 0
    format: str = ""
    signature: str = ""
    reasons: Counter[str] = field(default_factory=Counter)


def import_file(ask: ImportFile, *, house: House, told: Told = lambda rows: None) -> FileReport:
    """Take the file in, and tell the verdict of every row as its batch is stored.

    Raises:
        SeedFileFault: the file is damaged; nothing of it is here.
    """
    file = ask.open_file(ask.chunks, ask.unlock)
    rows = iter(file.rows)
    batch = list(islice(rows, ask.batch_rows))  # raises here where a small file is at fault
    digest = b"" if ask.intention.preview else _digest(ask.chunks)
    running = _begun(ask, digest, file, house=house)
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    resumed_after, done = running.rows_done, 0
    try:
        while batch:
            following = list(islice(rows, ask.batch_rows))
            done += len(batch)
            verdicts, running = _stored(batch, running, done, ask, is_last=not following, file=file, house=house)
            counts.update(verdict.verdict for verdict in verdicts)
            reasons.update(verdict.reason for verdict in verdicts if verdict.reason)
            told(verdicts)
            batch = following
    except SeedFileFault:
        if not ask.intention.preview and running.rows_done:
            _take_back(running, ask, house=house)
        raise
    finally:
        if isinstance(rows, Generator):
            rows.close()  # whoever reads elsewhere is let go, whatever stopped us
    return FileReport(
        import_id=None if ask.intention.preview else running.id,
        imported=counts[RowVerdict.IMPORTED],
        skipped=counts[RowVerdict.SKIPPED],
        refused=counts[RowVerdict.REFUSED],
        resumed_after=resumed_after,
        format=file.format,
        signature=file.signature,
        reasons=reasons,
    )


def _digest(chunks: Chunks) -> bytes:
    digest = sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.digest()


def _begun(ask: ImportFile, digest: bytes, file: SeedFile, *, house: House) -> Import:
    """The import that this very file began and did not end, or a new one, not yet stored."""
    owner = ask.intention.institution_id
    if not ask.intention.preview:
        found = house.look(owner, lambda uow: uow.imports.find(sha256=digest, state=ImportState.RUNNING, order="-at", limit=1))
        if found:
            return replace(found[0], taken=0, refused=0)  # every row gets its verdict again
    desk = house.desk(owner, writes=False)
    return Import(
        id=desk.new_id(),
        institution_id=owner,
        file_name=ask.file_name[:200],
        sha256=digest,
        taken=0,
        refused=0,
        at=desk.now,
        state=ImportState.RUNNING,
        format=file.format,
    )


def _stored(
    batch: Sequence[Row], running: Import, done: int, ask: ImportFile, *, is_last: bool, file: SeedFile, house: House
) -> tuple[list[ImportedRow], Import]:
    def act(desk: Desk) -> tuple[list[ImportedRow], Import]:
        with desk.uow as uow:
            verdicts = take_rows(batch, ask.intention, import_id=running.id, format_=file.format, desk=desk)
            if ask.intention.preview:
                return verdicts, running
            kept = _counted(running, verdicts, done, is_last=is_last)
            if uow.imports.first(id=running.id) is None:
                uow.imports.add(kept)
            else:
                kept = uow.imports.save(kept)
            if is_last:
                _write_down(kept, ask, desk=desk)
            uow.commit()
            return verdicts, kept

    owner = ask.intention.institution_id
    try:
        return house.do(owner, act)
    except Taken:  # somebody else took one of these serial numbers in, just now: the next look sees it
        return house.do(owner, act)


def _counted(running: Import, verdicts: Sequence[ImportedRow], done: int, *, is_last: bool) -> Import:
    taken = sum(verdict.verdict is RowVerdict.IMPORTED for verdict in verdicts)
    refused = sum(verdict.verdict is RowVerdict.REFUSED for verdict in verdicts)
    return replace(
        running,
        taken=running.taken + taken,
        refused=running.refused + refused,
        rows_done=max(running.rows_done, done),
        state=ImportState.DONE if is_last else ImportState.RUNNING,
    )


def _write_down(done: Import, ask: ImportFile, *, desk: Desk) -> None:
    detail: dict[str, str | int] = {"imported": done.taken, "refused": done.refused}
    by, owner = ask.intention.by, ask.intention.institution_id
    desk.uow.audit.append(AuditEvent.SEEDS_IMPORTED, done, by=by, at=desk.now, institution_id=owner, detail=detail)


def _take_back(running: Import, ask: ImportFile, *, house: House) -> None:
    """What was stored of a damaged file goes, and the import says so."""
    owner = ask.intention.institution_id
    for removed in dropped(running.id, owner=owner, house=house):
        if removed == 0:
            break

    def close(desk: Desk) -> None:
        with desk.uow as uow:
            broken = replace(uow.imports.get(running.id), state=ImportState.BROKEN)
            broken = uow.imports.save(broken)
            uow.audit.append(
                AuditEvent.SEEDS_IMPORTED, broken, by=ask.intention.by, at=desk.now, institution_id=owner, result="broken"
            )
            uow.commit()

    house.do(owner, close)


def dropped(import_id: UUID, *, owner: InstitutionId, house: House) -> Iterator[int]:
    """Remove what is unused of an import, in small transactions; how many went in each, at last none."""

    def act(desk: Desk) -> int:
        with desk.uow as uow:
            removed = uow.intake.drop(import_id, limit=_DROP_AT_ONCE)
            uow.commit()
            return removed

    while True:
        removed = house.do(owner, act)
        yield removed
        if not removed:
            return
