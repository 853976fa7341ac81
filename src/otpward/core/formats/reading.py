"""A seed file as it is read: one row after the other, each a record or a refusal, and what is known of the whole."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from otpward.core.formats.faults import UnknownSeedFile
from otpward.core.formats.records import FILE_MAX_OCTETS, ReadResult, RowError, SeedFormat, SeedRecord, SignatureState

Row: TypeAlias = SeedRecord | RowError
Chunks: TypeAlias = Iterable[bytes]
"""The octets of a file, in pieces. Iterated over again they are the same."""

WHOLE_MAX_OCTETS: Final = 64 * 2**20
"""What is not read in pieces (JSON, encrypted vaults) is at most so large: an export of an app is a few hundred kilobytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedFile:
    """A file whose kind is known. `rows` raises a `SeedFileFault` where the file itself turns out to be at fault; what was
    handed out before is then void. `signature` is asked after the last row."""

    format: SeedFormat
    rows: Iterator[Row]
    signatures: list[SignatureState] = field(default_factory=list)

    @property
    def signature(self) -> SignatureState:
        """What is known of the signature over the whole."""
        return self.signatures[-1] if self.signatures else SignatureState.NONE


def collected(file: SeedFile) -> ReadResult:
    """All rows at once, for files that fit."""
    records: list[SeedRecord] = []
    refused: list[RowError] = []
    for row in file.rows:
        if isinstance(row, SeedRecord):
            records.append(row)
        else:
            refused.append(row)
    return ReadResult(
        format=file.format,
        records=tuple(sorted(records, key=lambda record: record.row)),
        refused=tuple(refused),
        signature=file.signature,
    )


def whole(chunks: Chunks, most: int = WHOLE_MAX_OCTETS) -> bytes:
    """The octets of a file that cannot be read in pieces.

    Raises:
        UnknownSeedFile: it is larger than such a file can be.
    """
    pieces: list[bytes] = []
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > most:
            raise UnknownSeedFile(f"a file of this kind is not larger than {most // 2**20} MB")
        pieces.append(chunk)
    return b"".join(pieces)


class Counted:
    """Octets in pieces within bounds, to be iterated over more than once."""

    def __init__(self, chunks: Chunks) -> None:
        self._chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        for chunk in self._chunks:
            size += len(chunk)
            if size > FILE_MAX_OCTETS:
                raise UnknownSeedFile(f"the file is larger than {FILE_MAX_OCTETS // 2**20} MB")
            yield chunk
