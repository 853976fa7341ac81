"""SQLite: one batch in one transaction. A row is written only over the version that was read, so none is lost."""

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
import structlog

from otpward.core.audit import AuditLine
from otpward.core.errors import OtpwardError, Unavailable
from otpward.core.ids import bucket_of, home_bucket, make_id
from otpward.core.model.institution import ApiKey
from otpward.core.model.token import Token
from otpward.core.policy.verification import Verdict
from otpward.ports.judging import Asked, Batch, Decide, Found, Result, Unconfirmed
from otpward.ports.surroundings import Clock, Entropy
from otpward.store.engine import SqliteConnection
from otpward.store.judging import sqlite_sql as sql
from otpward.store.judging.rows import (
    TOKEN,
    api_key_of,
    kept_of,
    line_values,
    micros,
    token_of,
    verification_text,
    windows,
)

_CACHE_KIB: Final = 16 * 1024
"""The hot rows of ten thousand tokens and their indexes, so that a look-up finds its pages here."""

_log = structlog.get_logger()


class SqliteBatches:
    """Judges batch after batch on one connection; for one thread at a time."""

    def __init__(self, engine: sa.Engine, *, decide: Decide, clock: Clock, entropy: Entropy) -> None:
        self._engine = engine
        self._ways = _Ways(decide=decide, clock=clock, entropy=entropy)
        self._connection: SqliteConnection | None = None

    def judge(self, asked: Sequence[Asked]) -> Sequence[Result]:
        """A result for each, once all of them are on the disk."""
        if self._connection is None:
            self._pooled = self._engine.raw_connection()
            connection = self._pooled.driver_connection
            assert isinstance(connection, SqliteConnection)
            connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
            self._connection = connection
        return _Commit(self._connection, self._ways).of(asked)

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._pooled.close()
            self._connection = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ways:
    decide: Decide
    clock: Clock
    entropy: Entropy


class _Moved(Exception):
    """Somebody else changed a row after it was read."""


