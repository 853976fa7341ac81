"""Seed files that wait in a folder of the installation, sealed under its keys.

A piece is bound to its file and its place in it, so that pieces cannot be moved, left out or mixed; that the last one is there
shows in the number of octets, which its row in the database keeps.
"""

import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final
from uuid import UUID

from otpward.core.errors import Invalid, NotFound, SealBroken, Unavailable
from otpward.core.formats.reading import Chunks
from otpward.core.formats.records import FILE_MAX_OCTETS
from otpward.ports.vault import About, Vault

_PIECE: Final = 256 * 1024
_LENGTH: Final = 4


class _Writer:
    def __init__(self, path: Path, institution_id: UUID, key: UUID, vault: Vault) -> None:
        self._vault, self._institution_id, self._key = vault, institution_id, key
        self._pieces, self._rest = 0, bytearray()
        self.octets = 0
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file = path.open("xb")
            path.chmod(0o600)
        except OSError as error:
            raise Unavailable(f"no seed file can be kept: {error.strerror}") from None

    def write(self, data: bytes) -> int:
        """Take these octets."""
        self.octets += len(data)
        if self.octets > FILE_MAX_OCTETS:
            raise Invalid("larger than any file that is read", field="file")
        self._rest += data
        while len(self._rest) >= _PIECE:
            self._put(bytes(self._rest[:_PIECE]))
            del self._rest[:_PIECE]
        return len(data)

    def finish(self) -> None:
        """Write what is left."""
        if self._file.closed:
            return
        if self._rest:
            self._put(bytes(self._rest))
            self._rest.clear()
        self._file.close()

    def seek(self, _place: int) -> int:
        """What a parser of forms does at the end of a file: nothing more comes."""
        self.finish()
        return 0

    def close(self) -> None:
        """Let go of the file."""
        self.finish()

    def _put(self, piece: bytes) -> None:
        sealed = self._vault.seal(piece, about=_about(self._institution_id, self._key, self._pieces))
        self._pieces += 1
        try:
            self._file.write(len(sealed).to_bytes(_LENGTH) + sealed)
        except OSError as error:
            raise Unavailable(f"no room for a seed file: {error.strerror}") from None


class SealedFolder:
    """One folder."""

    def __init__(self, folder: Path, vault: Vault) -> None:
        self._folder = folder
        self._vault = vault

    def begin(self, institution_id: UUID, key: UUID) -> _Writer:
        """A new file."""
        return _Writer(self._path(key), institution_id, key, self._vault)

    def read(self, institution_id: UUID, key: UUID, octets: int) -> Chunks:
        """Its octets, from the start each time."""
        return _Octets(self._path(key), institution_id, key, octets, self._vault)

    def drop(self, key: UUID) -> None:
        """Remove it."""
        self._path(key).unlink(missing_ok=True)

    def sweep(self, keep: Iterable[UUID], *, older_than_s: float) -> None:
        """Remove what was left behind."""
        kept, before = {self._path(key) for key in keep}, time.time() - older_than_s
        for path in self._folder.glob("*.sealed"):
            if path not in kept and path.stat().st_mtime < before:
                path.unlink(missing_ok=True)

    def _path(self, key: UUID) -> Path:
        return self._folder / f"{key}.sealed"


class _Octets:
    def __init__(self, path: Path, institution_id: UUID, key: UUID, octets: int, vault: Vault) -> None:
        self._path, self._octets, self._vault = path, octets, vault
        self._institution_id, self._key = institution_id, key

    def __iter__(self) -> Iterator[bytes]:
        seen, place = 0, 0
        try:
            file = self._path.open("rb")
        except OSError:
            raise NotFound("the seed file is not here any more") from None
        with file:
            while length := file.read(_LENGTH):
                sealed = file.read(min(int.from_bytes(length), 2 * _PIECE))
                piece = self._vault.unseal(sealed, about=_about(self._institution_id, self._key, place)).reveal()
                seen, place = seen + len(piece), place + 1
                yield piece
        if seen != self._octets:
            raise SealBroken("a waiting seed file is not whole")


def _about(institution_id: UUID, key: UUID, place: int) -> About:
    return About(institution_id, key, f"seed_upload.{place}")
