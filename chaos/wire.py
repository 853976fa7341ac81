"""HTTP as octets on a socket: what no well-behaved client would send, and many requests that leave at the same moment."""

import json
import select
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

PATH: Final = "/v1/verifications"
ANSWER_S: Final = 30
"""Far beyond any answer: who waits longer has found a deadlock."""


def is_readable(one: socket.socket) -> bool:
    """Whether something is there to be read, or the end; asked by `poll`, since `select` cannot count beyond 1,023 files."""
    asked = select.poll()
    asked.register(one, select.POLLIN)
    return bool(asked.poll(0))


class Gone(Exception):
    """The server closed the connection before its answer was whole."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def reason(self) -> str:
        """What was said of the code; `http <status>` where nothing was."""
        return str(self.json.get("reason", self.json["result"])) if self.status == 200 else f"http {self.status}"

    def without_id(self) -> tuple[int, list[tuple[str, str]], dict[str, Any]]:
        """Everything an onlooker could tell two answers apart by."""
        headers = [(name, value) for name, value in self.headers.items() if name != "date"]
        return self.status, headers, {key: value for key, value in self.json.items() if key != "id"}


def head(key: str, length: int | None, *extra: str, path: str = PATH) -> bytes:
    """The head of a verification. `extra` are more header lines."""
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {key}", "Content-Type: application/json"]
    lines += [] if length is None else [f"Content-Length: {length}"]
    return "\r\n".join([*lines, *extra, "", ""]).encode("latin-1")


def request(key: str, body: bytes | None = None, /, **fields: str) -> bytes:
    """A whole verification, ready to leave."""
    octets = json.dumps(fields).encode() if body is None else body
    return head(key, len(octets)) + octets


class Wire:
    """One keep-alive connection."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._kept = b""
        self._socket: socket.socket | None = None

    def __enter__(self) -> Self:
        self.connect()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def connect(self) -> None:
        """Be connected: a connection that the server has closed meanwhile is opened anew."""
        if self._socket is not None and is_readable(self._socket):
            self.close()  # between two answers nothing is there to be read but the end
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=ANSWER_S)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._kept = b""

    def close(self) -> None:
        """Go without a word."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def send(self, octets: bytes) -> None:
        """Send; raises `Gone` if nobody is there."""
        if self._socket is None:
            raise Gone
        try:
            self._socket.sendall(octets)
        except ConnectionError as error:
            raise Gone from error

    def patience(self, seconds: float) -> None:
        """Give up sending or reading after so long."""
        if self._socket is not None:
            self._socket.settimeout(seconds)

    def half_close(self) -> None:
        """Say that nothing more will come."""
        if self._socket is not None:
            self._socket.shutdown(socket.SHUT_WR)

    def read(self) -> Answer:
        """The next answer; raises `Gone`, or `TimeoutError`."""
        start, _, self._kept = self._until(b"\r\n\r\n")
        first, *lines = start.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", "0"))
        while len(self._kept) < length:
            self._kept += self._more()
        body, self._kept = self._kept[:length], self._kept[length:]
        return Answer(int(first.split(" ")[1]), headers, body)

    def ended(self, within_s: float) -> bool:
        """Whether the server closes this connection in that time; what it says before is passed over."""
        if self._socket is None:
            return True
        self._socket.settimeout(within_s)
        try:
            while self._socket.recv(65536):
                pass
        except ConnectionError:
            return True
        except TimeoutError:
            return False
        return True

    def ask(self, octets: bytes) -> Answer:
        """Send and read."""
        self.connect()
        self.send(octets)
        return self.read()

    def _until(self, mark: bytes) -> tuple[bytes, bytes, bytes]:
        while mark not in self._kept:
            self._kept += self._more()
        return self._kept.partition(mark)

    def _more(self) -> bytes:
        if self._socket is None:
            raise Gone
        try:
            more = self._socket.recv(65536)
        except ConnectionError as error:
            raise Gone from error
        if not more:
            raise Gone
        return more


class Volley:
    """Keep-alive connections to several servers. Requests leave them at once: all but the last octet goes ahead, and the last
    octets follow in one go, so that no server can begin before all are on their way."""

    def __init__(self, ports: Sequence[int], count: int) -> None:
        self._wires = [Wire(ports[place % len(ports)]) for place in range(count)]
        self.spreads_ms: list[float] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for wire in self._wires:
            wire.close()

    def fire(self, requests: Sequence[bytes]) -> list[Answer]:
        """The answers, in the order of the requests. Request n goes to server n modulo the number of servers."""
        pairs = list(zip(self._wires, requests, strict=True))
        for wire, octets in pairs:
            wire.connect()
            wire.send(octets[:-1])
        time.sleep(0.005)  # what went ahead has been read by then
        began = time.perf_counter()
        for wire, octets in pairs:
            wire.send(octets[-1:])
        self.spreads_ms.append((time.perf_counter() - began) * 1000)
        return [wire.read() for wire in self._wires]
