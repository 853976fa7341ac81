"""The list that Microsoft Entra ID takes for hardware tokens: `upn,serial number,secret key,time interval,manufacturer,model`.

The key is base32, the codes have six digits; a seventh column may name the hash (`hmacsha1`, `hmacsha256`).
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from otpward.core.formats.faults import UnknownSeedFile
from otpward.core.formats.lines import cells_of, meaningful
from otpward.core.formats.oath_csv import separator_of
from otpward.core.formats.reading import Chunks, Row
from otpward.core.formats.records import RefusedRow, RowFault, SeedRecord
from otpward.core.formats.rowwise import Rows, base32_seed, hash_of, key_record, number_of, serial_of, shown_serial
from otpward.core.oath.model import TokenKind

COLUMNS: Final = ("upn", "serialnumber", "secretkey", "timeinterval", "manufacturer", "model")


def looks_like_entra_csv(line: str) -> bool:
    """Its heading, which it always has."""
    return tuple(_plain(cell) for cell in cells_of(line, separator_of(line)))[:4] == COLUMNS[:4]


def read_entra_csv(chunks: Chunks) -> Iterator[Row]:
    """Each line is a record or a refusal with its line number; raises `SeedFileFault`."""
    rows, separator, count = Rows(), "", 0
    for number, line in meaningful(chunks):
        if not separator:
            separator = separator_of(line)
            continue
        count += 1
        cells = cells_of(line, separator)
        serial = shown_serial(cells[1]) if len(cells) > 1 else None
        yield rows.row(number, serial, f"line {number}", partial(_record, number, cells))
    if not count:
        raise UnknownSeedFile("the file has no line with a token")


def _record(row: int, cells: list[str]) -> SeedRecord:
    if len(cells) not in (4, 5, 6, 7):
        raise RefusedRow(RowFault.COLUMNS, f"{len(cells)} columns; there should be {', '.join(COLUMNS)}")
    upn, serial, key, interval, manufacturer, model, digest = [*cells, "", "", ""][:7]
    return key_record(
        row=row,
        serial=serial_of(serial),
        kind=TokenKind.TOTP,
        seed=base32_seed(key),
        algorithm=hash_of(digest),
        period_s=number_of(interval, RowFault.PERIOD, "time interval"),
        user=upn,
        manufacturer=manufacturer,
        model=model,
    )


def _plain(cell: str) -> str:
    return cell.casefold().replace(" ", "").replace("_", "")
