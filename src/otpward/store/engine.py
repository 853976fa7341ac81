"""Opening a database: SQLite with the settings that keep promises, PostgreSQL with a check that it keeps them."""

import sqlite3
from pathlib import Path
from typing import Any, ClassVar, Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import make_url

from otpward.core.errors import OtpwardError, Unavailable
from otpward.store.turn import Turn

BEGIN: Final = "otpward_begin"
"""Execution option: how a SQLite transaction begins. Writers take the lock at once, so two of them cannot fail half way."""

_BUSY_TIMEOUT_MS: Final = 20_000
_FULL: Final = 2


class UnsafeDatabase(OtpwardError):
    """The database would forget what it acknowledged; we do not run on it."""

    code: ClassVar[str] = "unsafe_database"


class SqliteConnection(sqlite3.Connection):
    """A connection that writes in its turn: taken before a writing transaction begins, given back when it has ended."""

    turn: Turn
    _has_turn = False

    def take_turn(self) -> None:
        """Wait until no other writer is at it; raises `Unavailable`."""
        self.turn.take()
        self._has_turn = True

    def commit(self) -> None:
        """Commit. If that fails the transaction is still there, and so is the turn, until it is rolled back."""
        super().commit()
        self._give_turn()

    def rollback(self) -> None:
        """Roll back."""
        try:
            super().rollback()
        finally:
            self._give_turn()

    def close(self) -> None:
        """Close."""
        try:
            super().close()
        finally:
            self._give_turn()

    def _give_turn(self) -> None:
        if self._has_turn:
            self._has_turn = False
            self.turn.give()


def sqlite_url(path: Path) -> str:
    """The address of a database file."""
    return f"sqlite:///{path}"


def open_engine(url: str) -> sa.Engine:
    """An engine for `url`, with every connection set up for durable commits.

    Raises:
        UnsafeDatabase: WAL with synchronous=FULL (SQLite) or synchronous_commit (PostgreSQL) cannot be had.
        Unavailable: nothing answers there.
    """
    backend = make_url(url).get_backend_name()
    engine = _open_sqlite(url) if backend == "sqlite" else _open_postgresql(url)
    try:
        with engine.connect() as connection:
            _refuse_less_than_durable(connection)
    except UnsafeDatabase:
        engine.dispose()
        raise
    except sa.exc.DBAPIError as error:
        engine.dispose()
        raise Unavailable(f"the database does not answer: {str(error.orig).strip().splitlines()[0]}") from None
    return engine


def _open_postgresql(url: str) -> sa.Engine:
    return sa.create_engine(url, pool_size=20, max_overflow=20, pool_pre_ping=True, hide_parameters=True)


def _open_sqlite(url: str) -> sa.Engine:
    path = make_url(url).database
    if path is None or path == ":memory:":
        raise UnsafeDatabase("a database in memory forgets what it acknowledged")
    turn = Turn(Path(path))
    how = {"timeout": _BUSY_TIMEOUT_MS / 1000, "check_same_thread": False, "factory": SqliteConnection}
    # What a statement was given never stands in an error's text, and so never in a log.
    engine = sa.create_engine(url, connect_args=how, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: Any) -> None:
        connection.isolation_level, connection.turn = None, turn
        for pragma in (
            f"busy_timeout={_BUSY_TIMEOUT_MS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        how = connection.get_execution_options().get(BEGIN, "IMMEDIATE")
        if how == "IMMEDIATE":
            raw = connection.connection.driver_connection
            assert isinstance(raw, SqliteConnection)
            raw.take_turn()
        connection.exec_driver_sql(f"BEGIN {how}")

    @event.listens_for(engine, "engine_disposed")
    def let_go(_engine: sa.Engine) -> None:
        turn.close()

    return engine


def _refuse_less_than_durable(connection: sa.Connection) -> None:
    if connection.dialect.name == "sqlite":
        mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
        level = connection.exec_driver_sql("PRAGMA synchronous").scalar()
        if (mode, level) != ("wal", _FULL):
            raise UnsafeDatabase(f"SQLite must run with journal_mode=WAL and synchronous=FULL, not {mode} and {level}")
    else:
        setting = connection.exec_driver_sql("SHOW synchronous_commit").scalar()
        if setting in {"off", "local"}:
            raise UnsafeDatabase(f"PostgreSQL must run with synchronous_commit on, not {setting}")
