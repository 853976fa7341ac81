"""Several server processes at one address, for PostgreSQL: they share nothing but the port, which the kernel deals out
connection by connection."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import Final

import structlog

from otpward.core.errors import Unavailable

_AGAIN_S: Final = 1.0
_PATIENCE_S: Final = 20.0

_log = structlog.get_logger()


def listen(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """A socket on this port; raises `Unavailable` if it is taken. `shared` lets other processes of ours listen there, too."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise Unavailable(f"port {port} on {host} cannot be had ({error.strerror}); choose another with --port") from None
    return listener


class Servers:
    """Server processes on a leash: each ends when its standard input does, so also when this process is killed. One that dies
    is started again."""

    def __init__(self, count: int, command: Sequence[str]) -> None:
        self._command = [sys.executable, "-m", "otpward", *command]
        self._ending = threading.Event()
        self._keepers = [threading.Thread(target=self._keep, name=f"server-{n}", daemon=True) for n in range(count)]
        for keeper in self._keepers:
            keeper.start()

    def end(self) -> None:
        """Let them finish what they are doing, and wait."""
        self._ending.set()
        for keeper in self._keepers:
            keeper.join(_PATIENCE_S)

    def _keep(self) -> None:
        while not self._ending.is_set():
            server = subprocess.Popen(self._command, stdin=subprocess.PIPE)  # noqa: S603 -- this very program
            ended = threading.Thread(target=server.wait, daemon=True)
            ended.start()
            while ended.is_alive() and not self._ending.is_set():
                ended.join(0.2)
            if self._ending.is_set():
                server.communicate()
                return
            _log.error("server_process_died", pid=server.pid, status=server.returncode)
            self._ending.wait(_AGAIN_S)


def end_with_parent() -> None:
    """End this process in order when its standard input ends."""

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 1):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="leash", daemon=True).start()
