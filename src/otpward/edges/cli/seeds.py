"""Seed files on the command line: taken in, listed, and taken back as one act."""

import csv
import gc
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final
from uuid import UUID

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from otpward.core.audit import Actor, ActorKind
from otpward.core.errors import Invalid, NotFound
from otpward.core.formats.reading import Chunks, SeedFile
from otpward.core.formats.records import FILE_MAX_OCTETS
from otpward.core.formats.unlock import Unlock
from otpward.core.oath.model import Shortfall
from otpward.core.secret import Secret
from otpward.edges.cli.assembly import Assembly, Opened
from otpward.edges.cli.openers import read_key, read_password
from otpward.edges.cli.say import HERE, REFUSED, AsJson, Data, OfInstitution, out, plainly, read_octets, read_text, say
from otpward.services.stock.import_file import FileReport, ImportFile, import_file
from otpward.services.stock.take_rows import Doubles, Entry, ImportedRow, Intention, RowVerdict
from otpward.services.stock.undo_import import UndoImport, undo_import

BY: Final = Actor(kind=ActorKind.OPERATOR, source="command line")
_SHOWN_ROWS: Final = 20
_LINE_LONGEST: Final = 1000
_PIECE_OCTETS: Final = 256 * 1024
_APART_FROM_OCTETS: Final = 4 * 2**20
_ROWS_TOLD_MAX: Final = 100_000
_NOTES: Final[Mapping[str, str]] = {
    "weak_seed": "have a seed under 112 bits (SP 800-63B-4 §3.1.4.1)",
    Shortfall.FEW_DIGITS: "show fewer than six digits (SP 800-63B-4 §3.1.4.1)",
    Shortfall.LONG_PERIOD: "change their code less often than every two minutes (SP 800-63B-4 §3.1.4.1)",
}


