"""Seeds that leave, on the command line: one person asks, another approves, then the file is written once."""

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final
from uuid import UUID

import typer

from otpward.core.audit import Actor, ActorKind
from otpward.core.errors import Invalid
from otpward.core.formats.pskc.writing import Lock
from otpward.core.model.seed_export import SeedExport
from otpward.edges.cli.assembly import Assembly
from otpward.edges.cli.openers import read_key, read_password
from otpward.edges.cli.say import HERE, AsJson, Data, OfInstitution, plainly, say
from otpward.services.stock.approve_export import ApproveExport, approve_export
from otpward.services.stock.ask_export import AskExport, ask_export
from otpward.services.stock.export_seeds import ExportSeeds, export_seeds

exports = typer.Typer(help="Seeds that leave, under two people", no_args_is_help=True)
BY: Final = Actor(kind=ActorKind.OPERATOR, source="command line")


@exports.command("ask")
def export_ask(
    context: typer.Context,
    serials: Annotated[list[str] | None, typer.Argument(help="Serial numbers")] = None,
    of_import: Annotated[UUID | None, typer.Option("--import", help="All devices of this import")] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why seeds must leave")] = "",
    clear: Annotated[bool, typer.Option("--clear-text", help="Not encrypted; the second person must say so, too")] = False,
    institution: OfInstitution = "",
    data: Data = HERE,
    as_json: AsJson = False,
) -> None:
    """Ask that seeds leave as PSKC. Another person must approve it within a day."""
    assembly: Assembly = context.obj
    with plainly(), assembly.open(data) as opened:
        owner = opened.institution(institution).id
        ask = AskExport(
            institution_id=owner,
            by=BY,
            person=who_types(),
            reason=reason,
            serials=serials or (),
            import_id=of_import,
            clear=clear,
        )
        export = opened.house.do(owner, lambda desk: ask_export(ask, desk=desk))
    say(
        f"asked: {export.id}\nAnother person approves it: otpward token export approve {export.id}",
        _facts(export),
        as_json=as_json,
    )


@exports.command("approve")
def export_approve(
    context: typer.Context,
    export_id: UUID,
    clear: Annotated[bool, typer.Option("--clear-text", help="I know that the file will not be encrypted")] = False,
    institution: OfInstitution = "",
    data: Data = HERE,
    as_json: AsJson = False,
) -> None:
    """Approve what another person asked for."""
    assembly: Assembly = context.obj
    with plainly(), assembly.open(data) as opened:
        owner = opened.institution(institution).id
        ask = ApproveExport(export_id=export_id, by=BY, person=who_types(), clear=clear)
        export = opened.house.do(owner, lambda desk: approve_export(ask, desk=desk))
    say(
        f"approved: {export.serials.count(chr(10)) + 1} devices, asked for by {export.asked_by}",
        _facts(export),
        as_json=as_json,
    )


@exports.command("write")
def export_write(
    context: typer.Context,
    export_id: UUID,
    file: Annotated[Path, typer.Argument(help="The file to write; it must not be there yet")],
    key_file: Annotated[Path | None, typer.Option("--key-file", help="The transport key: 32 octets in hexadecimal")] = None,
    password_file: Annotated[Path | None, typer.Option("--password-file", help="The password, in the first line")] = None,
    institution: OfInstitution = "",
    data: Data = HERE,
    as_json: AsJson = False,
) -> None:
    """Write the approved export, once."""
    assembly: Assembly = context.obj
    with plainly(), assembly.open(data) as opened:
        owner = opened.institution(institution).id
        lock = Lock(
            key=read_key(key_file) if key_file is not None else None,
            password=read_password(password_file) if password_file is not None else None,
        )
        ask = ExportSeeds(export_id=export_id, by=BY, lock=lock)
        with _new_file(file) as handle:
            pieces = opened.house.do(owner, lambda desk: export_seeds(ask, desk=desk))
            for piece in pieces:
                handle.write(piece)
    say(f"written: {file}", {"file": str(file), "encrypted": not lock.is_open}, as_json=as_json)


def who_types() -> str:
    """The system account that runs this command; behind sudo the one that called it."""
    if os.geteuid() == 0 and os.environ.get("SUDO_USER"):
        return os.environ["SUDO_USER"]
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


@contextmanager
def _new_file(path: Path) -> Iterator[Any]:
    """A file for its owner alone; gone again if what was to be in it did not come."""
    try:
        handle = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    except OSError as error:
        raise Invalid(f"{path} cannot be written: {error.strerror}", field="file") from None
    try:
        with handle:
            yield handle
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _facts(export: SeedExport) -> dict[str, Any]:
    return {
        "id": str(export.id),
        "devices": export.serials.count("\n") + 1,
        "clear": export.clear,
        "asked_by": export.asked_by,
        "approved_by": export.approved_by or None,
        "expires_at": export.expires_at.isoformat(timespec="seconds"),
    }
