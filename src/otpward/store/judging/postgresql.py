"""PostgreSQL: two statements a batch, over arrays, on asyncpg. Rows are locked in the order of their keys; whoever loses a row
to another node is read and judged again."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import asyncpg
import sqlalchemy as sa
import structlog

from otpward.core.errors import OtpwardError, Unavailable
from otpward.core.ids import InstitutionId, bucket_of, home_bucket, make_id
from otpward.core.model.institution import ApiKey
from otpward.core.policy.verification import Verdict
from otpward.ports.judging import Asked, Batch, Decide, Filing, Found, Result, Unconfirmed
from otpward.ports.surroundings import Clock, Entropy
from otpward.store.engine import UnsafeDatabase
from otpward.store.judging import postgresql_sql as sql
from otpward.store.judging.rows import (
    API_KEY,
    DAY,
    api_key_of,
    kept_of,
    micros,
    token_of,
    verification_text,
    windows,
)

_TOGETHER: Final = 256
_IN_FLIGHT: Final = 2
_WAITING: Final = 8192
_ROUNDS: Final = 32
_PATIENCE_S: Final = 10.0
_CONNECT_S: Final = 5.0

_AGAIN: Final = frozenset({"40001", "40P01", "23505"})
"""The server undid it: somebody was faster, or two waited for each other."""
_NOT_DONE: Final = ("22", "23", "25", "42", "53")
"""Classes of errors that a statement meets before anything of it is true."""
_SETTINGS: Final = {
    "application_name": "otpward judging",
    "jit": "off",
    # Each join here is one look-up in an index for each question, whatever the statistics of the day say.
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_seqscan": "off",
    "plan_cache_mode": "force_generic_plan",
}

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Waiting:
    asked: Asked
    answer: Callable[[Result], None]


class PostgresqlJudging:
    """`Judging` over one PostgreSQL."""

    def __init__(self, url: str, *, decide: Decide, clock: Clock, entropy: Entropy) -> None:
        self._url, self._decide, self._clock, self._entropy = url, decide, clock, entropy
        self._waiting: list[_Waiting] = []
        self._idle: list[_Session] = []
        self._running: set[asyncio.Task[None]] = set()
        self._homes: dict[str, InstitutionId] = {}
        self._wanted = False
        self._at_work = 0

    def submit(self, asked: Asked, answer: Callable[[Result], None]) -> None:
        """Put a question into the next batch; the answer comes once PostgreSQL has said that it is durable."""
        if len(self._waiting) > _WAITING:
            raise Unavailable("too many are waiting")
        self._waiting.append(_Waiting(asked, answer))
        if not self._wanted and self._at_work < _IN_FLIGHT:
            # Once this round of the loop is over: whatever it reads from its sockets goes into the same batch.
            self._wanted = True
            asyncio.get_running_loop().call_soon(self._start)

    async def warm_up(self) -> None:
        """Connect."""
        while len(self._idle) < _IN_FLIGHT:
            self._idle.append(await _Session.open(self._url))

    async def close(self) -> None:
        """Answer those who wait, and hang up."""
        while self._running:
            await asyncio.wait(self._running)
        for session in self._idle:
            session.hang_up()
        self._idle.clear()

    def _start(self) -> None:
        self._wanted = False
        if self._waiting:
            self._at_work += 1
            task = asyncio.get_running_loop().create_task(self._work())
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _work(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:_TOGETHER], self._waiting[_TOGETHER:]
            await self._judge(batch)
        # Here and not when the task is seen to be done: a question in between would wait for somebody who has gone home.
        self._at_work -= 1

    async def _judge(self, batch: Sequence[_Waiting]) -> None:
        left = batch
        told: Exception
        try:
            for _ in range(_ROUNDS):
                left = await self._judge_once(left)
                if not left:
                    return
            told = Unavailable("others were always faster")
        except (OtpwardError, Unconfirmed) as error:
            told = error
        except Exception as error:
            _log.error("batch_not_judged", codes=len(left), error=type(error).__name__, exc_info=error)
            told = Unavailable("the database did not finish")
        for one in left:
            _answer(one, told)

    async def _judge_once(self, batch: Sequence[_Waiting]) -> Sequence[_Waiting]:
        """Those that lost their rows to another node, and are to be judged again."""
        async with self._session() as session:
            found = await self._find(session, [one.asked for one in batch])
            now = self._clock.now()
            decided = self._decide(found, now)
            won = await self._write(session, decided, micros(now))
        if won is None:
            return batch
        again: list[_Waiting] = []
        for one, result, token in zip(batch, decided.results, decided.depends, strict=True):
            if token is None or token in won:
                _answer(one, result)
            else:
                again.append(one)
        return again

    @asynccontextmanager
    async def _session(self) -> "AsyncIterator[_Session]":
        session = self._idle.pop() if self._idle else await _Session.open(self._url)
        try:
            yield session
        finally:
            if session.alive:
                self._idle.append(session)

    async def _home(self, session: "_Session", handles: set[str]) -> None:
        """Learn which institutions these keys belong to: the one fact about a key that never changes."""
        if unknown := handles - self._homes.keys():
            for handle, institution_id in await session.read(sql.INSTITUTIONS, list(unknown)):
                self._homes[handle] = InstitutionId(institution_id)

    async def _find(self, session: "_Session", asked: Sequence[Asked]) -> list[Found]:
        await self._home(session, {one.handle for one in asked})
        found = [Found(asked=one, key=None) for one in asked]
        keys: dict[str, ApiKey] = {}
        serials: list[tuple[int, str, int, str]] = []
        logins: list[tuple[int, str, str]] = []
        for n, one in enumerate(asked):
            home = self._homes.get(one.handle)
            if home is None:
                continue
            if one.serial is not None:
                serials.append((n, one.handle, home_bucket(str(home), one.serial), one.serial))
            elif one.login is not None:
                logins.append((n, one.handle, one.login))
        if serials:
            for row in await session.read(sql.BY_SERIAL, *_columns(serials, 4)):
                self._take(found[row[0]], row, keys, there=row[_TOKEN_AT] is not None, at_home=row[1])
        if logins:
            for row in await session.read(sql.BY_LOGIN, *_columns(logins, 3)):
                self._take(found[row[0]], row, keys, there=row[1], at_home=row[_TOKEN_AT] is not None)
        await self._find_more(session, found)
        return found

    @staticmethod
    def _take(found: Found, row: Any, keys: dict[str, ApiKey], *, there: bool, at_home: bool) -> None:
        handle = found.asked.handle
        if handle not in keys:
            keys[handle] = api_key_of(row, row[_KEY_AT], row[_KEY_AT + 1], _KEY_AT)
        found.key = key = keys[handle]
        found.missing = Verdict.NOT_REGISTERED if there else Verdict.UNKNOWN
        if there and at_home:
            found.tokens = (*found.tokens, token_of(row, row[_TOKEN_AT], key.institution_id, _TOKEN_AT))

    async def _find_more(self, session: "_Session", found: Sequence[Found]) -> None:
        """What only some questions need: the client's counts, and answers that were kept."""
        at = micros(self._clock.now())
        counted = [
            (n, place, one.key.institution_id, key, begun)
            for n, one in enumerate(found)
            if one.key is not None
            for place, (key, begun) in enumerate(zip(one.asked.client_keys, windows(at), strict=False))
        ]
        if counted:
            for one in found:
                one.wrong_codes = [0] * len(one.asked.client_keys)
            for n, place, count in await session.read(sql.COUNTED, *_columns(counted, 5)):
                found[n].wrong_codes[place] = count
        once = [
            (n, one.key.institution_id, one.asked.once.key)
            for n, one in enumerate(found)
            if one.key is not None and one.asked.once is not None
        ]
        if once:
            for n, row_id, *values in await session.read(sql.KEPT, *_columns(once, 3)):
                key = found[n].key
                assert key is not None
                found[n].kept = kept_of(key.institution_id, row_id, values)

    async def _write(self, session: "_Session", batch: Batch, at: int) -> frozenset[UUID] | None:
        """The tokens that were changed, or None if all of it is to be done again."""
        filings = [one for one in batch.filings if one is not None]
        if not filings:
            return frozenset()
        kept = [(f.token, k.institution_id, k.id, k.key, k.request, verification_text(k.verification), micros(k.until))
                for f in filings if (k := f.kept) is not None]  # fmt: skip
        if kept:
            await session.read(sql.OVER, [one[1] for one in kept], [one[3] for one in kept], at)
        changes = [
            (
                bucket_of(one.before.id),
                one.before.institution_id,
                one.before.id,
                one.before.version,
                one.after.high_water,
                one.after.drift_steps,
                one.after.failures,
                one.after.failures_total,
                None if one.after.used_at is None else micros(one.after.used_at),
            )
            for one in batch.changes
        ]
        lines = [
            (
                filing.token,
                filing.line.institution_id,
                filing.line.id,
                filing.line.event.value,
                filing.line.actor_id,
                filing.line.source,
                filing.line.subject,
                filing.line.subject_id,
                filing.line.result,
            )
            for filing in filings
        ]
        counts = [row for one in filings for row in self._counts(one, at)]
        arguments = [*_columns(changes, 9), at // DAY, at, *_columns(lines, 9)]
        statement = sql.WRITE
        if counts or kept:
            statement = sql.WRITE_ALL
            arguments += [*_columns(counts, 5), *_columns(kept, 7)]
        try:
            rows = await session.write(statement, *arguments)
        except asyncpg.PostgresError as error:
            if error.sqlstate in _AGAIN:
                return None
            if (error.sqlstate or "").startswith(_NOT_DONE):
                raise Unavailable("the database refused") from error
            raise Unconfirmed from error
        return frozenset(row[0] for row in rows)

    def _counts(self, filing: Filing, at: int) -> list[tuple[Any, ...]]:
        institution_id, moment = filing.line.institution_id, filing.line.at
        return [
            (filing.token, institution_id, make_id(moment, self._entropy.octets(16)), key, begun)
            for key, begun in zip(filing.counted, windows(at), strict=False)
        ]


_KEY_AT: Final = 2
_TOKEN_AT: Final = _KEY_AT + len(API_KEY)


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[Any]:
    """Rows as one array for each column."""
    return list(zip(*rows, strict=True)) if rows else [()] * width


def _answer(one: _Waiting, result: Result) -> None:
    try:
        one.answer(result)
    except Exception as error:
        _log.error("answer_not_heard", error=type(error).__name__, exc_info=error)


class _Session:
    """One connection with its prepared statements. A statement that hangs is ended by hanging up, never by a cancel: a cancel
    during the wait for a standby makes it succeed (HA.md §3)."""

    def __init__(self, connection: "asyncpg.Connection[Any]") -> None:
        self._connection = connection
        self._prepared: dict[str, Any] = {}
        self._warned = False
        connection.add_log_listener(self._hear)

    @classmethod
    async def open(cls, url: str) -> "_Session":
        """Connect; raises `Unavailable`, and `UnsafeDatabase` where commits are not durable."""
        try:
            connection = await asyncpg.connect(_address(url), timeout=_CONNECT_S, server_settings=_SETTINGS)
            level = await connection.fetchval("SHOW synchronous_commit")
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
            raise Unavailable("the database does not answer") from error
        if level in {"off", "local"}:
            connection.terminate()
            raise UnsafeDatabase(f"PostgreSQL must run with synchronous_commit on, not {level}")
        return cls(connection)

    @property
    def alive(self) -> bool:
        """Whether it can be used again."""
        return not self._connection.is_closed()

    def hang_up(self) -> None:
        """Close the socket, without a word."""
        self._connection.terminate()

    async def read(self, statement: str, *arguments: Any) -> list[Any]:
        """Rows; raises `Unavailable`."""
        try:
            return await self._run(statement, arguments)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            self.hang_up()
            raise Unavailable("the database does not answer") from error

    async def write(self, statement: str, *arguments: Any) -> list[Any]:
        """Rows of a statement that changes; raises `PostgresError` where the server said so, else `Unconfirmed`."""
        self._warned = False
        try:
            rows = await self._run(statement, arguments)
        except (OSError, asyncpg.InterfaceError, asyncpg.PostgresConnectionError) as error:
            self.hang_up()
            raise Unconfirmed from error
        if self._warned:
            self.hang_up()
            raise Unconfirmed
        return rows

    async def _run(self, statement: str, arguments: Sequence[Any]) -> list[Any]:
        prepared = self._prepared.get(statement)
        if prepared is None:
            prepared = self._prepared[statement] = await self._connection.prepare(statement)
        patience = asyncio.get_running_loop().call_later(_PATIENCE_S, self.hang_up)
        try:
            rows: list[Any] = await prepared.fetch(*arguments)
        finally:
            patience.cancel()
        return rows

    def _hear(self, _connection: Any, message: Any) -> None:
        """A warning within a commit says that it is not as durable as it should be."""
        if message.severity_en == "WARNING":
            _log.warning("database_warns", sqlstate=message.sqlstate)
            self._warned = True


_KNOWN: Final = frozenset(
    {
        "host",
        "port",
        "user",
        "password",
        "passfile",
        "sslmode",
        "sslcert",
        "sslkey",
        "sslrootcert",
        "sslcrl",
        "sslpassword",
        "target_session_attrs",
    }
)


def _address(url: str) -> str:
    """The address as asyncpg takes it. Options of libpq that it does not know are about waiting, which we do ourselves."""
    parts = sa.make_url(url).set(drivername="postgresql")
    known = parts.difference_update_query([name for name in parts.query if name not in _KNOWN])
    return known.render_as_string(hide_password=False)
