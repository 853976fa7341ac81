"""Our side of it: starts the reading process and hands out the rows as they come."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from queue import Empty, Queue
from typing import Any, Final

from otpward.adapters.seeds.frames import list_as_fault, list_as_row, opened, put, take_octets
from otpward.core.errors import Invalid, Unavailable
from otpward.core.formats.reading import Row, SeedFile
from otpward.core.formats.records import SeedFormat, SignatureState
from otpward.core.formats.unlock import Unlock
from otpward.core.secret import Secret

_A_MOMENT_S: Final = 0.05
_FRAMES_AHEAD: Final = 32
"""So much is read while a batch is stored: 32,000 rows, some ten megabytes."""


def open_apart(path: Path, unlock: Unlock) -> SeedFile:
    """Read this file in another process.

    Raises:
        SeedFileFault: the file cannot be taken; so may reading its rows.
        Invalid: the file cannot be read.
        Unavailable: the process did not start, or ended before its time.
    """
    reader = _Reader(_start(path, unlock))
    file = SeedFile(format=SeedFormat(reader.frame()[1]), rows=iter(()))
    return replace(file, rows=_rows(reader, file.signatures))


class _Reader:
    """The process, and the thread that listens, so that it never waits for who stores."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._frames: Queue[bytes] = Queue(_FRAMES_AHEAD)
        self._ear = threading.Thread(target=self._hear, daemon=True)
        self._ear.start()

    def _hear(self) -> None:
        assert self._process.stdout is not None
        while octets := take_octets(self._process.stdout):
            self._frames.put(octets)
        self._frames.put(b"")

    def frame(self) -> list[Any]:
        """The next thing it says, unless that is a fault."""
        octets = self._frames.get()
        if not octets:
            self.end()
            raise Unavailable("the reading process ended before its time")
        said: list[Any] = opened(octets)
        if said[0] == "fault":
            self.end()
            raise list_as_fault(said[1])
        if said[0] == "unreadable":
            self.end()
            raise Invalid(f"the file cannot be read: {said[1]}", field="file")
        return said

    def end(self) -> None:
        """It is not needed any more."""
        self._process.kill()
        while self._ear.is_alive():
            with suppress(Empty):
                self._frames.get(timeout=_A_MOMENT_S)
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process.wait()


def _start(path: Path, unlock: Unlock) -> subprocess.Popen[bytes]:
    def octets(secret: Secret | None) -> bytes | None:
        return None if secret is None else secret.reveal()

    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "otpward.adapters.seeds.reading"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PYTHONPATH": ":".join(place for place in sys.path if place), "PATH": "", "LANG": "C.UTF-8"},
        )
    except OSError as error:
        raise Unavailable(f"the reading process does not start: {error.strerror}") from None
    asked = {
        "path": str(path.resolve()),
        "key": octets(unlock.key),
        "password": octets(unlock.password),
        "private_key": octets(unlock.private_key),
        "signer": unlock.signer,
        "unverified": unlock.unverified,
    }
    assert process.stdin is not None
    put(process.stdin, asked)
    process.stdin.close()
    return process


def _rows(reader: _Reader, signatures: list[SignatureState]) -> Iterator[Row]:
    try:
        while (said := reader.frame())[0] == "rows":
            for values in said[1]:
                yield list_as_row(values)
        signatures.append(SignatureState(said[1]))
    finally:
        reader.end()
