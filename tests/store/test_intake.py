"""A delivery in bulk, in every store alike: rows kept as if one by one, known by serial, and taken back if unused."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

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
