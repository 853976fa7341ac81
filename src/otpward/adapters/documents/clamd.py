"""ClamAV's daemon, asked by its own protocol: INSTREAM over a Unix socket or a port of this machine (clamd(8)).

`zINSTREAM`, then the file in pieces, each behind its length in four octets, and an end of length 0; the answer is
`stream: OK` or `stream: NAME FOUND`. Anything else is no answer.
"""

import socket
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Final
from urllib.parse import urlsplit

from otpward.core.errors import Unavailable

WITHIN_S: Final = 20.0
_PIECE: Final = 64 * 1024
_ANSWER: Final = 1024
_NAME_LONGEST: Final = 200


class ClamdScanner:
    """`address` is `unix:///run/clamav/clamd.ctl` or `tcp://127.0.0.1:3310`."""

    def __init__(self, address: str, *, within_s: float = WITHIN_S) -> None:
        self._address = urlsplit(address)
        self._within_s = within_s

    def find(self, octets: bytes) -> str:
        """The name of what was found, or nothing; raises `Unavailable`."""
        until = time.monotonic() + self._within_s
        try:
            with closing(self._connect()) as line:
                for piece in _spoken(octets):
                    line.settimeout(_left(until))
                    line.sendall(piece)
                answer = _heard(line, until)
        except OSError as error:
            raise Unavailable(f"the virus scanner does not answer: {error.strerror or error}") from None
        return _understood(answer)

    def _connect(self) -> socket.socket:
        if self._address.scheme == "tcp":
            return socket.create_connection((self._address.hostname or "", self._address.port or 0), self._within_s)
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            line.settimeout(self._within_s)
            line.connect(self._address.path)
        except OSError:
            line.close()
            raise
        return line


def _spoken(octets: bytes) -> Iterator[bytes]:
    yield b"zINSTREAM\0"
    for start in range(0, len(octets), _PIECE):
        piece = octets[start : start + _PIECE]
        yield len(piece).to_bytes(4) + piece
    yield (0).to_bytes(4)


def _heard(line: socket.socket, until: float) -> bytes:
    heard = b""
    while not heard.endswith(b"\0") and len(heard) < _ANSWER:
        line.settimeout(_left(until))
        piece = line.recv(_ANSWER)
        if not piece:
            break
        heard += piece
    return heard


def _understood(answer: bytes) -> str:
    said = answer.rstrip(b"\0\n").decode("ascii", "replace")
    if said == "stream: OK":
        return ""
    if said.startswith("stream: ") and said.endswith(" FOUND"):
        return said.removeprefix("stream: ").removesuffix(" FOUND")[:_NAME_LONGEST]
    raise Unavailable(f"the virus scanner did not look: {said[:_NAME_LONGEST]!r}")


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("it took too long")
    return left
