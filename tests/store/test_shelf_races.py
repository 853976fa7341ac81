"""Real threads on real databases: two hundred approved applications want fifty devices, and no device goes to two of them."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from gettext import NullTranslations
from pathlib import Path
from random import Random

import pytest

from otpward.core.errors import OtpwardError
from otpward.core.ids import CaseId
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.case import Case
from otpward.edges.http.console.case_acts import explain_field
from otpward.edges.http.console.case_view import read_case
from otpward.edges.http.words import Words
from otpward.ports.desk import House
from otpward.services.issue.reserve_device import NotThisDevice
from otpward.services.stock.import_seeds import ImportSeeds, import_seeds
from otpward.store.engine import open_engine
from tests.fakes.house import sql_house, sqlite_engine
from tests.fakes.sample import BY, make_sample, seed_of
from tests.services.walk import Walk

DEVICES, CASES, DESKS = 50, 200, 8
SERIALS = [f"SN-{number}" for number in range(100, 100 + DEVICES)]


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    engine = sqlite_engine(tmp_path) if request.param == "sqlite" else open_engine(request.getfixturevalue("postgres_url"))
    yield sql_house(engine)
    engine.dispose()


def test_of_two_hundred_applications_for_fifty_devices_fifty_get_one_and_the_others_are_told(
    house: House,
) -> None:
    walk = Walk(make_sample(house))
    stock(walk)
    cases = many(walk)
    wishes = [(case, SERIALS[number % DEVICES]) for number, case in enumerate(cases)]
    Random(7).shuffle(wishes)
    results = at_desks(walk, wishes)
    served = [result for result in results if isinstance(result, Case)]
    refused = [result for result in results if isinstance(result, NotThisDevice)]
    assert (len(served), len(refused)) == (DEVICES, CASES - DEVICES)
    tokens = [case.new_token_id for case in served]
    assert len(set(tokens)) == DEVICES
    devices = walk.look(lambda uow: [uow.devices.get(token) for token in tokens if token is not None])
    assert {(device.id, device.case_id) for device in devices} == {(case.new_token_id, case.id) for case in served}
    assert Counter(device.state for device in devices) == {TokenState.RESERVED: DEVICES}
    states = Counter(case.state for case in walk.look(lambda uow: uow.cases.find()) if case.number.startswith("W-"))
    assert states == {CaseState.PREPARING: DEVICES, CaseState.APPROVED: CASES - DEVICES}
    waiting = next(case.number for case in cases if case.id not in {one.id for one in served})
    view = walk.look(lambda uow: read_case(waiting, operator=walk.operator, uow=uow, now=walk.now))
    told = {explain_field(error, view, Words("en", NullTranslations()), "en")["serial"] for error in refused}
    assert told == {"This device is not in stock at Head Office"}


def stock(walk: Walk) -> None:
    rows = "".join(f"{serial},{seed_of(int(serial[3:])).hex()},totp,6,60\n" for serial in SERIALS)
    ask = ImportSeeds(
        institution_id=walk.inside, data=rows.encode(), file_name="box.csv", by=BY, branch_id=walk.sample.branch.id
    )
    walk.do(lambda desk: import_seeds(ask, desk=desk))


def many(walk: Walk) -> list[Case]:
    like, desk = walk.approved(), walk.house.desk(walk.inside)
    made = [replace(like, id=CaseId(desk.new_id()), number=f"W-{number}", open_key=None, version=0) for number in range(CASES)]
    walk.edit(lambda uow: uow.cases.add_all(made))
    return made


def at_desks(walk: Walk, wishes: list[tuple[Case, str]]) -> list[Case | OtpwardError]:
    """What each was told; eight desks serve at once, as fast as they can."""
    start, results = threading.Barrier(DESKS), list[Case | OtpwardError]()

    def serve(mine: list[tuple[Case, str]]) -> None:
        start.wait(30)
        for case, serial in mine:
            results.append(outcome(lambda case=case, serial=serial: walk.reserve(case, serial)))  # type: ignore[misc]

    threads = [threading.Thread(target=serve, args=(wishes[desk::DESKS],)) for desk in range(DESKS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return results


def outcome(act: Callable[[], Case]) -> Case | OtpwardError:
    try:
        return act()
    except OtpwardError as error:
        return error
