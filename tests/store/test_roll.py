"""The roll of devices in use means the same in memory and on both engines."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from otpward.core.model.campaign import Chosen
from otpward.core.model.health import DriftSample, Health
from otpward.core.model.reminder import Outcome
from otpward.core.model.token import Form
from otpward.core.policy.forecast import Cause
from otpward.ports.desk import House
from otpward.ports.roll import Ending
from otpward.services.health.ask_members import ask_some
from otpward.services.health.see_campaign import every_reminder, see_progress
from otpward.store.engine import open_engine
from tests.fakes.house import memory_house, sql_house, sqlite_engine
from tests.fakes.sample import make_sample
from tests.services.health.looking_after import ends, started, used
from tests.services.walk import Walk

READ = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(params=["memory", "sqlite", "postgresql"], scope="module")
def walk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """Two devices in use: one ends in February, the other in March with a battery that ends before and a clock that is off."""
    if request.param == "memory":
        made = Walk(make_sample(memory_house()))
        _fill(made)
        yield made
        return
    engine = (
        sqlite_engine(tmp_path_factory.mktemp("roll"))
        if request.param == "sqlite"
        else open_engine(request.getfixturevalue("postgres_server").create_database("roll"))
    )
    house: House = sql_house(engine)
    made = Walk(make_sample(house))
    _fill(made)
    yield made
    engine.dispose()


def _fill(walk: Walk) -> None:
    ends(walk, "SN-00", date(2027, 2, 1), branch_id=walk.sample.branch.id)
    ends(walk, "SN-01", date(2027, 3, 31), battery_until=date(2027, 1, 9), form=Form.CARD, model="C200")
    used(walk, "SN-00", walk.now - timedelta(days=10))
    used(walk, "SN-01", None)
    row = Health(
        id=walk.token("SN-01").id,
        institution_id=walk.inside,
        samples=(DriftSample(READ, -3), DriftSample(READ + timedelta(days=9), -4)),
        drift_on=date(2027, 1, 31),
    )
    walk.edit(lambda uow: uow.health.add(row))
    drifting = replace(walk.token("SN-00"), drift_steps=-4)
    walk.edit(lambda uow: uow.tokens.save(drifting))


@pytest.mark.parametrize(
    ("chosen", "serials"),
    [
        pytest.param({}, {"SN-00", "SN-01"}, id="all"),
        pytest.param({"expires_until": date(2027, 2, 1)}, {"SN-00"}, id="until"),
        pytest.param({"expires_from": date(2027, 2, 2)}, {"SN-01"}, id="from"),
        pytest.param({"fails_until": date(2027, 1, 9)}, {"SN-01"}, id="battery"),
        pytest.param({"fails_until": date(2027, 1, 8)}, set(), id="too-early"),
        pytest.param({"form": Form.CARD}, {"SN-01"}, id="form"),
        pytest.param({"model": "C200"}, {"SN-01"}, id="model"),
        pytest.param({"unused_since": date(2026, 11, 13)}, {"SN-01"}, id="used-on-the-day"),
        pytest.param({"unused_since": date(2026, 11, 14)}, {"SN-00", "SN-01"}, id="used-before-the-day"),
    ],
)
def test_the_same_devices_are_meant(walk: Walk, chosen: dict[str, Any], serials: set[str]) -> None:
    wanted = Chosen(**chosen)
    rows = walk.look(lambda uow: uow.roll.page(wanted, limit=10))
    assert {walk.look(lambda uow, row=row: uow.tokens.get(row.token_id)).serial for row in rows} == serials  # type: ignore[misc]
    assert walk.look(lambda uow: uow.roll.count(wanted)) == len(serials)
    one = walk.look(lambda uow: uow.roll.page(wanted, limit=1))
    if one:
        rest = walk.look(lambda uow: uow.roll.page(wanted, limit=10, after=one[0].token_id))
        assert [*one, *rest] == list(rows)


def test_what_ends_is_counted_by_month_and_cause(walk: Walk) -> None:
    found = walk.look(lambda uow: uow.roll.endings(date(2026, 11, 23), date(2027, 10, 31)))
    own, february, march = walk.sample.branch.id, date(2027, 2, 1), date(2027, 3, 1)
    nowhere = walk.look(lambda uow: uow.devices.get(walk.token("SN-01").id)).branch_id
    assert sorted(found, key=lambda one: (one.month, one.cause)) == [
        Ending(month=date(2027, 1, 1), branch_id=nowhere, cause=Cause.BATTERY, count=1),
        Ending(month=date(2027, 1, 1), branch_id=nowhere, cause=Cause.DRIFT, count=1),
        Ending(month=february, branch_id=own, cause=Cause.EXPIRY, count=1),
        Ending(month=march, branch_id=nowhere, cause=Cause.EXPIRY, count=1),
    ]


def test_readings_come_back_as_they_were(walk: Walk) -> None:
    row = walk.look(lambda uow: uow.health.get(walk.token("SN-01").id))
    assert row.samples == (DriftSample(READ, -3), DriftSample(READ + timedelta(days=9), -4))


def test_clocks_that_are_off_are_found(walk: Walk) -> None:
    ((key, steps, _),) = walk.look(lambda uow: uow.roll.drifted(limit=5))
    assert (key, steps) == (walk.token("SN-00").id, -4)
    assert walk.look(lambda uow: uow.roll.drifted(limit=5, after=key)) == []


def test_a_campaign_is_told_by_what_came_of_it(walk: Walk) -> None:
    campaign = started(walk, chosen=Chosen(), everybody=True)
    assert walk.do(lambda desk: ask_some(campaign.id, desk=desk)) == 2
    found = walk.look(lambda uow: list(every_reminder(campaign.id, uow=uow)))
    assert [one.outcome for one in found] == [None, None]
    answered = replace(found[0], outcome=Outcome.GOOD)
    walk.edit(lambda uow: uow.reminders.save(answered))
    progress = walk.look(lambda uow: see_progress(campaign, uow=uow))
    assert (progress.asked, progress.good, progress.silent) == (2, 1, 1)
    assert [one.outcome for one in walk.look(lambda uow: list(every_reminder(campaign.id, uow=uow)))] == [Outcome.GOOD, None]
