"""Steps that came later, over rows that were there before: every device gets its place, every token the day it went on."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from otpward.store.engine import open_engine, sqlite_url
from otpward.store.migrate import upgrade

STEPS = Path(__file__).resolve().parents[2] / "src" / "otpward" / "store" / "migrations"
HOUSE, OWNER, BRANCH = uuid4(), uuid4(), uuid4()
BEFORE, LIVE = datetime(2026, 1, 5, 9, tzinfo=UTC), datetime(2026, 2, 3, 9, tzinfo=UTC)
PLACES = {
    "in_stock": "branch",
    "reserved": "branch",
    "in_transit": "shipment",
    "quarantined": "quarantine",
    "active": "member",
    "destroyed": "destroyed",
}


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


def at_step(engine: sa.Engine, step: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(STEPS).replace("%", "%%"))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, step)
        connection.commit()


def fill(engine: sa.Engine, table: str, **values: object) -> None:
    """A row with these values, and something harmless in every other column that must have one."""
    there = sa.Table(table, sa.MetaData(), autoload_with=engine)
    harmless: dict[type, object] = {int: 0, str: "", bytes: b"", bool: False, dict: {}, list: [], UUID: HOUSE}
    row = {column.name: harmless[column.type.python_type] for column in there.c if not column.nullable}
    row |= {name: stored(value, engine) for name, value in values.items()}
    with engine.begin() as connection:
        connection.execute(sa.insert(there).values(row))


def stored(value: object, engine: sa.Engine) -> object:
    match value:
        case UUID() if engine.name == "sqlite":
            return value.bytes
        case datetime():
            return int(value.timestamp() * 1_000_000)
        case _:
            return value


def rows(engine: sa.Engine, statement: str) -> dict[str, tuple[object, ...]]:
    with engine.connect() as connection:
        return {row[0]: tuple(row[1:]) for row in connection.execute(sa.text(statement))}


def test_what_was_there_before_has_its_place_and_its_day(engine: sa.Engine, url: str) -> None:
    at_step(engine, "0013")
    for number, state in enumerate(PLACES):
        key = UUID(int=number + 1)
        fill(
            engine,
            "token",
            institution_id=HOUSE,
            id=key,
            serial=state,
            state=state,
            kind="totp",
            algorithm="sha1",
            bucket=number,
        )
        on_shelf = state in {"in_stock", "reserved"}
        fill(engine, "device", institution_id=HOUSE, id=key, form="fob", branch_id=BRANCH if on_shelf else None)
    fill(
        engine,
        "registration",
        institution_id=HOUSE,
        id=uuid4(),
        token_id=UUID(int=5),
        member_id=OWNER,
        begun_at=BEFORE,
        live_at=LIVE,
    )
    upgrade(engine, url)
    found = rows(
        engine,
        "SELECT token.serial, device.state, device.place, device.holder_id, token.active_at FROM device JOIN token"
        " ON token.institution_id = device.institution_id AND token.id = device.id",
    )
    for state, place in PLACES.items():
        is_on = state == "active"
        wanted = (state, place, stored(OWNER, engine) if is_on else None, stored(LIVE, engine) if is_on else None)
        assert found[state] == wanted


def test_two_parcels_on_their_way_with_one_number_are_told_apart(engine: sa.Engine, url: str) -> None:
    at_step(engine, "0020")
    batch, twins = uuid4(), {"gone": "dispatched", "packed": "packed", "arrived": "delivered"}
    fill(engine, "batch", id=batch, institution_id=HOUSE, number="B-1", state="labelled", printed=1, printed_at=LIVE)
    for place, state in twins.items():
        sent = {"dispatched_at": BEFORE, "ask_at": BEFORE} if state != "packed" else {}
        common = {"institution_id": HOUSE, "batch_id": batch, "tracking_number": "6012345678901", "packed_at": BEFORE}
        fill(engine, "shipment", id=uuid4(), place=place, state=state, planned_at=BEFORE, **common, **sent)
    fill(engine, "shipment", id=uuid4(), place="unpacked", state="planned", institution_id=HOUSE, planned_at=BEFORE)
    upgrade(engine, url)
    asked = "SELECT place, tracking_number, running_number, labelled_at IS NOT NULL, look_at IS NOT NULL FROM shipment"
    assert rows(engine, asked) == {
        "gone": ("6012345678901", "6012345678901", True, False),
        "packed": ("", None, False, True),
        "arrived": ("6012345678901", None, True, False),
        "unpacked": ("", None, False, False),
    }
    assert rows(engine, "SELECT number, state FROM batch") == {"B-1": ("packing",)}
