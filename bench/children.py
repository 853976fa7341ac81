"""Other processes of this run: started, spoken to in lines of JSON, ended by their number."""

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

ROOT: Final = Path(__file__).resolve().parent.parent
_GOODBYE_S: Final = 20.0
_TAIL: Final = 2000


def environment(**more: str) -> dict[str, str]:
    """Ours, without anybody's settings of the product, and with this tree's code."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OTPWARD_")}
    return kept | {"PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])} | more


def free_port() -> int:
    """A port that nobody has just now."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def allow_many_files() -> None:
    """As many open files as we may have; children inherit it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Helper:
    """`python -m MODULE ARGUMENTS…` that takes an order a line and answers each."""

    def __init__(self, *words: str) -> None:
        command = [sys.executable, "-m", *words]
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        _, out = self._pipes()
        if error is not None:
            self._process.kill()
        with out:
            self._close_input()
            self._process.wait(_GOODBYE_S)

    def tell(self, order: Mapping[str, Any]) -> None:
        """Say something that is not answered."""
        into, _ = self._pipes()
        into.write(json.dumps(order) + "\n")
        into.flush()

    def ask(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """Say something, and wait for the answer.

        Raises:
            RuntimeError: it ended instead.
        """
        self.tell(order)
        _, out = self._pipes()
        line = out.readline()
        if not line:
            raise RuntimeError(f"{self._process.args!r} ended in the middle")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _pipes(self) -> tuple[Any, Any]:
        return self._process.stdin, self._process.stdout

    def _close_input(self) -> None:
        try:
            self._pipes()[0].close()
        except BrokenPipeError:
            return


@contextmanager
def server(command: list[str], port: int, log: Path, more: Mapping[str, str], path: str = "/") -> Iterator[tuple[int, float]]:
    """A server while the context lasts: its process, and after how many seconds it was ready: `path` was answered with 200.

    Raises:
        RuntimeError: it did not become ready; the text is what it said last.
    """
    with log.open("wb") as said:
        began = time.monotonic()
        process = subprocess.Popen(command, cwd=ROOT, env=environment(**more), stdout=said, stderr=subprocess.STDOUT)
    try:
        while not _answers(port, path):
            if process.poll() is not None or time.monotonic() - began > 120:
                raise RuntimeError(f"{' '.join(command)} did not start:\n{log.read_text(errors='replace')[-_TAIL:]}")
            time.sleep(0.005)
        yield process.pid, time.monotonic() - began
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_GOODBYE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(port: int, path: str) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
            return connection.recv(64).startswith(b"HTTP/1.1 200")
    except OSError:
        return False