class FileOctets:
    """The octets of a file, in pieces, from the start each time. `-` is standard input, kept in memory and never on a disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._kept = sys.stdin.buffer.read(FILE_MAX_OCTETS + 1) if str(path) == "-" else None
        if self._kept is None:
            try:
                self.size = path.stat().st_size
                with path.open("rb"):
                    pass
            except OSError as error:
                raise Invalid(f"{path} cannot be read: {error.strerror}", field="file") from None
            if self.size > FILE_MAX_OCTETS:
                raise Invalid(f"{path} is larger than {FILE_MAX_OCTETS // 2**20} MB", field="file")
        else:
            self.size = len(self._kept)

    @property
    def is_large(self) -> bool:
        """Worth a process of its own."""
        return self._kept is None and self.size >= _APART_FROM_OCTETS

    def __iter__(self) -> Iterator[bytes]:
        if self._kept is not None:
            yield self._kept
            return
        try:
            with self.path.open("rb") as file:
                while piece := file.read(_PIECE_OCTETS):
                    yield piece
        except OSError as error:
            raise Invalid(f"{self.path} cannot be read: {error.strerror}", field="file") from None


def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A seed file of any kind that is read; - for standard input")],
    key_file: Annotated[Path | None, typer.Option("--key-file", help="The transport key, in hexadecimal")] = None,
    password_file: Annotated[Path | None, typer.Option("--password-file", help="The password, in the first line")] = None,
    private_key: Annotated[
        Path | None, typer.Option("--private-key", help="The private key that the file is encrypted for: PEM, or OpenPGP")
    ] = None,
    signer: Annotated[Path | None, typer.Option("--signer", help="The certificate of who must have signed it, in PEM")] = None,
    unverified: Annotated[
        bool, typer.Option("--accept-unverified-signature", help="Take a signed file though nobody checks who signed it")
    ] = False,
    as_: Annotated[str, typer.Option("--as", help="in_stock, or active for tokens of another system")] = "in_stock",
    owners: Annotated[Path | None, typer.Option("--owners", help="CSV serial,member_id: whose tokens they are")] = None,
    branch: Annotated[str, typer.Option("--branch", help="The branch on whose shelf they lie")] = "",
    doubles: Annotated[
        str,
        typer.Option("--doubles", help="A serial number that is here already: refuse, skip, or same (skip if all is equal)"),
    ] = "refuse",
    preview: Annotated[bool, typer.Option("--preview", help="Say what would happen, and store nothing")] = False,
    institution: OfInstitution = "",
    data: Data = HERE,
    as_json: AsJson = False,
) -> None:
    """Take in a seed file. Every row gets its verdict; nothing is stored of a file that is damaged as a whole.

    Cut off, the same command goes on where it was.
    """
    assembly: Assembly = context.obj
    told: list[ImportedRow] = []
    with plainly():
        if as_ not in set(Entry):
            raise Invalid(f"--as is in_stock or active, not {as_}", field="as")
        if as_ == Entry.ACTIVE and owners is None:
            raise Invalid("--as active needs --owners", field="owners")
        if doubles not in set(Doubles):
            raise Invalid(f"--doubles is refuse, skip or same, not {doubles}", field="doubles")
        chunks = FileOctets(file)
        unlock = Unlock(
            key=read_key(key_file) if key_file is not None else None,
            password=read_password(password_file) if password_file is not None else None,
            private_key=Secret(read_octets(private_key, most=2**20)) if private_key is not None else None,
            signer=read_octets(signer, most=2**20) if signer is not None else None,
            unverified=unverified,
        )
        whose = _owners(owners) if owners is not None else {}
        with assembly.open(data) as opened:
            intention = _intention(opened, institution, branch, Entry(as_), whose, Doubles(doubles), preview=preview)
            ask = ImportFile(
                chunks=chunks,
                file_name=file.name,
                intention=intention,
                unlock=unlock,
                open_file=partial(_apart, assembly, file) if chunks.is_large else assembly.open_octets,
            )
            with _progress(file.name, shown=not as_json) as step, _without_collector():
                report = import_file(ask, house=opened.house, told=partial(_tell, told, step, as_json=as_json))
    _report(report, told, preview=preview, as_json=as_json)
    if report.imported == report.skipped == 0 and report.refused:
        raise typer.Exit(REFUSED)


def undo(
    context: typer.Context,
    import_id: Annotated[UUID, typer.Argument(help="The import's key, as `otpward token imports` lists it")],
    institution: OfInstitution = "",
    data: Data = HERE,
    as_json: AsJson = False,
) -> None:
    """Take a delivery back as one act: every device of it that nobody has touched since."""
    assembly: Assembly = context.obj
    with plainly(), assembly.open(data) as opened:
        ask = UndoImport(institution_id=opened.institution(institution).id, import_id=import_id, by=BY)
        done = undo_import(ask, house=opened.house)
    answer = {"removed": done.removed, "kept": done.kept}
    say(f"{done.removed} removed, {done.kept} kept because they were used since.", answer, as_json=as_json)


def imports(
    context: typer.Context,
    limit: Annotated[int, typer.Option("--limit", help="At most so many", min=1, max=1000)] = 20,
    institution: OfInstitution = "",
    data: Data = HERE,
    as_json: AsJson = False,
) -> None:
    """Seed files that were taken in, the newest first."""
    assembly: Assembly = context.obj
    with plainly(), assembly.open(data) as opened:
        owner = opened.institution(institution).id
        found = opened.house.look(owner, lambda uow: uow.imports.find(order="-at", limit=limit))
    rows = [
        {
            "id": str(one.id),
            "file": one.file_name,
            "format": one.format,
            "state": one.state.value,
            "imported": one.taken,
            "refused": one.refused,
            "at": one.at.isoformat(timespec="seconds"),
        }
        for one in found
    ]
    lines = [f"{row['id']}  {row['at']}  {row['state']}  {row['imported']} imported  {row['file']}" for row in rows]
    say("\n".join(lines) or "none yet", {"imports": rows}, as_json=as_json)


def _intention(
    opened: Opened,
    institution: str,
    branch: str,
    entry: Entry,
    owners: Mapping[str, str],
    doubles: Doubles,
    *,
    preview: bool,
) -> Intention:
    owner = opened.institution(institution).id
    at = opened.house.look(owner, lambda uow: uow.branches.first(code=branch)) if branch else None
    if branch and at is None:
        raise NotFound(f"no branch {branch!r}", field="branch")
    return Intention(
        institution_id=owner,
        by=BY,
        branch_id=None if at is None else at.id,
        entry=entry,
        owners=owners,
        doubles=doubles,
        preview=preview,
    )


def _apart(assembly: Assembly, path: Path, _chunks: Chunks, unlock: Unlock) -> SeedFile:
    return assembly.open_seeds(path, unlock)


@contextmanager
def _without_collector() -> Iterator[None]:
    """A million records are no garbage, and looking through them again and again takes a third of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextmanager
