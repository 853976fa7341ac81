"""Migration 0001: what it makes is what `store.tables` says, on both engines, however often it runs and wherever it is cut."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.schema import CreateIndex, CreateTable, ExecutableDDLElement

from otpward.store import migrate, outbox
from otpward.store.engine import open_engine, sqlite_url
from otpward.store.migrate import OldSchema, newest_schema, refuse_other_schema, upgrade
from otpward.store.tables import metadata

ROOT = Path(__file__).resolve().parent.parent.parent
OURS = set(metadata.tables)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "otpward.db")
    address: str = request.getfixturevalue("postgres_url")
    return address


@pytest.fixture
def engine(url: str) -> Iterator[sa.Engine]:
    made = open_engine(url)
    yield made
    made.dispose()


def shape(engine: sa.Engine) -> dict[str, Any]:
    """Everything the database itself says about our tables, types and constraint names included."""
    look = sa.inspect(engine)
    return {
        table: {
            "columns": sorted(  # one that came later stands last, and nobody reads them by their place
                (c["name"], str(c["type"]), c["nullable"], str(c["default"]).partition("::")[0])
                for c in look.get_columns(table)
            ),
            "key": look.get_pk_constraint(table),
            "unique": sorted((str(u["name"]), u["column_names"]) for u in look.get_unique_constraints(table)),
            "indexes": sorted((str(i["name"]), i["column_names"], i["unique"]) for i in look.get_indexes(table)),
            "foreign": look.get_foreign_keys(table),
        }
        for table in sorted(set(look.get_table_names()) & OURS)
    }


def only_ours(_object: Any, name: str | None, kind: str, _reflected: bool, _compared: Any) -> bool:
    return kind != "table" or name in OURS


def default_differs(_c: Any, _i: Any, _m: Any, there: str | None, _default: Any, wanted: str | None) -> bool:
    """Alembic's own comparison takes SQLite's quoted empty text for another value than the model's."""
    return (there or "").partition("::")[0].strip("()'") != (wanted or "").strip("'")


def differences(engine: sa.Engine) -> list[Any]:
    options = {"compare_type": True, "compare_server_default": default_differs, "include_object": only_ours}
    with engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
    return list(found)


def test_the_migrated_schema_is_the_one_of_the_code(engine: sa.Engine, url: str) -> None:
    upgrade(engine, url)
    assert differences(engine) == []
    refuse_other_schema(engine)


