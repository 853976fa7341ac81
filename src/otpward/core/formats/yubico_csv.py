"""What the YubiKey personalization tools write about the keys they set up.

The traditional form names the kind first (`OATH-HOTP,time,slot,public id,private id,secret,…`), Yubico's own the serial number
(`serial,public id,private id or 0,secret,…,time,`), with 0 for OATH, and says nothing of digits. Only OATH keys are tokens.
"""

import re
from collections.abc import Iterator
from functools import partial
from typing import Final

from otpward.core.formats.faults import UnknownSeedFile
from otpward.core.formats.lines import cells_of, meaningful
from otpward.core.formats.reading import Chunks, Row
from otpward.core.formats.records import RefusedRow, RowFault, SeedRecord
from otpward.core.formats.rowwise import Rows, hex_seed, key_record, number_of, serial_of, shown_serial
from otpward.core.oath.model import TokenKind

MAKER: Final = "Yubico"
KINDS: Final = frozenset({"yubico otp", "oath-hotp", "static password", "challenge-response: hmac-sha1"})
START: Final = "logging start"
OWN: Final = re.compile(r"[0-9]{1,10},[cbdefghijklnrtuv]{0,32},[0-9a-fA-F]{0,12},[0-9a-fA-F]{32,40},[^,]*,[0-9T:.\-]+,?")
DIGITS_COLUMN: Final = 11


def looks_like_yubico_csv(line: str) -> bool:
    """A line of either form."""
    return line.split(",", maxsplit=1)[0].strip().casefold() in KINDS | {START} or OWN.fullmatch(line.strip()) is not None


def read_yubico_csv(chunks: Chunks) -> Iterator[Row]:
    """Each line is a record or a refusal with its line number; raises `SeedFileFault`."""
    rows, count = Rows(), 0
    for number, line in meaningful(chunks):
        cells = cells_of(line, ",")
        if cells[0].casefold() == START:
            continue
        count += 1
        traditional = not cells[0].isdigit()
        name = cells[3] if traditional and len(cells) > 3 else cells[0]
        make = _traditional if traditional else _own
        yield rows.row(number, shown_serial(name), f"line {number}", partial(make, number, cells))
    if not count:
        raise UnknownSeedFile("the file has no line with a token")


def _traditional(row: int, cells: list[str]) -> SeedRecord:
    if cells[0].casefold() != "oath-hotp":
        raise RefusedRow(RowFault.NOT_A_TOKEN, "the slot is not set up for OATH")
    if len(cells) <= DIGITS_COLUMN:
        raise RefusedRow(RowFault.COLUMNS, f"{len(cells)} columns are too few")
    if not cells[3]:
        raise RefusedRow(RowFault.NO_NAME, "no public id, so nothing says which device it is; write the log in Yubico's format")
    return key_record(
        row=row,
        serial=serial_of(cells[3]),
        kind=TokenKind.HOTP,
        seed=hex_seed(cells[5]),
        digits=number_of(cells[DIGITS_COLUMN], RowFault.DIGITS, "number of digits"),
        manufacturer=MAKER,
    )


def _own(row: int, cells: list[str]) -> SeedRecord:
    if len(cells) < 4:
        raise RefusedRow(RowFault.COLUMNS, f"{len(cells)} columns are too few")
    if cells[2] != "0":
        raise RefusedRow(RowFault.NOT_A_TOKEN, "the slot is not set up for OATH")
    serial = serial_of(cells[0])
    key_id = serial_of(cells[1]) if cells[1] else None
    return key_record(row=row, serial=serial, key_id=key_id, kind=TokenKind.HOTP, seed=hex_seed(cells[3]), manufacturer=MAKER)