def _progress(name: str, *, shown: bool) -> Iterator[Any]:
    if not shown or not out.is_terminal:
        with nullcontext():
            yield lambda count: None
        return
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=out, transient=True
    )
    with bar:
        task = bar.add_task(name, total=None)
        yield lambda count: bar.advance(task, count)


def _tell(told: list[ImportedRow], step: Any, rows: Sequence[ImportedRow], *, as_json: bool) -> None:
    """People read refusals, programs every row."""
    step(len(rows))
    told += (
        rows
        if as_json
        else [row for row in rows if row.verdict is RowVerdict.REFUSED or row.reason][: _ROWS_TOLD_MAX - len(told)]
    )


def _report(report: FileReport, told: list[ImportedRow], *, preview: bool, as_json: bool) -> None:
    told.sort(key=lambda row: row.row)
    rows = [{"row": r.row, "serial": r.serial, "verdict": r.verdict.value, "reason": r.reason} for r in told]
    done = "would be imported" if preview else "imported"
    skipped = f", {report.skipped} skipped" if report.skipped else ""
    lines = [f"{report.imported} {done}{skipped}, {report.refused} refused."]
    if report.resumed_after:
        lines.append(f"  Went on after the first {report.resumed_after} rows, which were here already.")
    if report.signature == "not_verified":
        lines.append("  The file is signed; nobody checked by whom.")
    refused = [row for row in told if row.verdict is RowVerdict.REFUSED]
    lines += [f"  row {row.row} {row.serial or '-'}: {row.reason}" for row in refused[:_SHOWN_ROWS]]
    if len(refused) > _SHOWN_ROWS:
        lines.append(f"  … and {report.refused - _SHOWN_ROWS} more; --json has them all")
    noted = Counter(note for row in told if row.verdict is RowVerdict.IMPORTED for note in row.reason.split())
    lines += [f"  {count} {_NOTES.get(note, note)}." for note, count in sorted(noted.items())]
    if report.import_id is not None:
        lines.append(f"  To take it back: otpward token import-undo {report.import_id}")
    answer = {
        "imported": report.imported,
        "skipped": report.skipped,
        "refused": report.refused,
        "format": report.format,
        "signature": report.signature,
        "import": None if report.import_id is None else str(report.import_id),
        "rows": rows,
    }
    say("\n".join(lines), answer, as_json=as_json)


def _owners(path: Path) -> Mapping[str, str]:
    """`serial,member_id`, with or without a header line."""
    found: dict[str, str] = {}
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        row = next(csv.reader([line[:_LINE_LONGEST]]), [])
        if not row or (number == 1 and [cell.strip().lower() for cell in row] == ["serial", "member_id"]):
            continue
        if len(row) != 2 or not all(cell.strip() for cell in row):
            raise Invalid(f"{path.name} line {number}: two columns are needed, serial,member_id", field="owners")
        serial, login = row[0].strip(), row[1].strip()
        if found.setdefault(serial, login) != login:
            raise Invalid(f"{path.name} line {number}: {serial} has two owners", field="owners")
    return found
