"""Making sheets to keep: words come in, a tagged PDF comes out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol

from otpward.core.errors import Unavailable


class PrinterBusy(Unavailable):
    """As many sheets wait as there is room for; in a few seconds there will be room again."""

    code: ClassVar[str] = "printer_busy"


@dataclass(frozen=True, slots=True, kw_only=True)
class BigCode:
    """A code in large letters, and the same as a picture (SVG) with its name."""

    letters: str
    name: str
    picture: str
    picture_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What stands on the sheet, in the reader's language and in the words of the page. `at` is when it was made."""

    lang: str
    institution: str
    title: str
    lead: str
    rows: Sequence[tuple[str, str]]
    notes: Sequence[str] = ()
    foot: str
    at: datetime
    code: BigCode | None = None


class Printer(Protocol):
    """Makes PDFs, in another process."""

    def print(self, sheet: Sheet) -> bytes:
        """The sheet as a PDF: tagged, with title and language.

        Raises:
            Unavailable: nothing is installed to make it, or it could not be made.
        """
        ...

    def close(self) -> None:
        """Let go of the process."""
        ...
