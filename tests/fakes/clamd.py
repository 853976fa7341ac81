"""A virus scanner's daemon that knows one test file, and says what it is told to say."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}" + b"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The file that every scanner finds and that harms nobody (EICAR)."""


class _Line(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        server: Any = self.server
        if self.rfile.read(len(b"zINSTREAM\0")) != b"zINSTREAM\0":
            self.wfile.write(b"UNKNOWN COMMAND\0")
            return
        file = b""
        while length := int.from_bytes(self.rfile.read(4)):
            file += self.rfile.read(length)
        server.came.append(file)
        if server.says is None:
            return
        self.wfile.write(server.says or (b"stream: Eicar-Test-Signature FOUND\0" if EICAR in file else b"stream: OK\0"))


class _Unix(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


class _Port(socketserver.ThreadingTCPServer):
    daemon_threads = True


@contextmanager
def clamd(socket: Path | None = None) -> Iterator[Any]:
    """Running, on a Unix socket or a port; `.address`, `.came`, and `.says` to answer something else (None: hang up)."""
    server: Any = _Unix(str(socket), _Line) if socket else _Port(("127.0.0.1", 0), _Line)
    server.came, server.says = [], b""
    server.address = f"unix://{socket}" if socket else f"tcp://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
