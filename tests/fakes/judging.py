"""Judging for tests: the real one, asked from threads that have no loop of their own."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from typing import Any

import anyio.from_thread
import sqlalchemy as sa

from otpward.ports.desk import House
from otpward.ports.judging import Alone, Asked, Decide, Judged, Judging, judge
from otpward.services.verify.judge_batch import judge_batch
from otpward.store.judging.postgresql import PostgresqlJudging
from otpward.store.judging.sqlite import SqliteBatches
from otpward.store.judging.thread import ThreadJudging


def open_judging(engine: sa.Engine, house: House, decide: Decide | None = None) -> Judging:
    """What the wiring would choose for this engine."""
    deciding = decide or partial(judge_batch, vault=house.vault, entropy=house.entropy)
    if engine.dialect.name == "sqlite":
        return ThreadJudging(SqliteBatches(engine, decide=deciding, clock=house.clock, entropy=house.entropy))
    url = engine.url.render_as_string(hide_password=False)
    return PostgresqlJudging(url, decide=deciding, clock=house.clock, entropy=house.entropy)


class Window:
    """Asks from a thread without a loop, and many at once."""

    def __init__(self, judging: Judging, portal: anyio.from_thread.BlockingPortal, api_key: str) -> None:
        self.judging, self._portal, self.api_key = judging, portal, api_key

    def question(self, code: str, **more: Any) -> Asked:
        _, handle, secret = more.pop("key", self.api_key).split("_")
        values = {"login": None, "serial": None, "source": "192.0.2.1"} | more
        return Asked(handle=handle, digest=sha256(secret.encode()).digest(), code=code, **values)

    def ask(self, code: str, **more: Any) -> Judged | Alone:
        """One answer, or what is raised instead."""
        result = self.ask_at_once(self.question(code, **more))[0]
        if isinstance(result, BaseException):
            raise result
        return result

    def ask_at_once(self, *questions: Asked) -> list[Judged | Alone | BaseException]:
        """The answers to questions that come in the same moment."""

        async def all_of_them() -> list[Judged | Alone | BaseException]:
            return await asyncio.gather(*(judge(self.judging, one) for one in questions), return_exceptions=True)

        return self._portal.call(all_of_them)


@contextmanager
def window_on(engine: sa.Engine, house: House, api_key: str, decide: Decide | None = None) -> Iterator[Window]:
    """A window for as long as the context lasts."""
    with anyio.from_thread.start_blocking_portal() as portal:
        judging = open_judging(engine, house, decide)
        try:
            yield Window(judging, portal, api_key)
        finally:
            portal.call(judging.close)
