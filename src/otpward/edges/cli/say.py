"""How the command line speaks: to people by default, to programs with --json; errors in one sentence."""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final, NoReturn

import typer
from rich.console import Console

from otpward.core.errors import Conflict, Denied, Invalid, NotFound, OtpwardError

DONE: Final = 0
REFUSED: Final = 1
BAD_INPUT: Final = 2
NOT_AVAILABLE: Final = 3
_TEXT_MAX_OCTETS: Final = 64 * 2**20

out: Final = Console(highlight=False, soft_wrap=True, markup=False, emoji=False)
"""What is printed is printed as it is: a serial number like `[b]` is no instruction to a terminal."""

DATA_FOLDER: Final = "OTPWARD_DATA"
Data = Annotated[Path, typer.Option("--data", envvar=DATA_FOLDER, help="The data folder")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON, for programs")]
OfInstitution = Annotated[str, typer.Option("--institution", help="The institution's code; needed where there are several")]
HERE: Final = Path("otpward-data")


def exit_code(error: Exception) -> int:
    """The exit code of an error, by its kind."""
    match error:
        case Invalid() | NotFound() | Conflict():
            return BAD_INPUT
        case Denied():
            return REFUSED
        case _:
            return NOT_AVAILABLE


def say(human: str, answer: Mapping[str, Any], *, as_json: bool) -> None:
    """Answer in the form that was asked for."""
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False))
    else:
        out.print(human)


def fail(message: str, code: int) -> NoReturn:
    """End with one sentence on standard error."""
    print(f"otpward: {message}", file=sys.stderr)  # noqa: T201 - this is the command line
    raise typer.Exit(code)


def read_octets(path: Path, *, most: int) -> bytes:
    """A file that was named on the command line; raises `Invalid` if it is not there, not readable or too large."""
    try:
        if path.stat().st_size > most:
            raise Invalid(f"{path} is larger than {most // 2**10} KiB")
        return path.read_bytes()
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}") from None


def read_text(path: Path) -> str:
    """A small text file that was named on the command line; raises `Invalid`."""
    try:
        return read_octets(path, most=_TEXT_MAX_OCTETS).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid(f"{path} is not UTF-8 text") from None


@contextmanager
def plainly() -> Iterator[None]:
    """Turn errors into one sentence and an exit code; never a traceback for what an engineer can mend."""
    try:
        yield
    except OtpwardError as error:
        fail(str(error), exit_code(error))
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        fail(f"{error.strerror or error}{where}", NOT_AVAILABLE)
