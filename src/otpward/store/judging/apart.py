"""The writer of a SQLite file as a process of its own (docs/adr/0009).

The server speaks HTTP on one core while the writer computes and commits on another, and seeds are opened for codes in a process
that has no network. What came while the writer was committing is its next batch; nothing ever waits to fill one.
"""

import asyncio
import socket
import subprocess
from collections.abc import Callable
from contextlib import suppress
from typing import Final, cast

import structlog

from otpward.core.errors import Unavailable
from otpward.ports.judging import Asked, Result, Unconfirmed
from otpward.store.judging.sqlite import SqliteBatches
from otpward.store.judging.thread import TOGETHER, WAITING
from otpward.store.judging.wire import frames, read_answers, read_questions, write_answers, write_questions

_READ_OCTETS: Final = 1 << 18
_END_S: Final = 10.0
_ENOUGH: Final = 48
"""A writer with this much before it commits seldom enough; below it a second one would only make the batches smaller."""
_AGAIN_S: Final = 0.25
_DOUBLINGS: Final = 5
"""After a writer that did not start the next one is tried at once, then after a quarter of a second, and so on up to eight."""

_log = structlog.get_logger()

Start = Callable[[socket.socket], subprocess.Popen[bytes]]
"""Starts the writer's process with this end of the line."""


class ApartJudging:
    """`Judging` by other processes, at most `writers` of them. If one dies, those who wait for it are told that nobody knows,
    and the next question starts a new one."""

    def __init__(self, start: Start, *, writers: int = 1) -> None:
        self._start, self._writers = start, writers
        self._lines: list[_Line] = []
        self._begun: asyncio.Task[None] | None = None
        self._unsent: list[tuple[Asked, Callable[[Result], None]]] = []
        self._wanted = False
        self._failures, self._not_before = 0, 0.0

    def submit(self, asked: Asked, answer: Callable[[Result], None]) -> None:
        """Put a question on the line, together with all that this round of the loop brings."""
        if len(self._unsent) + sum(len(line.waiting) for line in self._lines) > WAITING:
            raise Unavailable("too many are waiting")
        self._unsent.append((asked, answer))
        if not self._wanted:
            self._wanted = True
            asyncio.get_running_loop().call_soon(self._send)

    async def close(self) -> None:
        """Let the writers answer those who wait, and end."""
        while any(line.waiting and not line.lost for line in self._lines):
            await asyncio.sleep(0.01)
        for line in self._lines:
            line.let_go = True
            line.transport.close()
            await asyncio.to_thread(line.ended)

    async def warm_up(self) -> None:
        """Start a writer before the first question comes."""
        if not self._lines:
            await self._open()

    def _send(self) -> None:
        """Everything to the first writer that has not enough to do. Another one is started when all have."""
        self._wanted = False
        lines = [line for line in self._lines if not line.lost]
        free = next((line for line in lines if len(line.waiting) < _ENOUGH), None)
        if free is None and len(lines) < self._writers and (self._begun is None or self._begun.done()):
            self._begun = asyncio.get_running_loop().create_task(self._open())
        if lines:
            unsent, self._unsent = self._unsent, []
            (free or min(lines, key=lambda line: len(line.waiting))).send(unsent)

    async def _open(self) -> None:
        """Start a writer; after one that died before it said that it is there, not at once again."""
        loop = asyncio.get_running_loop()
        for lost in [line for line in self._lines if line.lost]:
            self._lines.remove(lost)
            await asyncio.to_thread(lost.ended)
            self._failures = 0 if lost.ready else self._failures + 1
            self._not_before = loop.time() + _AGAIN_S * (2 ** min(self._failures, _DOUBLINGS) - 1)
        if loop.time() < self._not_before:
            self._refuse()
            return
        ours, theirs = socket.socketpair()
        try:
            process = await asyncio.to_thread(self._start, theirs)
            _, line = await loop.create_connection(lambda: _Line(process), sock=ours)
        except Exception as error:
            ours.close()
            _log.error("writer_not_started", error=type(error).__name__, exc_info=error)
            self._refuse()
            return
        finally:
            theirs.close()
        self._lines.append(line)
        self._send()

    def _refuse(self) -> None:
        if any(not line.lost for line in self._lines):
            return
        unsent, self._unsent = self._unsent, []
        for _, answer in unsent:
            _say(answer, Unavailable("the writer does not start"))


class _Line(asyncio.Protocol):
    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.waiting: dict[int, Callable[[Result], None]] = {}
        self.lost = False
        self.ready = False
        self.let_go = False
        self._kept = bytearray()
        self._number = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.lost = True
        waiting, self.waiting = self.waiting, {}
        if waiting or not (self.ready or self.let_go):
            _log.error("writer_lost", waiting=len(waiting), ready=self.ready)
        for answer in waiting.values():
            _say(answer, Unconfirmed() if self.ready else Unavailable("the writer does not start"))

    def send(self, questions: list[tuple[Asked, Callable[[Result], None]]]) -> None:
        numbered = []
        for asked, answer in questions:
            self._number += 1
            self.waiting[self._number] = answer
            numbered.append((self._number, asked))
        self.transport.write(write_questions(numbered))

    def data_received(self, data: bytes) -> None:
        self.ready = True
        self._kept += data
        for frame in frames(self._kept):
            for number, result in read_answers(frame):
                _say(self.waiting.pop(number), result)

    def ended(self) -> None:
        """Wait for the process; it ends when the line does."""
        try:
            self.process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self.process.kill()


def _say(answer: Callable[[Result], None], result: Result) -> None:
    try:
        answer(result)
    except Exception as error:  # whoever does not listen any more must not keep the others waiting
        _log.error("answer_not_heard", error=type(error).__name__, exc_info=error)


def write_for(line: socket.socket, batches: SqliteBatches) -> None:
    """The writer's life: take every question that is on the line, judge them together, answer; until the line ends."""
    kept = bytearray()
    waiting: list[tuple[int, Asked]] = []
    with suppress(OSError):
        line.sendall(write_answers([]))  # a sign of life
    while True:
        line.setblocking(not waiting)
        with suppress(BlockingIOError):
            while data := line.recv(_READ_OCTETS):
                kept += data
                for frame in frames(kept):
                    waiting += read_questions(frame)
                if len(waiting) >= TOGETHER:
                    break
                line.setblocking(not waiting)
            else:
                batches.close()
                return
        if waiting:
            now, waiting = waiting[:TOGETHER], waiting[TOGETHER:]
            results = batches.judge([asked for _, asked in now])
            line.setblocking(True)
            with suppress(OSError):  # the server is gone; what was judged is on the disk
                line.sendall(write_answers([(number, result) for (number, _), result in zip(now, results, strict=True)]))
