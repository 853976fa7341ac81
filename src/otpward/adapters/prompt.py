"""Connections that keep one deadline from looking up a name to the last octet.

The time-outs of a client are for each wait of its own: a server that sends its header one octet a second never meets them, and
the name service knows none at all. Here every wait is cut to what is left of the whole.
"""

import math
import socket
import threading
import time
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from typing import Any, Final

import httpcore
import httpx

_until: ContextVar[float] = ContextVar("until", default=math.inf)
_LOOK_UPS: Final = threading.BoundedSemaphore(32)
"""At once. A name service that is silent holds a thread for as long as the system's resolver is patient."""
_FAULTS: Final = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Whatever prompt connections do inside takes no longer than this together."""
    before = _until.set(min(_until.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _until.reset(before)


def open_http() -> httpx.Client:
    """A client whose connections keep the deadline of `within`. Redirects are not followed."""
    return httpx.Client(transport=PromptTransport(), follow_redirects=False)


def left(timeout: float | None, late: type[Exception]) -> float | None:
    """How long one wait may take now; None is for ever, outside of `within`.

    Raises:
        late: the time is over.
    """
    rest = min(_until.get() - time.monotonic(), math.inf if timeout is None else timeout)
    if rest <= 0:
        raise late("the time is over")
    return None if math.isinf(rest) else rest


class PromptTransport(httpx.BaseTransport):
    """What a client speaks through; by way of the proxy that the environment names, if it names one (`HTTPS_PROXY`)."""

    def __init__(self) -> None:
        ways: dict[str, Any] = {
            "ssl_context": httpx.create_ssl_context(),
            "network_backend": PromptBackend(),
            "max_connections": 100,
            "max_keepalive_connections": 20,
            "keepalive_expiry": 5.0,
        }
        proxies = {
            scheme: httpx.Proxy(url) for scheme, url in urllib.request.getproxies().items() if scheme in {"http", "https"}
        }
        self._direct = httpcore.ConnectionPool(**ways)
        self._proxied = {
            scheme: httpcore.HTTPProxy(proxy_url=str(proxy.url), proxy_auth=proxy.raw_auth, **ways)
            for scheme, proxy in proxies.items()
        }

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Ask, and hand the answer on as it comes."""
        url = request.url
        proxied = None if urllib.request.proxy_bypass(url.host) else self._proxied.get(url.scheme)
        asked = httpcore.Request(
            method=request.method,
            url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with _as_httpx():
            answer = (proxied or self._direct).handle_request(asked)
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer), extensions=dict(answer.extensions))

    def close(self) -> None:
        """Let go of all connections."""
        for pool in (self._direct, *self._proxied.values()):
            pool.close()


class PromptBackend(httpcore.NetworkBackend):
    """Opens connections in time: the name is looked up on a thread that can be left alone, and each address has its share."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to the first address that takes one."""
        addresses = _addresses(host, port, timeout)
        fault: Exception = httpcore.ConnectError("the name has no address")
        for index, address in enumerate(addresses):
            rest = left(timeout, httpcore.ConnectTimeout)
            share = None if rest is None else rest / (len(addresses) - index)
            try:
                plain = httpcore.SyncBackend().connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                fault = error
            else:
                return PromptStream(plain)
        raise fault


class PromptStream(httpcore.NetworkStream):
    """A connection of which each wait ends with the whole. A TLS handshake is one wait to Python, and so is a record."""

    def __init__(self, plain: httpcore.NetworkStream) -> None:
        self._plain = plain

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What came."""
        return self._plain.read(max_bytes, left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of it."""
        self._plain.write(buffer, left(timeout, httpcore.WriteTimeout))

    def start_tls(self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None) -> "PromptStream":
        """The same connection under TLS."""
        return PromptStream(self._plain.start_tls(ssl_context, server_hostname, left(timeout, httpcore.ConnectTimeout)))

    def close(self) -> None:
        """Hang up."""
        self._plain.close()

    def get_extra_info(self, info: str) -> Any:
        """As the plain one says."""
        return self._plain.get_extra_info(info)


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx():
            yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


def _addresses(host: str, port: int, timeout: float | None) -> list[str]:
    try:
        return [str(ip_address(host))]
    except ValueError:
        pass
    if not _LOOK_UPS.acquire(timeout=left(timeout, httpcore.ConnectTimeout)):
        raise httpcore.ConnectTimeout("too many names are being looked up")
    found: SimpleQueue[list[str]] = SimpleQueue()

    def look_up() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.put([str(row[4][0]) for row in rows])
        except (OSError, UnicodeError):
            found.put([])
        finally:
            _LOOK_UPS.release()

    threading.Thread(target=look_up, name="look-up", daemon=True).start()
    try:
        return found.get(timeout=left(timeout, httpcore.ConnectTimeout))
    except Empty:
        raise httpcore.ConnectTimeout("the name service does not answer") from None


@contextmanager
def _as_httpx() -> Iterator[None]:
    """Their faults by the names that a client of httpx knows."""
    try:
        yield
    except _FAULTS as fault:
        raise getattr(httpx, type(fault).__name__, httpx.TransportError)(str(fault)) from fault
