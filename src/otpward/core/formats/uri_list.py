"""Lists of what QR codes say, one a line: `otpauth://` and `otpauth-migration://`. All parts of a transfer must be there."""

from collections.abc import Iterator
from functools import partial

from otpward.core.errors import Invalid
from otpward.core.formats.faults import BrokenSeedFile, UnknownSeedFile
from otpward.core.formats.lines import meaningful
from otpward.core.formats.migration import PAYLOAD_MAX_OCTETS, SCHEME, Part, account_record, parse_migration
from otpward.core.formats.reading import Chunks, Row
from otpward.core.formats.records import RowError, RowFault, SeedRecord
from otpward.core.formats.rowwise import Rows, app_name, key_record
from otpward.core.oath.uri import parse_uri

LINE_LONGEST = PAYLOAD_MAX_OCTETS * 4


def looks_like_uri_list(line: str) -> bool:
    """A line of such a list."""
    return line.strip().casefold().startswith(("otpauth://", SCHEME))


def read_uri_list(chunks: Chunks) -> Iterator[Row]:
    """Each account is a record or a refusal, numbered as they come.

    Raises:
        BrokenSeedFile: a part of a transfer is missing; nothing of it counts.
    """
    rows, row = Rows(), 0
    parts: dict[tuple[int, int], set[int]] = {}
    for number, line in meaningful(chunks, LINE_LONGEST):
        if not line.casefold().startswith(SCHEME):
            row += 1
            yield rows.row(row, None, f"line {number}", partial(_from_uri, line, row))
            continue
        try:
            part = parse_migration(line)
        except Invalid as fault:
            row += 1
            yield RowError(row=row, serial=None, reason=RowFault.URI, message=f"line {number}: {fault}")
            continue
        if _is_new(part, parts):
            for octets in part.keys:
                row += 1
                yield rows.row(row, None, f"line {number}", partial(account_record, octets, row))
    if not row:
        raise UnknownSeedFile("the file has no line with an account")
    _refuse_incomplete(parts)


def _is_new(part: Part, parts: dict[tuple[int, int], set[int]]) -> bool:
    """Whether this part was not there before: the same code scanned twice is no fault."""
    seen = parts.setdefault((part.batch_id, part.size), set())
    if part.size > 1 and part.index in seen:
        return False
    seen.add(part.index)
    return True


def _refuse_incomplete(parts: dict[tuple[int, int], set[int]]) -> None:
    for (_, size), seen in parts.items():
        missing = [str(index + 1) for index in range(size) if index not in seen]
        if missing:
            told = f"of its {size} codes, number {', '.join(missing)} is missing"
            raise BrokenSeedFile(f"the transfer is incomplete: {told}; put every code of it into this file")


def _from_uri(text: str, row: int) -> SeedRecord:
    uri = parse_uri(text)
    return key_record(
        row=row,
        key_id=app_name(uri.issuer or "", uri.account),
        kind=uri.parameters.kind,
        seed=uri.seed,
        algorithm=uri.parameters.algorithm,
        digits=uri.parameters.digits,
        period_s=uri.parameters.period_s or 30,
        counter=uri.counter or 0,
        user=uri.account,
        issuer=uri.issuer,
    )
