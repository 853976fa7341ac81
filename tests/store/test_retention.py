"""Records whose years are over: gone from the tables on both engines, and from the database's own file."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from otpward.core.audit import AuditEvent
from otpward.core.model.case import Case, Delivery
from otpward.core.model.loss import LossKind
from otpward.services.apply.refuse import refuse
from otpward.services.oversee.erase_records import erase_records
from otpward.store import tables
from otpward.store.engine import open_engine
from tests.fakes.house import sql_house, sqlite_engine
from tests.fakes.sample import make_sample
from tests.fakes.surroundings import FixedClock
from tests.services.oversee.policies.writing import desks
from tests.services.walk import Walk
from tests.store.test_documents import octets_of

YEAR = timedelta(days=366)


@pytest.fixture
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    """SQLite, but where a test asks for both."""
    on = getattr(request, "param", "sqlite")
    made = sqlite_engine(tmp_path) if on == "sqlite" else open_engine(request.getfixturevalue("postgres_url"))
    yield made
    made.dispose()


@pytest.fixture
def walk(engine: sa.Engine) -> Walk:
    return Walk(make_sample(sql_house(engine, FixedClock())))


def erase(walk: Walk) -> int:
    gone = 0
    while more := walk.do(lambda desk: erase_records(walk.inside, desk=desk)):
        gone += more
    return gone


def refused(walk: Walk, case: Case) -> Case:
    return walk.do(lambda desk: refuse(walk.decision(case, message="holder"), desk=desk))


def held(engine: sa.Engine, case: Case) -> dict[str, int]:
    """How many rows name this case."""
    with engine.connect() as connection:
        return {
            table.name: count
            for table in tables.metadata.sorted_tables
            if "case_id" in table.c
            and (count := connection.execute(sa.select(sa.func.count()).where(table.c.case_id == case.id)).scalar_one())
        }


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
def test_an_ended_application_goes_with_all_that_hangs_on_it(walk: Walk, engine: sa.Engine) -> None:
    desks(walk.sample).put_in_force(
        "[rules.all]\nfee_won = 5000\nfee_first = false\n[waivers.faulty]\nused = false\n"
        "[retention]\napplication_years = 2\naccess_years = 1\npayment_years = 3"
    )
    walk.report(LossKind.LOST)
    case = walk.done()
    assert {"case_step", "pick_up", "fee", "audit_line", "loss_report"} <= set(held(engine, case))
    walk.clock.at += 2 * YEAR - timedelta(days=10)
    erase(walk)
    assert set(held(engine, case)) >= {"case_step", "fee"}
    assert "audit_line" not in held(engine, case)
    walk.clock.at += timedelta(days=10)
    assert erase(walk) > 0
    assert set(held(engine, case)) == {"fee"}
    assert walk.look(lambda uow: uow.cases.first(id=case.id)) is None
    assert walk.look(lambda uow: uow.losses.find()) == []
    walk.clock.at += YEAR
    erase(walk)
    assert held(engine, case) == {}
    assert walk.token("SN-02").state == "active"
    assert erase(walk) == 0


def test_what_goes_is_written_down(walk: Walk) -> None:
    walk.done()
    walk.clock.at += 6 * YEAR
    erase(walk)
    lines = walk.look(lambda uow: uow.audit.find(event=AuditEvent.RECORDS_ERASED))
    assert sum(int(line.detail.get("applications", 0)) for line in lines) == 1


def test_an_application_keeps_the_years_of_the_policy_it_began_under(walk: Walk) -> None:
    case = walk.done()
    desks(walk.sample).put_in_force("[retention]\napplication_years = 1")
    walk.clock.at += 4 * YEAR
    erase(walk)
    assert walk.case(case.id) == case
    walk.clock.at += 2 * YEAR
    erase(walk)
    assert walk.look(lambda uow: uow.cases.find()) == []


def test_what_is_open_or_still_stops_an_otp_stays(walk: Walk) -> None:
    report = walk.report(LossKind.STOLEN)
    case = walk.submitted()
    walk.clock.at += 31 * YEAR
    erase(walk)
    assert walk.look(lambda uow: uow.losses.get(report.id)) == report
    assert walk.case(case.id).number == case.number


def test_another_institutions_records_stay(walk: Walk) -> None:
    other = Walk(make_sample(walk.house, code="second"))
    walk.done()
    kept = other.done()
    walk.clock.at += 6 * YEAR
    erase(walk)
    assert other.case(kept.id).number == kept.number


def test_an_erased_application_is_in_no_file_of_the_database(walk: Walk, engine: sa.Engine, tmp_path: Path) -> None:
    case = refused(walk, walk.checking(Delivery.POST))
    with engine.connect() as connection:
        address = bytes(connection.execute(sa.select(tables.case.c.address).where(tables.case.c.id == case.id)).scalar_one())
    traces = [case.id.bytes, address, case.number.encode()]
    before = octets_of(tmp_path)
    assert [before.count(one) > 0 for one in traces] == [True] * 3, "or the search below would prove nothing"
    walk.clock.at += 6 * YEAR
    erase(walk)
    left = octets_of(tmp_path)
    assert [left.count(one) for one in traces] == [0, 0, 0]
