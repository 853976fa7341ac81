"""The other side, twice: the sandbox as it should answer, and a server that answers as it should not."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from otpward.adapters.prompt import open_http
from tests.sandbox.running import Running, running_sandbox


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The real sandbox process."""
    with running_sandbox(Path(tmp_path_factory.mktemp("world"))) as running:
        yield running


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    """The client that wiring would hand over."""
    with open_http() as client:
        yield client


@dataclass
class Faulty:
    """A server that says what it is told to say, and remembers what it was asked."""

    base_url: str = ""
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    wait_s: float = 0.0
    chunk_wait_s: float = 0.0
    asked: list[str] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list)
    heard: list[dict[str, str]] = field(default_factory=list)


@pytest.fixture
def faulty() -> Iterator[Faulty]:
    """A server with one fault at a time."""
    told = Faulty()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.asked.append(self.path)
            told.heard.append({name.lower(): value for name, value in self.headers.items()})
            told.sent.append(self.rfile.read(int(self.headers.get("Content-Length", 0))))
            time.sleep(told.wait_s)
            self.send_response(told.status)
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(told.body)))
            self.end_headers()
            step = 1 if told.chunk_wait_s else len(told.body) or 1
            for start in range(0, len(told.body), step):
                self.wfile.write(told.body[start : start + step])
                self.wfile.flush()
                time.sleep(told.chunk_wait_s)

        do_POST = do_GET

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - so named above
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """A client that hangs up on us is what these tests are about."""

    with Server(("127.0.0.1", 0), Handler) as server:
        told.base_url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield told
        server.shutdown()
        thread.join()