def test_no_migrated_column_or_name_differs_from_a_fresh_one(
    url: str, engine: sa.Engine, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    upgrade(engine, url)
    if url.startswith("sqlite"):
        fresh = open_engine(sqlite_url(tmp_path / "fresh.db"))
    else:
        server = request.getfixturevalue("postgres_server")
        fresh = open_engine(server.create_database(f"fresh_{os.getpid()}"))
    metadata.create_all(fresh)
    assert shape(engine) == shape(fresh)
    assert set(shape(engine)) == OURS
    fresh.dispose()


def test_running_again_changes_nothing(engine: sa.Engine, url: str) -> None:
    upgrade(engine, url)
    with engine.begin() as connection:
        connection.execute(
            sa.text("INSERT INTO count (institution_id, id, key, window_at) VALUES (:i, :i, :k, 0)"),
            {"i": "00000000-0000-0000-0000-000000000001" if engine.name == "postgresql" else b"\1" * 16, "k": b"k"},
        )
    before = shape(engine)
    upgrade(engine, url)
    upgrade(engine, url)
    assert shape(engine) == before
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM count")).scalar() == 1
    refuse_other_schema(engine)


def test_the_newest_schema_is_where_the_one_line_of_steps_ends() -> None:
    steps = ScriptDirectory(str(ROOT / "src/otpward/store/migrations"))
    assert newest_schema() == steps.get_current_head()
    assert len(list(steps.walk_revisions())) == int(newest_schema())


def test_a_database_that_is_not_ready_is_not_run_on(engine: sa.Engine, url: str) -> None:
    with pytest.raises(OldSchema, match=r"schema none, this version needs \d{4}; run `otpward db upgrade`"):
        refuse_other_schema(engine)
    upgrade(engine, url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE schema_version SET version_num = '9999'"))
    with pytest.raises(OldSchema, match="schema 9999, this version needs"):
        refuse_other_schema(engine)


def test_a_fault_between_the_queues_and_us_is_mended_by_running_again(
    engine: sa.Engine, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_url: str) -> None:
        outbox.migrate_queues(_url)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(migrate, "migrate_queues", fails)
        with pytest.raises(KeyboardInterrupt):
            upgrade(engine, url)
    with pytest.raises(OldSchema):
        refuse_other_schema(engine)
    upgrade(engine, url)
    assert differences(engine) == []
    refuse_other_schema(engine)


KILLED_AFTER = """
import os, signal, sys
import sqlalchemy as sa
from sqlalchemy import event
from otpward.store.engine import open_engine
from otpward.store.migrate import upgrade

url, left = sys.argv[1], [int(sys.argv[2])]

@event.listens_for(sa.Engine, "after_cursor_execute")
def count(connection, cursor, statement, parameters, context, executemany):
    left[0] -= 1
    if left[0] <= 0:
        os.kill(os.getpid(), signal.SIGKILL)

upgrade(open_engine(url), url)
"""


@pytest.mark.parametrize("after", [5, 100, 180, 205, 230])
def test_a_kill_anywhere_is_mended_by_running_again(engine: sa.Engine, url: str, after: int) -> None:
    """The statement numbers reach from the first of the queues' tables past the last of ours."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", KILLED_AFTER, url, str(after)],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode in {-9, 0}, done.stderr
    if done.returncode:
        with pytest.raises(OldSchema):
            refuse_other_schema(engine)
    upgrade(engine, url)
    assert differences(engine) == []
    refuse_other_schema(engine)


NOT_PORTABLE = re.compile(
    r"\b(BIG|SMALL)SERIAL\b|\bSERIAL (NOT|PRIMARY)|SEQUENCE|TRIGGER|EXTENSION|LISTEN|NOTIFY|ADVISORY"
    r"|AUTOINCREMENT|IDENTITY|GENERATED"
    r"|\bENUM\b|JSONB|\bARRAY\b|FOREIGN KEY|REFERENCES|STRICT|WITHOUT ROWID|COLLATE|EXCLUDE|PARTIAL| WHERE ",
    re.IGNORECASE,
)


@pytest.mark.parametrize("dialect", [sqlite.dialect(), postgresql.dialect()], ids=["sqlite", "postgresql"])  # type: ignore[no-untyped-call]
def test_the_schema_uses_nothing_that_only_one_engine_has(dialect: Dialect) -> None:
    for table in metadata.sorted_tables:
        texts: list[ExecutableDDLElement] = [CreateTable(table), *(CreateIndex(index) for index in table.indexes)]
        for text in texts:
            statement = str(text.compile(dialect=dialect))
            assert not NOT_PORTABLE.search(statement), statement


def test_no_migration_says_something_that_only_one_engine_has() -> None:
    versions = [one for one in (files("otpward.store.migrations") / "versions").iterdir() if re.match(r"\d", one.name)]
    assert versions
    for version in versions:
        text = version.read_text(encoding="utf-8")
        assert not re.search(r"op\.execute|batch_alter|create_foreign_key|def downgrade", text), version.name


def test_a_sequence_is_nobodys_key(engine: sa.Engine, url: str) -> None:
    upgrade(engine, url)
    if engine.name == "postgresql":
        with engine.connect() as connection:
            made = connection.execute(sa.text("SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'")).all()
            triggers = connection.execute(
                sa.text("SELECT tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relname = ANY(:ours)"),
                {"ours": sorted(OURS)},
            ).all()
        assert (made, triggers) == ([], [])


@pytest.mark.parametrize("table", sorted(OURS - {"institution", "data_key"}))
def test_every_row_names_its_institution_in_its_key(table: str) -> None:
    key = [column.name for column in metadata.tables[table].primary_key]
    assert "institution_id" in key
    assert key[-1] == "id"


@pytest.mark.parametrize("table", ["token", "registration"])
def test_a_hot_table_leads_with_its_bucket(table: str) -> None:
    keys = [[column.name for column in metadata.tables[table].primary_key]]
    keys += [[c.name for c in u.columns] for u in metadata.tables[table].constraints if isinstance(u, sa.UniqueConstraint)]
    assert {key[0] for key in keys} == {"bucket"}
    assert {key[1] for key in keys} == {"institution_id"}


def test_every_constraint_has_a_name_that_fits_both_engines() -> None:
    for table in metadata.sorted_tables:
        names = [one.name for one in table.constraints] + [one.name for one in table.indexes]
        for name in names:
            assert name, table.name
            assert len(str(name)) <= 63


@pytest.mark.parametrize("table", sorted(OURS - {"audit_line", "story_line", "data_key"}))
def test_every_row_that_changes_has_a_version(table: str) -> None:
    assert "version" in metadata.tables[table].c
