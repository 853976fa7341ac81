"""Seed lists as plain text, a token a line: `serial, hex seed, type, digits, period or counter[, hash]`.

Separated by commas or semicolons; `#` begins a comment line; a heading is optional. A user, a resolver and a realm may stand
before the serial number, alike in all lines; an OCRA key has its suite after the type and nothing else. A bad line is reported
and the others go on. The format has no standard; these are the dialects that token makers and other servers write.
"""

import re
from collections.abc import Iterator
from functools import partial
from typing import Final

from otpward.core.formats.faults import BrokenSeedFile, UnknownSeedFile
from otpward.core.formats.lines import cells_of, meaningful
from otpward.core.formats.reading import Chunks, Counted, Row, SeedFile, collected
from otpward.core.formats.records import (
    KEYS_MAX,
    KeyKind,
    ReadResult,
    RefusedRow,
    RowFault,
    SeedFormat,
    SeedRecord,
    checked_suite,
)
from otpward.core.formats.rowwise import (
    HEX,
    KINDS,
    Rows,
    hash_of,
    hex_seed,
    key_record,
    kind_of,
    number_of,
    serial_of,
    shown_serial,
)
from otpward.core.oath.model import TokenKind

COLUMNS: Final = "serial, hex seed, type, digits, period or counter, and perhaps a hash"
OCRA: Final = "ocra"
TYPES: Final = frozenset({*KINDS, OCRA})
HEADINGS: Final = frozenset({"serial", "serialnumber", "serialno", "tokenserial", "일련번호", "시리얼"})
BEFORE_MAX: Final = 3  # user, resolver, realm
_NOT_LETTERS: Final = re.compile(r"[\s_.-]")


def read_oath_csv(data: bytes) -> ReadResult:
    """Read a list that fits into memory; see `open_oath_csv`."""
    return collected(open_oath_csv([data]))


def open_oath_csv(chunks: Chunks) -> SeedFile:
    """Read all lines; each is a record or a refusal with its line number.

    Raises, while the rows are read:
        UnknownSeedFile: no line with a token.
        BrokenSeedFile: not UTF-8 text, or a line or the list is too long.
    """
    return SeedFile(format=SeedFormat.OATH_CSV, rows=_rows(Counted(chunks)))


def looks_like_oath_csv(line: str) -> bool:
    """A heading of this dialect, or a line with its columns."""
    cells = cells_of(line, separator_of(line))
    fits = len(cells) in (5, 6) and (cells[2].casefold() in KINDS or HEX.fullmatch(cells[1]) is not None)
    return fits or _before(cells) is not None or (len(cells) > 1 and is_heading(cells))


def separator_of(line: str) -> str:
    """The semicolon if there is one (no cell of this dialect can hold it), else the comma."""
    return ";" if ";" in line else ","


def is_heading(cells: list[str]) -> bool:
    """The first line names its columns."""
    return any(_NOT_LETTERS.sub("", cell.casefold()) in HEADINGS for cell in cells[: BEFORE_MAX + 1])


def _rows(chunks: Chunks) -> Iterator[Row]:
    separator, before, count = "", None, 0
    rows = Rows()
    for number, line in meaningful(chunks):
        separator = separator or separator_of(line)
        cells = cells_of(line, separator)
        if count == 0 and is_heading(cells) and _before(cells) is None:
            continue
        count += 1
        if count > KEYS_MAX:
            raise BrokenSeedFile(f"more than {KEYS_MAX} tokens in one file")
        if before is None:
            before = _before(cells)
        yield _row(number, cells, before or 0, rows)
    if not count:
        raise UnknownSeedFile("the file has no line with a token")


def _row(number: int, cells: list[str], before: int, rows: Rows) -> Row:
    here = cells[before:]
    return rows.row(number, shown_serial(here[0] if here else ""), f"line {number}", partial(_record, number, cells, before))


def _before(cells: list[str]) -> int | None:
    """How many columns stand before the serial number, or None where no type can be seen."""
    for place in range(2, min(len(cells), BEFORE_MAX + 3)):
        if cells[place].casefold() in TYPES and HEX.fullmatch(cells[place - 1]):
            return place - 2
    return None


def _record(row: int, line: list[str], before: int) -> SeedRecord:
    cells = line[before:]
    serial = serial_of(cells[0] if cells else "")
    user = line[0] if before else ""
    if len(cells) == 4 and cells[2].casefold() == OCRA:
        return _ocra(row, serial, cells, user)
    if len(cells) not in (5, 6):
        raise RefusedRow(RowFault.COLUMNS, f"{len(cells)} columns; there should be {COLUMNS}")
    seed = hex_seed(cells[1])
    kind = kind_of(cells[2])
    timed = kind is TokenKind.TOTP
    moving = number_of(cells[4], *((RowFault.PERIOD, "period") if timed else (RowFault.COUNTER, "counter")))
    return key_record(
        row=row,
        serial=serial,
        kind=kind,
        seed=seed,
        algorithm=hash_of(cells[5] if len(cells) == 6 else ""),
        digits=number_of(cells[3], RowFault.DIGITS, "number of digits"),
        period_s=moving if timed else 30,
        counter=0 if timed else moving,
        user=user,
    )


def _ocra(row: int, serial: str, cells: list[str], user: str) -> SeedRecord:
    suite = checked_suite(cells[3])
    if suite.pin_hash is not None:
        raise RefusedRow(RowFault.SUITE, "the suite needs a PIN, which a list like this cannot bring")
    return SeedRecord(
        row=row,
        serial=serial,
        kind=KeyKind.OCRA,
        algorithm=suite.algorithm,
        digits=suite.digits,
        seed=hex_seed(cells[1]),
        suite=suite.text,
        period_s=suite.step_s or None,
        counter=0 if suite.counter else None,
        key_user=user or None,
    )
