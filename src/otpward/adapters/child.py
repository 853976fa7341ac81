"""A process of our own that does one thing apart: it is spoken to through its pipes, has a deadline, and is ended."""

import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import IO

from otpward.core.errors import Unavailable


def start_child(module: str, *arguments: str, environment: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """The process of this module, with nothing of the server's surroundings but where Python finds its packages, and no secret
    among it; raises `Unavailable`."""
    try:
        # A session of its own: what ends the server (Ctrl-C) is not meant for it.
        return subprocess.Popen(  # noqa: S603 -- this very program
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={**_surroundings(), **(environment or {})},
        )
    except OSError as error:
        raise Unavailable(f"{module} does not start: {error.strerror}") from None


def pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    """What it hears, and what it says."""
    assert process.stdin is not None
    assert process.stdout is not None
    return process.stdin, process.stdout


@contextmanager
def deadline(process: subprocess.Popen[bytes], seconds: float) -> Iterator[None]:
    """Whatever hangs in there is ended; who waits for it then reads the end of the stream."""
    timer = threading.Timer(seconds, process.kill)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def end_child(process: subprocess.Popen[bytes]) -> None:
    """It is over, however it stood."""
    with suppress(OSError):
        process.kill()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
    process.wait()


def _surroundings() -> dict[str, str]:
    return {
        "PYTHONPATH": ":".join(path for path in sys.path if path),
        "PATH": "",
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
