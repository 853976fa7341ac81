"""A delivery in bulk, in every store alike: rows kept as if one by one, known by serial, and taken back if unused."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from otpward.core.errors import Invalid, Taken
from otpward.core.ids import InstitutionId, TokenId, home_bucket
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.token import Token
from otpward.core.secret import Secret
from otpward.ports.desk import House
from otpward.ports.vault import About
from otpward.services.stock.import_file import ImportFile, import_file
from otpward.services.stock.take_rows import Intention
from otpward.services.stock.undo_import import UndoImport, undo_import
from otpward.store.engine import open_engine
from tests.fakes.house import memory_house, sql_house, sqlite_engine
from tests.fakes.sample import BY, Sample, make_sample, seed_of


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    if request.param == "memory":
        yield memory_house()
        return
    engine = sqlite_engine(tmp_path) if request.param == "sqlite" else open_engine(request.getfixturevalue("postgres_url"))
    yield sql_house(engine)
    engine.dispose()


@pytest.fixture
def sample(house: House) -> Sample:
    return make_sample(house)


def lines(count: int) -> str:
    rows = [f"일련-{n:04d},{seed_of(n % 90).hex()},totp,6,60\n" for n in range(count)]
    return "".join(rows) + f"Q-1,{seed_of(91).hex()},ocra,OCRA-1:HOTP-SHA1-6:QN08\n"


def take(sample: Sample, text: str, batch_rows: int = 1000) -> UUID:
    intention = Intention(institution_id=sample.institution.id, by=BY, branch_id=sample.branch.id)
    ask = ImportFile(chunks=[text.encode()], file_name="f", intention=intention, batch_rows=batch_rows)
    report = import_file(ask, house=sample.house)
    assert report.import_id is not None
    return report.import_id


def token_of(sample: Sample, serial: str) -> Token:
    found: Token | None = sample.house.look(sample.institution.id, lambda uow: uow.tokens.first(serial=serial))
    assert found is not None
    return found


def test_rows_are_kept_whole(sample: Sample) -> None:
    import_id = take(sample, lines(2500))
    token = token_of(sample, "일련-0041")
    opened = sample.house.vault.unseal(token.seed, about=About(token.institution_id, token.id, "token.seed"))
    assert (opened, token.state, token.period_s) == (Secret(seed_of(41)), TokenState.IN_STOCK, 60)
    with sample.house.open(sample.institution.id, writes=False) as uow:
        device = uow.devices.get(token.id)
        assert (device.import_id, device.branch_id) == (import_id, sample.branch.id)
        assert uow.devices.count(import_id=import_id) == 2501
        assert uow.signers.get(token_of(sample, "Q-1").id).suite == "OCRA-1:HOTP-SHA1-6:QN08"
        [line] = uow.audit.find(subject_id=token.id)
        assert (line.event, line.subject, line.source, line.detail) == ("token:stocked", "token", BY.source, {})
        assert uow.imports.get(import_id).rows_done == 2501


def test_what_is_here_is_known_with_the_import_it_came_by(sample: Sample) -> None:
    import_id = take(sample, lines(2500))
    asked = [f"일련-{n:04d}" for n in range(2400, 5000)]
    with sample.house.open(sample.institution.id, writes=False) as uow:
        known = uow.intake.known(asked)
        assert set(known) == {f"일련-{n:04d}" for n in range(2400, 2500)}
        assert set(known.values()) == {import_id}
        assert uow.intake.known([]) == {}


def test_a_serial_comes_once_in_bulk_too(sample: Sample) -> None:
    take(sample, lines(3))
    token = token_of(sample, "일련-0001")
    desk = sample.house.desk(sample.institution.id)
    with desk.uow as uow, pytest.raises(Taken):
        uow.tokens.add_all([replace(token, id=TokenId(desk.new_id(home_bucket(str(token.institution_id), token.serial))))])


def test_a_serial_comes_once_by_column_too(sample: Sample) -> None:
    take(sample, lines(100))
    token = token_of(sample, "일련-0001")
    desk = sample.house.desk(sample.institution.id)
    keys = [desk.new_id(home_bucket(str(token.institution_id), serial)) for serial in ("new", token.serial)]
    with desk.uow as uow, pytest.raises(Taken):
        uow.tokens.add_alike(token, {"id": keys, "serial": ["new", token.serial]})


@pytest.mark.parametrize("count", [3, 300])
def test_rows_by_column_are_as_their_model_but_for_the_columns(sample: Sample, count: int) -> None:
    """Few and many go different ways on PostgreSQL."""
    take(sample, lines(1))
    token = token_of(sample, "일련-0000")
    desk = sample.house.desk(sample.institution.id)
    serials = [f"Z'\"\\{{}},NULL-{n}" for n in range(count)]
    keys = [TokenId(desk.new_id(home_bucket(str(token.institution_id), serial))) for serial in serials]
    dates = [desk.now.replace(microsecond=7) if n % 3 else None for n in range(count)]
    wanted = [
        replace(
            token,
            id=key,
            serial=serial,
            valid_until=date,
            digits=6 + n % 2,
            high_water=10**n if n < 18 else -1,
            seed=bytes([n % 256]),
        )
        for n, (key, serial, date) in enumerate(zip(keys, serials, dates, strict=True))
    ]
    columns = {
        name: [getattr(one, name) for one in wanted] for name in ("id", "serial", "valid_until", "digits", "high_water", "seed")
    }
    with desk.uow as uow:
        uow.tokens.add_alike(token, columns)
        uow.commit()
    assert [token_of(sample, serial) for serial in serials[:20]] == wanted[:20]


def test_a_question_for_many_serials_looks_at_no_other_token(tmp_path: Path) -> None:
    engine = sqlite_engine(tmp_path)
    sample = make_sample(sql_house(engine))
    asked: list[str] = []

    @sa.event.listens_for(engine, "before_cursor_execute")
    def hear(_c: object, cursor: Any, statement: str, given: Any, *_: object) -> None:
        if statement.startswith("WITH asked"):
            asked.extend(row[3] for row in cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", given))

    with sample.house.open(sample.institution.id, writes=False) as uow:
        uow.intake.known(["A", "B"])
    engine.dispose()
    assert any("SEARCH t USING INDEX" in step for step in asked)
    assert not any(step.startswith("SCAN t") for step in asked)


def test_a_stranger_is_refused_in_bulk_too(sample: Sample) -> None:
    take(sample, lines(1))
    token = token_of(sample, "일련-0000")
    desk = sample.house.desk(sample.institution.id)
    with desk.uow as uow, pytest.raises(Invalid):
        uow.tokens.add_all(
            [replace(token, id=TokenId(desk.new_id(1)), institution_id=InstitutionId(desk.new_id()), serial="else")]
        )


def test_taken_back_only_what_lies_as_it_came_goes(sample: Sample) -> None:
    import_id = take(sample, lines(1200))
    desk = sample.house.desk(sample.institution.id)
    with desk.uow as uow:
        for serial, changes in (("일련-0001", {"state": TokenState.RESERVED}), ("일련-0002", {"failures": 1})):
            uow.tokens.save(replace(token_of(sample, serial), **changes))
        uow.commit()
    undone = undo_import(UndoImport(institution_id=sample.institution.id, import_id=import_id, by=BY), house=sample.house)
    assert (undone.removed, undone.kept) == (1199, 2)
    with sample.house.open(sample.institution.id, writes=False) as uow:
        assert uow.intake.known(["일련-0001", "일련-0002", "일련-0003", "Q-1"]).keys() == {"일련-0001", "일련-0002"}
        assert uow.signers.count() == 0
        assert uow.imports.get(import_id).state == "undone"
