"""A database that would forget what it acknowledged is not run on."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from otpward.core.errors import Unavailable
from otpward.ports.desk import House
from otpward.store import engine as engines
from otpward.store.engine import UnsafeDatabase, open_engine, sqlite_url
from tests.fakes.house import sql_house, sqlite_engine
from tests.fakes.sample import make_sample


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    made = sqlite_engine(tmp_path)
    yield made
    made.dispose()


def pragma(connection: sa.Connection, name: str) -> object:
    return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


def test_every_connection_keeps_what_it_acknowledged(engine: sa.Engine) -> None:
    """Several at once, so that it is not the one connection that was looked at when the engine was opened."""
    with engine.connect() as one, engine.connect() as other:
        one.rollback()
        for connection in (one, other):
            assert pragma(connection, "journal_mode") == "wal"
            assert pragma(connection, "synchronous") == 2
            assert pragma(connection, "secure_delete") == 1
            assert pragma(connection, "foreign_keys") == 1
            connection.rollback()


@pytest.mark.parametrize("lesser", ["synchronous=NORMAL", "synchronous=OFF", "journal_mode=DELETE", "journal_mode=MEMORY"])
def test_a_sqlite_with_less_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lesser: str) -> None:
    """As when a build, or a later hand, changes what every connection is set to."""
    plain = engines._open_sqlite

    def weakened(url: str) -> sa.Engine:
        made = plain(url)

        @event.listens_for(made, "connect")
        def weaken(connection: sqlite3.Connection, _record: Any) -> None:
            connection.execute(f"PRAGMA {lesser}")

        return made

    monkeypatch.setattr(engines, "_open_sqlite", weakened)
    with pytest.raises(UnsafeDatabase, match="journal_mode=WAL and synchronous=FULL"):
        open_engine(sqlite_url(tmp_path / "test.db"))


def test_a_database_in_memory_is_refused() -> None:
    with pytest.raises(UnsafeDatabase):
        open_engine("sqlite://")


def test_a_file_that_was_made_otherwise_is_changed_to_wal(tmp_path: Path) -> None:
    path = tmp_path / "test.db"
    with sqlite3.connect(path) as made:
        made.execute("PRAGMA journal_mode=DELETE")
        made.execute("CREATE TABLE thing (id)")
    made.close()
    opened = open_engine(sqlite_url(path))
    with opened.connect() as connection:
        assert pragma(connection, "journal_mode") == "wal"
    opened.dispose()


@pytest.mark.parametrize("level", ["off", "local"])
def test_a_postgresql_that_answers_too_early_is_refused(postgres_url: str, level: str) -> None:
    plain = sa.create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with plain.connect() as connection:
        name = connection.execute(sa.text("SELECT current_database()")).scalar()
        connection.execute(sa.text(f'ALTER DATABASE "{name}" SET synchronous_commit = {level}'))
    plain.dispose()
    with pytest.raises(UnsafeDatabase, match=f"synchronous_commit on, not {level}"):
        open_engine(postgres_url)


def test_a_postgresql_as_it_comes_is_taken(postgres_url: str) -> None:
    opened = open_engine(postgres_url)
    with opened.connect() as connection:
        assert connection.execute(sa.text("SHOW synchronous_commit")).scalar() == "on"
    opened.dispose()


def test_nothing_there_is_said_in_one_line(tmp_path: Path) -> None:
    garbage = tmp_path / "test.db"
    garbage.write_bytes(b"not a database, only long enough to be read as one" * 100)
    for url in (
        sqlite_url(tmp_path / "none" / "test.db"),
        sqlite_url(garbage),
        "postgresql+psycopg://otpward@127.0.0.1:1/otpward?connect_timeout=2",
    ):
        with pytest.raises(Unavailable, match="the database does not answer: ") as caught:
            open_engine(url)
        assert "\n" not in str(caught.value)


def test_a_database_that_stays_locked_is_unavailable_and_not_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "_BUSY_TIMEOUT_MS", 100)
    engine = sqlite_engine(tmp_path)
    house = sql_house(engine)
    blocker = sqlite3.connect(tmp_path / "test.db", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable):
        make_sample(house)
    blocker.execute("ROLLBACK")
    blocker.close()
    make_sample(house)
    assert isinstance(engine.pool, sa.QueuePool)
    assert engine.pool.checkedout() == 0
    engine.dispose()


def test_an_error_does_not_repeat_what_the_statement_was_given(engine: sa.Engine) -> None:
    with pytest.raises(sa.exc.OperationalError) as caught, engine.connect() as connection:
        connection.execute(sa.text("SELECT * FROM nothing WHERE seed = :seed"), {"seed": "3132333435"})
    assert "3132333435" not in str(caught.value)


def test_writers_take_turns_and_none_fails(engine: sa.Engine) -> None:
    house: House = sql_house(engine)
    sample = make_sample(house)
    before = house.look(sample.institution.id, lambda uow: uow.members.get(sample.member.id)).version
    troubles: list[BaseException] = []

    def write() -> None:
        try:
            for _ in range(10):
                with house.desk(sample.institution.id).uow as uow:
                    uow.members.save(uow.members.get(sample.member.id))
                    uow.commit()
        except BaseException as trouble:
            troubles.append(trouble)

    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert troubles == []
    assert house.look(sample.institution.id, lambda uow: uow.members.get(sample.member.id)).version == before + 60


def test_only_one_copy_of_sqlite_is_in_the_process() -> None:
    """Two copies on one file lose each other's locks when either closes it (docs/adr/0005)."""
    loaded = {Path(line.split()[-1]).name for line in Path("/proc/self/maps").read_text().splitlines() if "sqlite" in line}
    assert len({name for name in loaded if name.startswith("libsqlite3")}) <= 1, (loaded, os.getpid())
