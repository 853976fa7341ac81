"""uvicorn's HTTP/1.1 with an end to patience, and a short way for the one call that is made thousands of times a second.

Whoever does not finish a request in time is hung up on (ASVS V2.4.1). A verification that came whole is understood,
submitted and answered in the parser's own callbacks: no scope, no task, no future (docs/adr/0008). Everything else, and every
verification that is out of the ordinary, goes the usual way.
"""

from asyncio import TimerHandle, Transport
from collections.abc import Iterable, Mapping
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from otpward.edges.http.api.verify import BODY_OCTETS, PATH, Verifications
from otpward.ports.judging import Alone, Asked, Judged, Result

HEAD_S: Final = 10.0
LONG_BODY_S: Final = 120.0
"""So long a page's form or document may be on its way, over a bad line too."""
HEAD_OCTETS: Final = 64 * 1024
INCOMPLETE_OCTETS: Final = HEAD_OCTETS + BODY_OCTETS
KEEP_ALIVE_S: Final = 75
"""A relying system keeps its connection; closed too early it would send into nothing, and could not know whether a code was
judged."""

_PATH: Final = PATH.encode()
_LONGEST: Final = len(str(BODY_OCTETS))


class _Nothing:
    def set(self) -> None:
        """Nobody waits for this."""


_NOTHING: Final = _Nothing()


class ShortCycle:
    """A verification on the short way, in the place of uvicorn's own cycle: what uvicorn reads there is here."""

    __slots__ = ("body", "disconnected", "keep_alive", "named", "response_complete", "source")

    message_event = _NOTHING
    more_body = True

    def __init__(self, named: Mapping[bytes, bytes], source: str, *, keep_alive: bool) -> None:
        self.named = named
        self.source = source
        self.keep_alive = keep_alive
        self.body = b""
        self.disconnected = False
        self.response_complete = False


class PatientProtocol(HttpToolsProtocol):
    """One connection. The timer runs only while a request is incomplete, so one that arrives whole costs nothing."""

    _whole = False
    _long_body = False
    _incomplete = 0
    _piece = 0
    _timer: TimerHandle | None = None
    _standing: tuple[Any, bytes] = (None, b"")

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Wait for a first request, but not for ever."""
        super().connection_made(transport)
        self._door = self.config.app if isinstance(self.config.app, Verifications) else None
        self._timer = self.loop.call_later(HEAD_S, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is there to wait for."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Some octets of a request, or several requests."""
        self._piece = len(data)
        super().data_received(data)
        if self._whole:
            self._incomplete = 0
            self._stop_waiting()
            return
        self._incomplete += len(data)
        if self._incomplete > INCOMPLETE_OCTETS and not self._long_body and not self.transport.is_closing():
            self.send_400_response("The head of this request is too large.")
        elif self._timer is None:
            self._timer = self.loop.call_later(LONG_BODY_S if self._long_body else HEAD_S, self.transport.close)

    def on_message_begin(self) -> None:
        """A request begins."""
        self._whole = self._long_body = False
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Its head is here: which way does it go?"""
        if self._incomplete + self._piece > HEAD_OCTETS and _size(self.headers) > HEAD_OCTETS:
            raise ValueError("the head is too large")
        before: Any = self.cycle
        if self.url == _PATH and self._door is not None and (before is None or before.response_complete):
            named = dict(self.headers)
            length = named.get(b"content-length", b"")
            if (
                0 < len(length) <= _LONGEST
                and length.isdigit()
                and int(length) <= BODY_OCTETS
                and not self.expect_100_continue
                and b"idempotency-key" not in named
                and b"transfer-encoding" not in named
                and self.parser.get_method() == b"POST"
                and self.parser.get_http_version() == "1.1"
                and not self.parser.should_upgrade()
            ):
                self.cycle = ShortCycle(named, self._source(), keep_alive=self.parser.should_keep_alive())  # type: ignore[assignment]
                return
        self._long_body = True
        self._stop_waiting()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """All of it is here."""
        cycle: Any = self.cycle
        self._whole = True
        if type(cycle) is not ShortCycle:
            super().on_message_complete()
            return
        assert self._door is not None
        try:
            asked = self._door.understand(cycle.named, cycle.body, cycle.source)
            self._door.judging.submit(asked, lambda result: self._hear(asked, cycle, result))
        except Exception as error:
            self._explain(cycle, error)

    def _hear(self, asked: Asked, cycle: ShortCycle, result: Result) -> None:
        if cycle.disconnected:
            return
        assert self._door is not None
        if isinstance(result, Judged):
            self._reply(cycle, self._door.say(result))
        elif isinstance(result, Alone):
            self._go_on(self._door.answer_alone(asked, result), cycle)
        elif (body := self._door.instead(result)) is not None:
            self._reply(cycle, body)
        else:
            self._explain(cycle, result)

    def _go_on(self, answering: Any, cycle: ShortCycle) -> None:
        """The long way from here: a task."""

        async def finish() -> None:
            try:
                body = await answering
            except Exception as error:
                self._explain(cycle, error)
            else:
                self._reply(cycle, body)

        task = self.loop.create_task(finish())
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def _reply(self, cycle: ShortCycle, body: bytes) -> None:
        assert self._door is not None
        self._write(cycle, b"200 OK", self._door.head, body)

    def _explain(self, cycle: ShortCycle, error: Exception) -> None:
        assert self._door is not None
        response = self._door.explain(error)
        status = b"%d %s" % (response.status_code, b"Problem")
        head = b"".join(b"%s: %s\r\n" % pair for pair in response.raw_headers if pair[0] != b"content-length")
        self._write(cycle, status, head, bytes(response.body))

    def _write(self, cycle: ShortCycle, status: bytes, head: bytes, body: bytes) -> None:
        if cycle.disconnected or self.transport.is_closing():
            return
        close = b"" if cycle.keep_alive else b"connection: close\r\n"
        parts = (
            b"HTTP/1.1 ",
            status,
            b"\r\n",
            self._default_head(),
            head,
            close,
            b"content-length: %d\r\n\r\n" % len(body),
            body,
        )
        self.transport.write(b"".join(parts))
        cycle.response_complete = True
        if not cycle.keep_alive:
            self.transport.close()
        self.on_response_complete()

    def _default_head(self) -> bytes:
        """What uvicorn says in every answer (the date); joined anew when it has written a new list."""
        given = self.server_state.default_headers
        if self._standing[0] is not given:
            PatientProtocol._standing = (given, b"".join(b"%s: %s\r\n" % pair for pair in given))
        return self._standing[1]

    def _source(self) -> str:
        """Where the asker is: beyond a proxy, if it is one that we believe."""
        host = self.client[0] if self.client else ""
        forwarded = b", ".join([value for name, value in self.headers if name == b"x-forwarded-for"])
        trusted = getattr(self.app, "trusted_hosts", None)
        if not forwarded or trusted is None or host not in trusted:
            return host
        beyond: str = trusted.get_trusted_client_address(forwarded.decode("latin-1"))[0]
        return beyond or host

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _size(headers: Iterable[tuple[bytes, bytes]]) -> int:
    return sum(len(name) + len(value) for name, value in headers)


def server_options() -> dict[str, Any]:
    """How uvicorn is to speak here."""
    return {"http": PatientProtocol, "timeout_keep_alive": KEEP_ALIVE_S}
