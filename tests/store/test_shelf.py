"""The shelf in every store: sums, what a count has not met, and pages of a search that leave nothing out."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from otpward.core.ids import home_bucket
from otpward.core.lifecycle.place import Place
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.stock import CountLine, Finding
from otpward.core.model.token import Device
from otpward.ports.desk import House
from otpward.ports.shelf import ShelfQuery, Spot
from otpward.store.engine import open_engine
from tests.fakes.house import memory_house, sql_house, sqlite_engine
from tests.fakes.sample import make_sample
from tests.services.walk import Walk


@pytest.fixture(params=("memory", "sqlite", "postgresql"))
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    if request.param == "memory":
        yield memory_house()
        return
    engine = sqlite_engine(tmp_path) if request.param == "sqlite" else open_engine(request.getfixturevalue("postgres_url"))
    yield sql_house(engine)
    engine.dispose()


@pytest.fixture
def walk(house: House) -> Walk:
    return Walk(make_sample(house))


def fill(walk: Walk) -> list[Device]:
    """A hundred more, in places and states at random; several came at the same moment."""
    chance, made = Random(3), []
    like = walk.token("SN-02")
    cold = walk.look(lambda uow: uow.devices.get(like.id))
    with walk.house.open(walk.inside, writes=True) as uow:
        for number in range(100):
            serial = f"XN-{number}"
            key: Any = walk.house.desk(walk.inside).new_id(home_bucket(str(walk.inside), serial))
            state = chance.choice(list(TokenState))
            uow.tokens.add(replace(like, id=key, serial=serial, state=state, version=0))
            device = replace(
                cold,
                id=key,
                state=state,
                place=chance.choice(list(Place)),
                branch_id=chance.choice([None, walk.sample.branch.id]),
                model=chance.choice(["A", "B"]),
                stocked_at=walk.now - timedelta(hours=chance.randrange(5)),
                version=0,
            )
            uow.devices.add(device)
            made.append(device)
        uow.commit()
    return made


def test_pages_of_a_search_hold_each_device_once_and_in_order(walk: Walk) -> None:
    fill(walk)
    everything = walk.look(lambda uow: uow.devices.find())
    branch = walk.sample.branch.id
    for state in (None, TokenState.RETIRED):
        for at in (None, branch):
            wanted = ShelfQuery(state=state, branch_id=at)
            seen: list[Device] = []
            after: Spot | None = None
            while page := walk.look(lambda uow: uow.shelf.page(wanted, limit=7, after=after)):  # noqa: B023
                seen += [one.device for one in page]
                assert all(one.token.id == one.device.id for one in page)
                after = Spot(seen[-1].stocked_at, seen[-1].id)
            fits = [one for one in everything if state in {None, one.state} and at in {None, one.branch_id}]
            fits.sort(key=lambda one: (one.stocked_at, one.id.bytes), reverse=True)
            assert seen == fits


def test_the_devices_of_a_member_are_found(walk: Walk) -> None:
    found = walk.look(lambda uow: uow.shelf.page(ShelfQuery(member_id=walk.member.id), limit=9))
    assert [one.token.serial for one in found] == ["SN-00"]


def test_the_sums_are_those_of_all_that_no_member_has(walk: Walk) -> None:
    fill(walk)
    everything = walk.look(lambda uow: uow.devices.find())
    sums = walk.look(lambda uow: uow.shelf.sums())
    counted = Counter((one.place, one.branch_id, one.model, one.state) for one in everything if one.place is not Place.MEMBER)
    assert {(one.place, one.branch_id, one.model, one.state): one.count for one in sums} == counted


def test_what_a_count_has_not_met_is_missing(walk: Walk) -> None:
    desk = walk.house.desk(walk.inside)
    count_id, branch = desk.new_id(), walk.sample.branch.id
    line = CountLine(
        id=desk.new_id(),
        institution_id=walk.inside,
        count_id=count_id,
        token_id=walk.token("SN-02").id,
        serial="SN-02",
        finding=Finding.FOUND,
        at=walk.now,
    )
    walk.edit(lambda uow: uow.count_lines.add(line))
    missing = walk.look(lambda uow: uow.shelf.missing(count_id, branch, limit=50))
    serials = {walk.look(lambda uow, key=device.id: uow.tokens.get(key)).serial for device in missing}  # type: ignore[misc]
    assert serials == set(walk.sample.shelf) - {"SN-02"}
