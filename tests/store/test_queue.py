"""The queue in every store: each case once, in order, whatever the filters and however the pages are cut."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import event

from otpward.clerk.cases import StaleCase
from otpward.core.ids import CaseId
from otpward.core.lifecycle.case import CaseState
from otpward.core.model.case import Case, Delivery, Reason
from otpward.core.model.member import Operator, Role
from otpward.ports.desk import House
from otpward.ports.queue import Place, Wanted
from otpward.services.apply.approve import approve
from otpward.services.apply.refuse import refuse
from otpward.services.oversee.open_institution import OpenInstitution, open_institution
from otpward.store.engine import open_engine
from otpward.store.queue import SqlCaseQueue
from tests.fakes.house import memory_house, sql_house, sqlite_engine
from tests.fakes.sample import make_sample
from tests.services.walk import Walk

KINDS = ("memory", "sqlite", "postgresql")


@pytest.fixture(params=KINDS)
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


@pytest.fixture
def cases(walk: Walk) -> list[Case]:
    """Many, some of which began to wait at the same moment."""
    chance, like, made = Random(5), walk.submitted(), []
    with walk.sample.house.open(walk.inside, writes=True) as uow:
        for number in range(120):
            opened = walk.now - timedelta(hours=chance.randrange(30))
            case = replace(
                like,
                id=CaseId(walk.sample.house.desk(walk.inside).new_id()),
                number=f"R-{number}",
                open_key=None,
                state=chance.choice(list(CaseState)),
                reason=chance.choice(list(Reason)),
                delivery=chance.choice([*Delivery, None]),
                assigned_to=chance.choice([None, walk.operator.member_id]),
                opened_at=opened,
                submitted_at=chance.choice([None, opened + timedelta(hours=1)]),
                version=0,
            )
            uow.cases.add(case)
            made.append(case)
        uow.commit()
    return [like, *made]


def in_order(cases: list[Case], newest: bool) -> list[str]:
    return [case.number for case in sorted(cases, key=lambda case: (case.since, case.id.bytes), reverse=newest)]


@pytest.mark.parametrize("newest", [False, True], ids=["oldest first", "newest first"])
@pytest.mark.parametrize("cut", [1, 7, 1000])
def test_pages_put_together_are_the_whole_queue(walk: Walk, cases: list[Case], newest: bool, cut: int) -> None:
    found: list[str] = []
    after: Place | None = None
    while page := walk.look(lambda uow, after=after: uow.queue.page(Wanted(), limit=cut, newest=newest, after=after)):  # type: ignore[misc]
        found += [case.number for case in page]
        after = Place(since=page[-1].since, id=page[-1].id)
    assert found == in_order(cases, newest)


def test_every_filter_finds_what_it_says(walk: Walk, cases: list[Case]) -> None:
    before = walk.now - timedelta(hours=12)
    me = walk.operator.member_id
    for wanted, fits in (
        (Wanted(), lambda _case: True),
        (Wanted(states={}), lambda _case: False),
        (Wanted(states={CaseState.DONE: None}), lambda case: case.state is CaseState.DONE),
        (Wanted(states=dict.fromkeys(CaseState, before)), lambda case: case.since < before),
        (Wanted(reason=Reason.LOST), lambda case: case.reason is Reason.LOST),
        (Wanted(delivery=Delivery.POST), lambda case: case.delivery is Delivery.POST),
        (Wanted(assigned_to=me), lambda case: case.assigned_to == me),
        (Wanted(nobodys=True), lambda case: case.assigned_to is None),
        (Wanted(number="R-7"), lambda case: case.number == "R-7"),
        (Wanted(member_id=walk.member.id), lambda _case: True),
        (Wanted(member_id=walk.sample.other.id), lambda _case: False),
        (
            Wanted(states={CaseState.DONE: before, CaseState.DRAFT: None}, nobodys=True),
            lambda case: (
                case.assigned_to is None
                and (case.state is CaseState.DRAFT or (case.state is CaseState.DONE and case.since < before))
            ),
        ),
    ):
        right = [case for case in cases if fits(case)]  # type: ignore[no-untyped-call]
        page = walk.look(lambda uow, wanted=wanted: uow.queue.page(wanted, limit=500))  # type: ignore[misc]
        assert [case.number for case in page] == in_order(right, newest=False)
        for most in (1, 500):
            counted = walk.look(lambda uow, wanted=wanted, most=most: uow.queue.count(wanted, most=most))  # type: ignore[misc]
            assert counted == min(most, len(right))


def test_one_institution_does_not_see_anothers_queue(walk: Walk, cases: list[Case]) -> None:
    ask = OpenInstitution(code="other", name_ko="다른 기관", name_en="Other", phone="", phone_abroad="")
    elsewhere = walk.sample.house.do(None, lambda desk: open_institution(ask, desk=desk)).id
    assert walk.sample.house.look(elsewhere, lambda uow: uow.queue.count(Wanted(), most=500)) == 0
    assert walk.sample.house.look(elsewhere, lambda uow: uow.queue.page(Wanted(), limit=500)) == []


def test_a_walk_through_the_queue_reads_one_index_and_no_rows(tmp_path: Path) -> None:
    engine = sqlite_engine(tmp_path)
    walk = Walk(make_sample(sql_house(engine)))
    asked: list[tuple[str, Any]] = []
    with engine.connect() as connection:

        @event.listens_for(connection, "before_cursor_execute")
        def hear(_c: object, _u: object, text: str, values: Any, _x: object, _m: bool) -> None:
            asked.append((text, values))

        queue = SqlCaseQueue(connection, walk.inside, None)  # type: ignore[arg-type]
        wanted = Wanted(reason=Reason.LOST, delivery=Delivery.POST, nobodys=True)
        queue.page(wanted, limit=25, after=Place(since=walk.now, id=walk.inside))
        queue.count(wanted, most=1001)
        assert len(asked) >= 2
        for text, values in [one for one in asked if one[0].startswith("SELECT")]:
            plan = " ".join(row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values))
            assert "COVERING INDEX otp_case_queue" in plan
            assert "SCAN otp_case" not in plan
    engine.dispose()


@pytest.mark.parametrize("house", KINDS[1:], indirect=True)
@pytest.mark.parametrize("turn", range(4))
def test_of_two_reviewers_at_once_one_decides_and_the_other_is_told(walk: Walk, turn: int) -> None:
    case, results = walk.checking(), list[object]()
    start = threading.Barrier(2)

    def act(service: Callable[..., Case], who: Operator) -> None:
        decision = walk.decision(case, who, "왜")
        start.wait(30)
        try:
            results.append(walk.do(lambda desk: service(decision, desk=desk)).state)
        except Exception as error:
            results.append(type(error))

    pairs = ((approve, walk.operator), (refuse, walk.colleague(Role.BRANCH)))
    racing = [threading.Thread(target=act, args=pair) for pair in (pairs if turn % 2 else pairs[::-1])]
    for thread in racing:
        thread.start()
    for thread in racing:
        thread.join(60)
    (decided,) = [result for result in results if isinstance(result, CaseState)]
    (late,) = [result for result in results if not isinstance(result, CaseState)]
    assert late is StaleCase
    assert walk.case(case.id).state is decided
    events = walk.look(lambda uow: [line.event for line in uow.audit.find(case_id=case.id)])
    assert ("case:approved" in events) is (decided is CaseState.APPROVED)
    assert ("case:refused" in events) is (decided is CaseState.REFUSED)
