"""Where a large file waits: sealed piece by piece on its way to the disk, and never there in the clear."""

from collections.abc import Iterable
from typing import Protocol
from uuid import UUID

from otpward.core.formats.reading import Chunks


class SealedWriter(Protocol):
    """A file that is being written."""

    octets: int

    def write(self, data: bytes) -> int:
        """Take these octets; raises `Invalid` when they are too many."""
        ...

    def finish(self) -> None:
        """Write what is left, and let go of the file."""
        ...


class SealedFiles(Protocol):
    """The waiting files of an installation, by their keys."""

    def begin(self, institution_id: UUID, key: UUID) -> SealedWriter:
        """Begin a file; raises `Unavailable` where there is no room for it."""
        ...

    def read(self, institution_id: UUID, key: UUID, octets: int) -> Chunks:
        """Its octets in pieces, from the start each time. Reading raises `NotFound` if it is gone, `SealBroken` if it was
        changed or cut off."""
        ...

    def drop(self, key: UUID) -> None:
        """Remove it; nothing happens if it is gone."""
        ...

    def sweep(self, keep: Iterable[UUID], *, older_than_s: float) -> None:
        """Remove what nobody keeps and has not been written to for so long."""
        ...