class _Commit:
    """One batch in one transaction."""

    def __init__(self, connection: SqliteConnection, ways: _Ways) -> None:
        self._connection, self._ways = connection, ways
        self._cursor = connection.cursor()
        self._keys: dict[str, tuple[ApiKey, str, bytes] | None] = {}
        self._rows: dict[UUID, int] = {}
        self._committing = False

    def of(self, asked: Sequence[Asked]) -> Sequence[Result]:
        """A result for each. First from a look without the lock, which others may write through meanwhile; if one of the rows
        then moved, again under the lock, where none can."""
        self._committing = False
        try:
            batch = self._look_then_write(asked) or self._look_and_write(asked)
        except Exception as error:
            with suppress(sqlite3.Error):
                self._connection.rollback()
            committing = self._committing
            _log.error("batch_not_judged", codes=len(asked), committing=committing, error=type(error).__name__, exc_info=error)
            told: Exception = Unconfirmed() if committing else Unavailable("the database did not finish")
            if isinstance(error, OtpwardError):
                told = error
            return [told] * len(asked)
        return batch.results

    def _look_then_write(self, asked: Sequence[Asked]) -> Batch | None:
        """The batch as it was committed; None if somebody else was faster."""
        self._connection.execute("BEGIN DEFERRED")
        now = self._ways.clock.now()
        at = micros(now)
        found = [self._find(one, at) for one in asked]
        self._connection.execute("COMMIT")
        batch = self._ways.decide(found, now)
        if any(filing is not None for filing in batch.filings):
            self._begin()
            try:
                self._file(batch, at)
            except (_Moved, sqlite3.IntegrityError):
                self._connection.rollback()
                return None
            self._commit()
        return batch

    def _look_and_write(self, asked: Sequence[Asked]) -> Batch:
        self._begin()
        self._keys.clear()
        now = self._ways.clock.now()
        at = micros(now)
        batch = self._ways.decide([self._find(one, at) for one in asked], now)
        if any(filing is not None for filing in batch.filings):
            self._file(batch, at)
        self._commit()
        return batch

    def _begin(self) -> None:
        self._connection.take_turn()
        self._connection.execute("BEGIN IMMEDIATE")

    def _commit(self) -> None:
        self._committing = True
        self._connection.commit()

    def _find(self, asked: Asked, at: int) -> Found:
        execute = self._cursor.execute
        known = self._key(asked.handle)
        if known is None:
            return Found(asked=asked, key=None)
        key, home, octets = known
        inside = key.institution_id
        if asked.serial is not None:
            row = execute(sql.BY_SERIAL, (home_bucket(home, asked.serial), octets, asked.serial)).fetchone()
            found = Found(asked=asked, key=key, missing=Verdict.UNKNOWN if row is None else Verdict.NOT_REGISTERED)
            if row is not None and row[-1]:
                found.tokens = (self._token(row, inside),)
        else:
            found = self._find_member(asked, key)
        if asked.client_keys:
            counts = [
                execute(sql.COUNTED, (octets, one, begun)).fetchone()
                for one, begun in zip(asked.client_keys, windows(at), strict=True)
            ]
            found.wrong_codes = [row[0] if row else 0 for row in counts]
        if asked.once is not None and (row := execute(sql.KEPT, (octets, asked.once.key)).fetchone()):
            found.kept = kept_of(inside, UUID(bytes=row[0]), row[1:])
        return found

    def _key(self, handle: str) -> tuple[ApiKey, str, bytes] | None:
        """The key of this handle with its institution as text and as octets, read once in each batch."""
        if handle not in self._keys:
            row = self._cursor.execute(sql.KEY, (handle,)).fetchone()
            known = None
            if row is not None:
                key = api_key_of(row, UUID(bytes=row[0]), UUID(bytes=row[1]))
                known = key, str(key.institution_id), key.institution_id.bytes
            self._keys[handle] = known
        return self._keys[handle]

    def _token(self, row: Any, institution_id: UUID) -> Token:
        key = UUID(bytes=row[0])
        self._rows[key] = row[len(TOKEN)]
        return token_of(row, key, institution_id)

    def _find_member(self, asked: Asked, key: ApiKey) -> Found:
        execute, inside = self._cursor.execute, key.institution_id
        member = execute(sql.MEMBER, (inside.bytes, asked.login)).fetchone()
        if member is None:
            return Found(asked=asked, key=key, missing=Verdict.UNKNOWN)
        tokens: list[Token] = []
        place = bucket_of(UUID(bytes=member[0]))
        for (token_id,) in execute(sql.REGISTERED, (place, inside.bytes, member[0])).fetchall():
            row: Any = execute(sql.BY_ID, (bucket_of(UUID(bytes=token_id)), inside.bytes, token_id)).fetchone()
            tokens.append(self._token(row, inside))
        return Found(asked=asked, key=key, tokens=tokens, missing=Verdict.NOT_REGISTERED)

    def _file(self, batch: Batch, at: int) -> None:
        changed = self._cursor.executemany(
            sql.CHANGE,
            [
                (
                    one.after.high_water,
                    one.after.drift_steps,
                    one.after.failures,
                    one.after.failures_total,
                    None if one.after.locked_until is None else micros(one.after.locked_until),
                    None if one.after.used_at is None else micros(one.after.used_at),
                    self._rows[one.before.id],
                    one.before.version,
                )
                for one in batch.changes
            ],
        ).rowcount
        if batch.changes and changed != len(batch.changes):
            raise _Moved
        filings = [one for one in batch.filings if one is not None]
        self._cursor.executemany(sql.LINE, [_line(one.line, at) for one in filings])
        for one in filings:
            octets = one.line.institution_id.bytes
            for key, begun in zip(one.counted, windows(at), strict=False):
                row_id = make_id(one.line.at, self._ways.entropy.octets(16))
                self._cursor.execute(sql.COUNT, (octets, row_id.bytes, key, begun))
            if one.kept is not None:
                kept = one.kept
                self._cursor.execute(sql.OVER, (octets, kept.key, at))
                text, until = verification_text(kept.verification), micros(kept.until)
                self._cursor.execute(sql.KEEP, (octets, kept.id.bytes, kept.key, kept.request, text, until))


def _line(line: AuditLine, at: int) -> tuple[Any, ...]:
    """As `line_values`, with keys as octets."""
    day, institution_id, line_id, moment, event, kind, actor_id, source, subject, subject_id, case_id, *rest = line_values(
        line, at
    )
    keys = institution_id.bytes, line_id.bytes
    about = subject_id and subject_id.bytes, case_id and case_id.bytes
    return (day, *keys, moment, event, kind, actor_id and actor_id.bytes, source, subject, *about, *rest)
