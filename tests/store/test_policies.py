"""A policy in every store: its text to the letter, its hands, one number once, and what is in force."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from otpward.core.errors import Taken
from otpward.core.model.policy_version import PolicyVersion
from otpward.ports.desk import House
from otpward.store.engine import open_engine
from tests.fakes.house import memory_house, sql_house, sqlite_engine
from tests.fakes.sample import make_sample
from tests.services.oversee.policies.writing import Desks, desks

TEXT = "# 규정 🙂\n[rules.all]\nfee_won = 7000\n" + f"# {'가' * 600}\n" * 130
"""Near the most that is taken: 234 kB."""


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    if request.param == "memory":
        yield memory_house()
        return
    engine = sqlite_engine(tmp_path) if request.param == "sqlite" else open_engine(request.getfixturevalue("postgres_url"))
    yield sql_house(engine)
    engine.dispose()


@pytest.fixture
def two(house: House) -> Desks:
    return desks(make_sample(house))


def test_a_text_comes_back_to_the_letter_and_is_in_force(two: Desks) -> None:
    approved = two.put_in_force(TEXT)
    kept: PolicyVersion = two.sample.house.look(two.sample.institution.id, lambda uow: uow.policies.get(approved.id))
    assert kept == approved
    assert kept.text == TEXT
    assert kept.written_by == {str(two.first.member_id)}
    assert two.now().tree["rules"]["all"]["fee_won"] == 7000


def test_a_number_is_given_once(two: Desks) -> None:
    draft = two.save()
    desk = two.sample.house.desk(two.sample.institution.id)
    with desk.uow as uow, pytest.raises(Taken):
        uow.policies.add(replace(draft, id=desk.new_id()))
