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
class Signature:
    """The place where somebody signs: whose it is, and what was drawn (SVG); without, a line to sign on."""

    name: str
    picture: str = ""


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
    signature: Signature | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One address label: from whom, how it is carried, to whom, and the number with its bars (SVG) and their name."""

    sender: str
    kind: str
    address: Sequence[str]
    postcode: str
    name: str
    number: str
    bars: str
    said: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelPaper:
    """Self-adhesive labels on A4, in millimetres."""

    columns: int = 2
    rows: int = 7
    width: float = 99.1
    height: float = 38.1
    left: float = 4.65
    top: float = 15.1
    gap: float = 2.5


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSheet:
    """Labels in order; the first page begins at label `first`, where those before it are used up."""

    lang: str
    institution: str
    title: str
    labels: Sequence[Label]
    first: int = 1
    at: datetime
    paper: LabelPaper = LabelPaper()


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A covering letter: to whom, what lies with it, and what to do, in the reader's language. `bars` name its application."""

    lang: str
    sender: str
    address: Sequence[str]
    name: str
    title: str
    lead: str
    steps: Sequence[str]
    notes: Sequence[str]
    foot: str
    case: str
    bars: str
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterSheet:
    """Letters in order, a page each."""

    lang: str
    institution: str
    title: str
    letters: Sequence[Letter]
    at: datetime


Printable = Sheet | LabelSheet | LetterSheet


class Printer(Protocol):
    """Makes PDFs, in another process."""

    def print(self, sheet: Printable) -> bytes:
        """The sheet as a PDF: tagged, with title and language.

        Raises:
            Unavailable: nothing is installed to make it, or it could not be made.
        """
        ...

    def close(self) -> None:
        """Let go of the process."""
        ...
