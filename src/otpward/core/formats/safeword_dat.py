"""SafeWord's authenticator records (`.dat`), as Aladdin and SafeNet sent them with eToken PASS: blocks of `name: value` lines.

`sccTokenData` holds `sccKey` (hex), `sccMode` (E counts, T tells time), `sccPwdLen` and `sccTick`. The signature of a record is
by a key that was never published: it is not checked.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final

from otpward.core.formats.faults import BrokenSeedFile, UnknownSeedFile
from otpward.core.formats.lines import lines
from otpward.core.formats.reading import Chunks, Row
from otpward.core.formats.records import KEYS_MAX, RefusedRow, RowFault, SeedRecord
from otpward.core.formats.rowwise import Rows, hex_seed, key_record, number_of, serial_of, shown_serial
from otpward.core.oath.model import Algorithm, TokenKind

MODES: Final = {"E": TokenKind.HOTP, "T": TokenKind.TOTP}
FIELDS_MAX: Final = 64
MARKS: Final = ("safeword authenticator records", "sccauthenticatorid")


def looks_like_safeword(head: str) -> bool:
    """Its heading, or the name of a record."""
    return any(mark in head.casefold() for mark in MARKS)


def read_safeword_dat(chunks: Chunks) -> Iterator[Row]:
    """Each block is a record or a refusal; raises `SeedFileFault`."""
    rows, count = Rows(), 0
    for start, fields in _blocks(chunks):
        count += 1
        if count > KEYS_MAX:
            raise BrokenSeedFile(f"more than {KEYS_MAX} tokens in one file")
        name = fields.get("sccauthenticatorid", "")
        yield rows.row(count, shown_serial(name), f"line {start}", partial(_record, count, fields))
    if not count:
        raise UnknownSeedFile("the file holds no authenticator record")


def _blocks(chunks: Chunks) -> Iterator[tuple[int, Mapping[str, str]]]:
    fields: dict[str, str] = {}
    start = 0
    for number, line in lines(chunks):
        text = line.strip()
        if text.startswith("#"):
            continue
        name, colon, value = text.partition(":")
        key = name.strip().casefold()
        if fields and (not text or key == "dn"):
            yield start, fields
            fields = {}
        if not text:
            continue
        if not colon:
            raise BrokenSeedFile("a line without a name", where=f"line {number}")
        start = start if fields else number
        if key == "dn":
            key, _, value = value.partition("=")
            key = key.strip().casefold()
        if len(fields) >= FIELDS_MAX or (key in fields and key == "scctokendata"):
            raise BrokenSeedFile("a record has too many lines, or one twice", where=f"line {number}")
        fields.setdefault(key, value.strip())
    if fields:
        yield start, fields


def _record(row: int, fields: Mapping[str, str]) -> SeedRecord:
    serial = serial_of(fields.get("sccauthenticatorid", ""))
    data = {name.strip().casefold(): value.strip() for name, _, value in _pairs(fields.get("scctokendata", ""))}
    if "scckey" not in data:
        raise RefusedRow(RowFault.BAD_SEED, "no seed")
    kind = MODES.get(data.get("sccmode", "E").upper())
    if kind is None:
        raise RefusedRow(RowFault.UNKNOWN_ALGORITHM, "the mode is neither E nor T")
    seed = hex_seed(data["scckey"])
    return key_record(
        row=row,
        serial=serial,
        kind=kind,
        seed=seed,
        algorithm=Algorithm.SHA256 if len(seed) == 32 else Algorithm.SHA1,
        digits=number_of(data.get("sccpwdlen", "6"), RowFault.DIGITS, "length of the code"),
        period_s=number_of(data.get("scctick", "30"), RowFault.PERIOD, "tick"),
        counter=number_of(data.get("sccseq", "0"), RowFault.COUNTER, "counter"),
        model=fields.get("scctokentype", "") if fields.get("scctokentype", "").isprintable() else "",
    )


def _pairs(text: str) -> list[tuple[str, str, str]]:
    return [part.partition("=") for part in text.split(";") if part.strip()]
