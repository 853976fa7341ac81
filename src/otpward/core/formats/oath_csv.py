"""Seed lists as plain text, a token a line: `serial, hex seed, type, digits, period or counter[, hash]`.

Separated by commas or semicolons; `#` begins a comment line; a heading is optional. A bad line is reported and the others go
on. The format has no standard; this is the dialect that token makers and other servers write.
"""

import re
from typing import Final

from otpward.core.formats.faults import BrokenSeedFile, UnknownSeedFile
from otpward.core.formats.records import (
    FILE_MAX_OCTETS,
    KEYS_MAX,
    KeyKind,
    ReadResult,
    RefusedRow,
    RowError,
    RowFault,
    SeedFormat,
    SeedRecord,
    checked_counter,
    checked_parameters,
    checked_seed,
    checked_serial,
)
from otpward.core.oath.model import Algorithm, TokenKind

KINDS: Final = {kind.value: kind for kind in (TokenKind.HOTP, TokenKind.TOTP)}  # a suite has no column
LINE_MAX: Final = 4096
COLUMNS: Final = "serial, hex seed, type, digits, period or counter, and perhaps a hash"
HEADINGS: Final = frozenset({"serial", "serialnumber", "serialno", "tokenserial", "일련번호", "시리얼"})
HEX: Final = re.compile(r"(?:[0-9A-Fa-f]{2})+", re.ASCII)
SEED_LIKE: Final = re.compile(
    r"(?=.*[A-Fa-f])[0-9A-Fa-f]{20,}|[0-9]{32,}", re.ASCII
)  # 80 bits in hex, not a long decimal number
NUMBER: Final = re.compile(r"[0-9]{1,20}", re.ASCII)


def read_oath_csv(data: bytes) -> ReadResult:
    """Read all lines; each is a record or a refusal with its line number.

    Raises:
        UnknownSeedFile: too large, or no line with a token.
        BrokenSeedFile: not UTF-8 text, or a line or the list is too long.
    """
    lines = _meaningful_lines(data)
    separator = _separator(lines[0][1]) if lines else ","
    if lines and _is_heading(_cells(lines[0][1], separator)):
        del lines[0]
    if not lines:
        raise UnknownSeedFile("the file has no line with a token")
    records: list[SeedRecord] = []
    refused: list[RowError] = []
    seen: set[str] = set()
    for row, line in lines:
        cells = _cells(line, separator)
        serial: str | None = None
        try:
            serial = _serial(cells)
            if serial in seen:
                raise RefusedRow(RowFault.DUPLICATE, "this serial number is already in the file")
            records.append(_record(row, serial, cells))
            seen.add(serial)
        except RefusedRow as refusal:
            message = f"line {row}: {refusal.message}"
            refused.append(RowError(row=row, serial=serial, reason=refusal.reason, message=message))
    return ReadResult(format=SeedFormat.OATH_CSV, records=tuple(records), refused=tuple(refused))


def looks_like_oath_csv(line: str) -> bool:
    """A heading of this dialect, or a line with its columns."""
    cells = _cells(line, _separator(line))
    fits = len(cells) in (5, 6) and (cells[2].casefold() in KINDS or HEX.fullmatch(cells[1]) is not None)
    return fits or (len(cells) > 1 and _is_heading(cells))


def _meaningful_lines(data: bytes) -> list[tuple[int, str]]:
    """The lines that are neither empty nor a comment, with their numbers."""
    if len(data) > FILE_MAX_OCTETS:
        raise UnknownSeedFile(f"the file is larger than {FILE_MAX_OCTETS // 2**20} MB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeError:
        raise BrokenSeedFile("the file is not UTF-8 text; save it again as CSV in UTF-8") from None
    lines: list[tuple[int, str]] = []
    for row, line in enumerate(re.split(r"\r\n|\n|\r", text), start=1):
        if len(line) > LINE_MAX:
            raise BrokenSeedFile(f"longer than {LINE_MAX} characters", where=f"line {row}")
        line = line.strip()
        if line and not line.startswith("#"):
            lines.append((row, line))
    if len(lines) > KEYS_MAX + 1:
        raise BrokenSeedFile(f"more than {KEYS_MAX} tokens in one file")
    return lines


def _separator(line: str) -> str:
    """The semicolon if there is one (no cell of this dialect can hold it), else the comma."""
    return ";" if ";" in line else ","


def _is_heading(cells: list[str]) -> bool:
    return re.sub(r"[\s_.-]", "", cells[0].casefold()) in HEADINGS


def _cells(line: str, separator: str) -> list[str]:
    return [_unquoted(cell.strip()) for cell in line.split(separator)]


def _unquoted(cell: str) -> str:
    return cell[1:-1].strip() if len(cell) >= 2 and cell[0] == cell[-1] == '"' else cell


def _serial(cells: list[str]) -> str:
    if not cells[0]:
        raise RefusedRow(RowFault.NO_NAME, "no serial number")
    if SEED_LIKE.fullmatch(cells[0]):
        raise RefusedRow(RowFault.BAD_SERIAL, "the serial number looks like a seed: are the columns in order?")
    return checked_serial(cells[0])


def _record(row: int, serial: str, cells: list[str]) -> SeedRecord:
    if len(cells) not in (5, 6):
        raise RefusedRow(RowFault.COLUMNS, f"{len(cells)} columns; there should be {COLUMNS}")
    if not HEX.fullmatch(cells[1]):
        raise RefusedRow(RowFault.BAD_SEED, "the seed is not an even number of hex digits")
    kind = KINDS.get(cells[2].casefold())
    if kind is None:
        raise RefusedRow(RowFault.UNKNOWN_ALGORITHM, "the type is neither HOTP nor TOTP")
    seed = checked_seed(bytes.fromhex(cells[1]))
    algorithm = _algorithm(cells[5] if len(cells) == 6 else "")
    digits = _number(cells[3], RowFault.DIGITS, "the number of digits is not a number")
    if kind is TokenKind.TOTP:
        period_s = _number(cells[4], RowFault.PERIOD, "the period is not a number of seconds")
        counter = None
    else:
        period_s = None
        counter = checked_counter(_number(cells[4], RowFault.COUNTER, "the counter is not a number"))
    checked_parameters(kind, algorithm, digits, period_s)
    return SeedRecord(
        row=row,
        serial=serial,
        kind=KeyKind(kind.value),
        algorithm=algorithm,
        digits=digits,
        seed=seed,
        period_s=period_s,
        counter=counter,
    )


def _algorithm(text: str) -> Algorithm:
    try:
        return Algorithm(text.casefold().replace("-", "") or Algorithm.SHA1)
    except ValueError:
        raise RefusedRow(RowFault.UNKNOWN_HASH, "the hash is none of SHA1, SHA256, SHA512") from None


def _number(text: str, reason: RowFault, message: str) -> int:
    if not NUMBER.fullmatch(text):
        raise RefusedRow(reason, message)
    return int(text)
