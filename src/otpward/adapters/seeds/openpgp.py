"""Seed files inside an OpenPGP message: opened in a process of their own, and never on a disk in the clear.

What is inside is handed on as it comes, in pieces: a message of up to about 25 MB is whole and unchanged by then. Of a longer
one that turns out changed at its end, the fault is raised there, and what was handed out before is void.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from importlib.util import find_spec
from typing import IO, Any, Final

from otpward.adapters.child import end_child, pipes, start_child
from otpward.adapters.seeds.frames import put
from otpward.adapters.seeds.outcome import Outcome
from otpward.core.formats.detect import head_of, open_seed_file
from otpward.core.formats.faults import (
    BrokenSeedFile,
    SeedFileDeclined,
    SeedFileFault,
    SeedFileKeyNeeded,
    SeedFileNotAuthentic,
    SeedFileNotReadYet,
)
from otpward.core.formats.openpgp import Wrapping, is_private_key, wrapping_of
from otpward.core.formats.reading import Chunks, Counted, SeedFile
from otpward.core.formats.records import SignatureState
from otpward.core.formats.unlock import Unlock

_MODULE: Final = "otpward.adapters.seeds.unwrapping"
_PIECE: Final = 256 * 1024
_KEPT_OCTETS: Final = 16 * 2**20
"""So much is kept in memory, so that it is opened once and not each time it is read."""
_FREE_OCTETS: Final = 64 * 2**20
_TIMES_LARGER: Final = 100
"""Seeds are chance, and nothing with seeds in it packs so well: a small file that unpacks to more is meant to stall."""
_SIGNED: Final = "an OpenPGP signature; the file says it is signed and nobody verified that (`gpg --decrypt` does)"
_TWICE: Final = (
    "the file is encrypted with OpenPGP twice; open the outer one first, in memory and not onto a disk: "
    "`gpg --decrypt FILE | otpward token import -`"
)
_ENDED: Final = "the OpenPGP message takes more memory or time to open than any seed file does"
_TOO_LARGE: Final = f"the OpenPGP message unpacks to more than {_TIMES_LARGER} times its size"
_UNSAFE: Final = (
    "the OpenPGP message has no integrity protection (MDC), or a cipher that is not safe any more; "
    "ask for one made with a current version of GnuPG"
)
_FAULTS: Final[Mapping[int, SeedFileFault]] = {
    Outcome.NO_PRIVATE_KEY: SeedFileKeyNeeded("what was given is no OpenPGP private key to decrypt with", field="private_key"),
    Outcome.LOCKED_KEY: SeedFileKeyNeeded("the private key has a password, which is needed", field="password"),
    Outcome.KEY_PASSWORD: SeedFileKeyNeeded("the private key has another password", field="password"),
    Outcome.UNSAFE: SeedFileDeclined(_UNSAFE),
    Outcome.CHANGED: SeedFileNotAuthentic("the OpenPGP message was changed on its way"),
    Outcome.DAMAGED: BrokenSeedFile("the OpenPGP message is damaged or cut off"),
}


def is_installed() -> bool:
    """Whether OpenPGP messages can be opened here at all (the extra `pgp`)."""
    return find_spec("pysequoia") is not None


def open_any(chunks: Chunks, unlock: Unlock) -> SeedFile:
    """Read a seed file of any kind, also one inside an OpenPGP message.

    Raises:
        SeedFileFault: as `open_seed_file`; and what opens the message is missing or does not fit.
        Unavailable: the process did not start.
    """
    chunks = Counted(chunks)
    wrapping = wrapping_of(head_of(chunks))
    if wrapping is None or not is_installed():
        return open_seed_file(chunks, unlock)
    message = _Message(chunks, unlock, wrapping)
    signed = message.is_signed()
    if signed and not unlock.unverified:
        raise SeedFileNotReadYet(_SIGNED, field="unverified")
    inside = message.kept()
    if wrapping_of(head_of(inside)) is not None:
        raise SeedFileDeclined(_TWICE)
    if unlock.private_key is not None and is_private_key(unlock.private_key.reveal()):
        unlock = replace(unlock, private_key=None)
    file = open_seed_file(inside, unlock)
    if signed:
        file.signatures.insert(0, SignatureState.NOT_VERIFIED)
    return file


class _Message:
    """The message; iterated over, what is inside."""

    def __init__(self, chunks: Chunks, unlock: Unlock, wrapping: Wrapping) -> None:
        self._chunks = chunks
        self._unlock = unlock
        self._wrapping = wrapping

    def __iter__(self) -> Iterator[bytes]:
        return self._opened(look=False)

    def is_signed(self) -> bool:
        """Whether it says so of itself. Who signed it, nobody asks."""
        outcome = Outcome.UNSIGNED
        for piece in self._opened(look=True):
            outcome = Outcome(int(piece))
        return outcome is Outcome.SIGNED

    def kept(self) -> Chunks:
        """What is inside; in memory, where it is small."""
        pieces: list[bytes] = []
        for piece in self:
            pieces.append(piece)
            if sum(map(len, pieces)) > _KEPT_OCTETS:
                return self
        return [b"".join(pieces)]

    def _opened(self, *, look: bool) -> Iterator[bytes]:
        """What the process says; where it only looks, its outcome."""
        process = start_child(_MODULE)
        hears, says = pipes(process)
        mouth = _Mouth(hears, self._asked(look=look), self._chunks)
        seen = 0
        try:
            while piece := says.read1(_PIECE):  # type: ignore[attr-defined]
                seen += len(piece)
                if seen > _FREE_OCTETS and seen > _TIMES_LARGER * mouth.said:
                    raise BrokenSeedFile(_TOO_LARGE)
                if not look:
                    yield piece
            code = process.wait()
        finally:
            process.kill()
            mouth.join()
            end_child(process)
        if mouth.fault is not None:
            raise mouth.fault
        if code not in (Outcome.UNSIGNED, Outcome.SIGNED):
            raise self._fault(code)
        if look:
            yield b"%d" % code

    def _asked(self, *, look: bool) -> dict[str, Any]:
        key, password = self._unlock.private_key, self._unlock.password
        fits = key is not None and is_private_key(key.reveal())
        return {
            "look": look,
            "password": None if password is None else password.reveal(),
            "private_key": key.reveal() if key is not None and fits else None,
        }

    def _fault(self, code: int) -> SeedFileFault:
        if code != Outcome.KEY_DOES_NOT_FIT:
            known = _FAULTS.get(code) or BrokenSeedFile(_ENDED)
            return type(known)(known.message, field=known.field or "file")
        key, password = self._unlock.private_key, self._unlock.password
        if self._wrapping is Wrapping.PRIVATE_KEY and (key is None or not is_private_key(key.reveal())):
            message = "the file is encrypted with OpenPGP for a private key, which is needed (an OpenPGP one)"
            return SeedFileKeyNeeded(message, field="private_key")
        if key is None and password is None:
            return SeedFileKeyNeeded("the file is encrypted with OpenPGP: its password is needed", field="password")
        which = "private key" if self._wrapping is Wrapping.PRIVATE_KEY else "password"
        return SeedFileNotAuthentic(f"the OpenPGP message is encrypted for another {which}")


class _Mouth(threading.Thread):
    """Tells the process what it is to open, while somebody else listens to what it says."""

    def __init__(self, pipe: IO[bytes], asked: dict[str, Any], chunks: Chunks) -> None:
        super().__init__(daemon=True)
        self._pipe, self._asked, self._chunks = pipe, asked, chunks
        self.said = 0
        self.fault: Exception | None = None
        self.start()

    def run(self) -> None:
        with suppress(OSError):  # it has heard enough
            try:
                put(self._pipe, self._asked)
                for chunk in self._chunks:
                    self.said += len(chunk)
                    self._pipe.write(chunk)
            except OSError:
                raise
            except Exception as error:  # the file itself: it is told where the octets are read
                self.fault = error
            finally:
                self._pipe.close()
