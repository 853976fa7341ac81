"""Writers of one SQLite file take turns, in the order in which they came.

SQLite's own way is to try again after a pause. Under load the busiest writer then finds the lock free every time and a loss
report finds it taken every time. Here whoever waits stands at a gate that the next one cannot pass: threads of this process
at two locks, processes at two locked files beside the database.
"""

import fcntl
import os
import threading
import time
from pathlib import Path
from typing import Final

from otpward.core.errors import Unavailable

_PATIENCE_S: Final = 20.0
_PAUSE_S: Final = 0.0002


class Turn:
    """The right to write to one file. It is taken by a thread and may be given back by another."""

    def __init__(self, database: Path) -> None:
        self._gate, self._desk = threading.Lock(), threading.Lock()
        self._places = [database.with_name(f"{database.name}-{name}") for name in ("gate", "desk")]
        self._opened: tuple[int, int] | None = None

    def take(self) -> None:
        """Wait for one's turn; raises `Unavailable` after 20 seconds."""
        until = time.monotonic() + _PATIENCE_S
        if not self._gate.acquire(timeout=_PATIENCE_S):
            raise Unavailable("the database is busy")
        try:
            if not self._desk.acquire(timeout=_PATIENCE_S):
                raise Unavailable("the database is busy")
            try:
                gate, desk = self._files()
                _lock(gate, until)
                try:
                    _lock(desk, until)
                finally:
                    fcntl.flock(gate, fcntl.LOCK_UN)
            except BaseException:
                self._desk.release()
                raise
        finally:
            self._gate.release()

    def give(self) -> None:
        """Let the next one write."""
        fcntl.flock(self._files()[1], fcntl.LOCK_UN)
        self._desk.release()

    def close(self) -> None:
        """Let go of the files; they are opened again when somebody takes a turn."""
        opened, self._opened = self._opened, None
        for file in opened or ():
            os.close(file)

    def _files(self) -> tuple[int, int]:
        """The locked files, opened when they are first needed: nothing is made beside a database that is not there."""
        if self._opened is None:
            gate, desk = self._places
            self._opened = _open(gate), _open(desk)
        return self._opened


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _lock(file: int, until: float) -> None:
    """Lock, asking again every fifth of a millisecond: a blocking call could not be given up."""
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise Unavailable("the database is busy") from None
            time.sleep(_PAUSE_S)
        else:
            return
