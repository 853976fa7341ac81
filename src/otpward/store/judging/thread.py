"""The writer of a SQLite file as a thread of this process: for tests, and wherever one process is enough."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Final

import structlog

from otpward.core.errors import Unavailable
from otpward.ports.judging import Asked, Result
from otpward.store.judging.sqlite import SqliteBatches

TOGETHER: Final = 256
WAITING: Final = 8192
"""Beyond this the answer is "not now": whoever waits longer has given up."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Waiting:
    asked: Asked
    loop: asyncio.AbstractEventLoop
    answer: Callable[[Result], None]


class ThreadJudging:
    """`Judging` over one SQLite file, in a thread."""

    def __init__(self, batches: SqliteBatches) -> None:
        self._batches = batches
        self._waiting: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._write, name="judging", daemon=True)
        self._begun = threading.Lock()

    def submit(self, asked: Asked, answer: Callable[[Result], None]) -> None:
        """Put a question into the next batch; the answer comes once it is on the disk."""
        if self._thread.ident is None:
            with self._begun:
                if self._thread.ident is None:
                    self._thread.start()
        if self._waiting.qsize() > WAITING:
            raise Unavailable("too many are waiting")
        self._waiting.put(_Waiting(asked, asyncio.get_running_loop(), answer))

    async def warm_up(self) -> None:
        """Nothing takes time here."""

    async def close(self) -> None:
        """Answer those who wait, and end the thread."""
        if self._thread.ident is not None and self._thread.is_alive():
            self._waiting.put(None)
            await asyncio.to_thread(self._thread.join)

    def _write(self) -> None:
        while (first := self._waiting.get()) is not None:
            batch, more = [first], True
            with suppress(Empty):
                while more and len(batch) < TOGETHER:
                    another = self._waiting.get_nowait()
                    if another is None:
                        self._waiting.put(None)
                        more = False
                    else:
                        batch.append(another)
            _hand_over(batch, self._batches.judge([one.asked for one in batch]))
        self._batches.close()


def _hand_over(batch: Sequence[_Waiting], results: Sequence[Result]) -> None:
    """Wake each loop once. Whoever does not listen any more must not keep the others waiting."""
    loops: dict[asyncio.AbstractEventLoop, list[tuple[_Waiting, Result]]] = {}
    for one, result in zip(batch, results, strict=True):
        loops.setdefault(one.loop, []).append((one, result))
    for loop, pairs in loops.items():
        with suppress(RuntimeError):  # this loop has been closed
            loop.call_soon_threadsafe(_answer, pairs)


def _answer(pairs: Sequence[tuple[_Waiting, Result]]) -> None:
    for one, result in pairs:
        try:
            one.answer(result)
        except Exception as error:
            _log.error("answer_not_heard", error=type(error).__name__, exc_info=error)
