"""A dead provider ends a call by the deadline of the whole, however it is dead; every way out of the house goes here."""

import base64
import contextlib
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpcore
import httpx
import pytest

import otpward
from otpward.adapters.bounded import exchange
from otpward.adapters.identity.barocert import App, BarocertProver
from otpward.adapters.identity.code_flow import Client
from otpward.adapters.identity.nice_v1 import NiceV1Prover
from otpward.adapters.identity.nice_v2 import NiceV2Prover, services_of
from otpward.adapters.identity.oidc import OidcProver
from otpward.adapters.identity.portone import PortoneProver
from otpward.adapters.identity.visit import VISIT_S
from otpward.adapters.prompt import PromptBackend, left, open_http, within
from otpward.core.errors import Unavailable
from otpward.core.secret import Personal, Secret
from otpward.ports.prover import Asked, Prover

KEY = Secret(base64.b64encode(b"not-a-secret-but-32-octets-long!"))
PLACE = "https://provider.example"
HEADER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-More: "


def drip(line: socket.socket, octets: bytes) -> None:
    for octet in octets:
        line.sendall(bytes([octet]))
        time.sleep(0.02)


DEATHS: dict[str, Callable[[socket.socket], None]] = {
    "silent": lambda line: time.sleep(1),
    "a header in drips": lambda line: drip(line, HEADER + b"x" * 60),
    "a body in drips": lambda line: drip(line, b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + b"x" * 60),
    "hangs up": lambda line: None,
}


@pytest.fixture
def dead(request: pytest.FixtureRequest) -> Iterator[int]:
    """The port of a server that dies in this way on every connection."""
    die: Callable[[socket.socket], None] = request.param
    lines: list[threading.Thread] = []

    def serve(line: socket.socket) -> None:
        with line:
            line.recv(4096)
            with contextlib.suppress(OSError):
                die(line)

    def accept() -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            lines.append(threading.Thread(target=serve, args=(line,)))
            lines[-1].start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=accept)
        thread.start()
        yield int(listener.getsockname()[1])
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()
    for one in lines:
        one.join()


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("dead", DEATHS.values(), ids=DEATHS, indirect=True)
def test_however_it_dies_the_call_ends(dead: int, scheme: str) -> None:
    with open_http() as http, pytest.raises(Unavailable):
        exchange(http, "GET", f"{scheme}://127.0.0.1:{dead}/", timeout=0.3)


def test_a_name_that_nobody_resolves_ends_with_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answered.wait(10) and [])
    with open_http() as http, pytest.raises(Unavailable, match="in time"):
        exchange(http, "GET", "https://nowhere.example/", timeout=0.2)
    answered.set()


def test_a_name_without_address_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> None:
        raise socket.gaierror("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with open_http() as http, pytest.raises(Unavailable, match="ConnectError"):
        exchange(http, "GET", "https://nowhere.example/", timeout=5)


def test_of_several_addresses_each_has_its_share(monkeypatch: pytest.MonkeyPatch) -> None:
    shares: list[float] = []

    def deaf(_self: Any, _host: str, _port: int, timeout: float, *_: Any) -> None:
        shares.append(timeout)
        raise httpcore.ConnectTimeout("deaf")

    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(0, 0, 0, "", (f"192.0.2.{n}", 1)) for n in (1, 2, 3, 4)])
    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", deaf)
    with within(4), pytest.raises(httpcore.ConnectTimeout):
        PromptBackend().connect_tcp("provider.example", 443, timeout=10)
    assert [round(share) for share in shares] == [1, 1, 2, 4]


def test_inside_a_shorter_time_a_longer_one_is_the_shorter() -> None:
    assert left(None, httpcore.ReadTimeout) is None
    with within(2), within(60):
        rest = left(30, httpcore.ReadTimeout)
        assert rest is not None
        assert rest <= 2
    with within(0), pytest.raises(httpcore.ReadTimeout):
        left(None, httpcore.ReadTimeout)


class Watched(httpx.BaseTransport):
    """Answers nothing, and remembers how much time there was."""

    def __init__(self) -> None:
        self.had: list[float | None] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.had.append(left(None, httpcore.ReadTimeout))
        raise httpx.ReadTimeout("silent")


PROVERS: dict[str, Callable[[httpx.Client], Prover]] = {
    "nice_v2": lambda http: NiceV2Prover("a", PLACE, "c", KEY, http, services=services_of("phone")),
    "nice_v1": lambda http: NiceV1Prover("b", PLACE, PLACE, "c", KEY, "1", http),
    "portone": lambda http: PortoneProver("c", base_url=PLACE, secret=KEY, channel_key="c", our_address="192.0.2.7", http=http),
    "barocert": lambda http: BarocertProver(
        "d",
        app=App.KAKAO,
        token_url=PLACE,
        base_url=PLACE,
        link_id="L",
        secret=KEY,
        client_code="023040000001",
        title="t",
        call_center="",
        http=http,
    ),
    "oidc": lambda http: OidcProver("e", Client(issuer=PLACE, client_id="c", secret=KEY), http),
}


@pytest.mark.parametrize("make", PROVERS.values(), ids=PROVERS)
def test_every_prover_asks_within_one_visit(make: Callable[[httpx.Client], Prover]) -> None:
    watched = Watched()
    asked = Asked(
        number="N1",
        nonce=bytes(32),
        return_url="https://otp.example/back",
        language="ko",
        name=Personal("홍길동"),
        birth_date=Personal("1980-01-02"),
        phone=Personal("+821055501101"),
        added={"carrier": "SKT", "digit": "1"},
        now=datetime(2026, 11, 23, tzinfo=UTC),
    )
    with httpx.Client(transport=watched) as http, pytest.raises(Unavailable):
        make(http).begin(asked)
    assert watched.had
    assert all(rest is not None and rest <= VISIT_S < 5 for rest in watched.had)


def test_nobody_else_opens_a_client() -> None:
    package = Path(otpward.__file__).parent
    makers = [file.name for file in package.rglob("*.py") if re.search(r"httpx\.(Async)?Client\(", file.read_text("utf-8"))]
    assert makers == ["prompt.py"]


@pytest.mark.parametrize("bypassed", [True, False], ids=["by itself", "by the proxy"])
def test_the_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch, bypassed: bool) -> None:
    hosts: list[str] = []

    def refuse(_self: Any, host: str, *_: Any, **__: Any) -> None:
        hosts.append(host)
        raise httpcore.ConnectError("closed")

    monkeypatch.setenv("https_proxy", "http://user:word@proxy.example:3128")
    monkeypatch.setenv("no_proxy", "provider.example" if bypassed else "")
    monkeypatch.setattr(PromptBackend, "connect_tcp", refuse)
    with open_http() as http, pytest.raises(Unavailable):
        exchange(http, "GET", f"{PLACE}/", timeout=5)
    assert hosts == ["provider.example" if bypassed else "proxy.example"]
