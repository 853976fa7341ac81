"""python -m bench.shelf: finding devices among a million, by serial, member, state and branch, on both engines.

The devices lie in a new installation as after some years: most with members, a fifth on the shelves of twenty branches. What is
told is the time of the question to the store, in this process, and of a page of `otpward serve` over the loopback,
asked one after the other.
"""

import argparse
import http.client
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from bench.installation import served
from bench.machine import describe
from bench.queue import _branch as branch_of
from bench.queue import _get as get
from bench.rig import engine as engine_of
from otpward import wiring
from otpward.core.ids import BranchId, InstitutionId, MemberId, home_bucket, make_id
from otpward.core.lifecycle.others import RegistrationState
from otpward.core.lifecycle.place import Place
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.member import Area, Level, Role
from otpward.core.model.token import Form
from otpward.core.oath.model import Algorithm, TokenKind
from otpward.ports.desk import House
from otpward.ports.shelf import ShelfQuery, Spot
from otpward.services.oversee.add_branch import add_branch
from otpward.services.oversee.appoint_staff import appoint_staff
from otpward.services.sign_in.sessions import begin_session
from otpward.settings import DATABASE, read_settings
from otpward.store import tables
from otpward.store.bulk import insert_all

_PEOPLE: Final = 1_000
_BRANCHES: Final = 20
_AT_ONCE: Final = 20_000
_SHARE: Final = {
    (TokenState.ACTIVE, Place.MEMBER): 58.0,
    (TokenState.REGISTERED, Place.MEMBER): 1.0,
    (TokenState.ISSUED, Place.MEMBER): 1.0,
    (TokenState.IN_STOCK, Place.BRANCH): 20.0,
    (TokenState.RESERVED, Place.BRANCH): 0.5,
    (TokenState.IN_TRANSIT, Place.SHIPMENT): 0.5,
    (TokenState.QUARANTINED, Place.QUARANTINE): 0.1,
    (TokenState.RETIRED, Place.MEMBER): 15.0,
    (TokenState.RETIRED, Place.QUARANTINE): 0.9,
    (TokenState.DESTROYED, Place.DESTROYED): 3.0,
}
_MODELS: Final = ("KF-60", "KF-30", "KC-1", "KF-60S")


def measure(name: str, folder: Path, devices: int, asked: int) -> dict[str, list[float]]:
    """Seconds for each question and each page, sorted; told as they come."""
    with engine_of(name, folder) as engine:
        installation = engine.install("shelf", _PEOPLE)
        settings = read_settings(installation.data, {DATABASE: installation.database_url})
        with closing(wiring.open_wiring(settings)) as opened:
            house, inside = opened.house, opened.institutions()[0].id
            branches, mine = _people(house, inside)
            began = time.perf_counter()
            with opened.engine.begin() as connection:
                for columns in _rows(inside, branches, devices):
                    for table, values in columns.items():
                        insert_all(connection, tables.metadata.tables[table], values)
            print(f"| (laid out in {time.perf_counter() - began:.0f} s) | | | |", flush=True)
            with opened.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("ANALYZE" if name == "sqlite" else "VACUUM ANALYZE")
            taken = {title: _told(title, ask, asked) for title, ask in _questions(house, inside, branches, devices).items()}
            secret = _sit(house, inside, mine)
        with served(installation) as running, closing(http.client.HTTPConnection("127.0.0.1", running.port)) as line:
            for title, path in _pages(devices).items():
                taken[title] = _told(title, lambda path=path: get(line, path(), secret), asked)  # type: ignore[misc]
    return taken


def _people(house: House, inside: InstitutionId) -> tuple[list[BranchId], MemberId]:
    branches = [
        add_branch(branch_of(inside, house.desk(inside).new_id(), number), desk=house.desk(inside)).id
        for number in range(_BRANCHES)
    ]
    mine = house.look(inside, lambda uow: uow.members.find(limit=1))[0].id
    house.do(inside, lambda desk: appoint_staff(inside, mine, Role.ADMINISTRATOR, None, desk=desk))
    return branches, mine


def _sit(house: House, inside: InstitutionId, mine: MemberId) -> str:
    def sit(desk: Any) -> str:
        with desk.uow as uow:
            secret = begin_session(inside, mine, Area.CONSOLE, Level.FULL, desk=desk)
            uow.commit()
        return secret

    return str(house.do(inside, sit))


def serial(number: int) -> str:
    """The serial number of the device of this number."""
    return f"SH{number:09d}"


def _rows(inside: InstitutionId, branches: list[BranchId], count: int) -> Iterator[dict[str, dict[str, list[Any]]]]:
    """The columns of each table, a delivery at a time."""
    chance, now = random.Random(5), datetime.now(UTC)
    kinds, weights = list(_SHARE), list(_SHARE.values())
    for start in range(0, count, _AT_ONCE):
        numbers = range(start, min(start + _AT_ONCE, count))
        stocked = now - timedelta(days=1500 * (1 - start / count))
        made = []
        for number in numbers:
            bucket = home_bucket(str(inside), serial(number))
            made.append((bucket, make_id(stocked, chance.randbytes(16), bucket), number))
        made.sort(key=lambda one: one[0])
        ids = [key for _bucket, key, _number in made]
        lives = chance.choices(kinds, weights, k=len(ids))
        states = [state for state, _place in lives]
        shelves = chance.choices(branches, k=len(ids))
        owners = [MemberId(make_id(stocked, chance.randbytes(16))) for _ in ids]
        held = [place is Place.MEMBER for _state, place in lives]
        same = len(ids)
        yield {
            "token": {
                "bucket": [bucket for bucket, _key, _number in made],
                "institution_id": [inside] * same,
                "id": ids,
                "serial": [serial(number) for _bucket, _key, number in made],
                "state": states,
                "holds": [frozenset()] * same,
                "kind": [TokenKind.TOTP] * same,
                "algorithm": [Algorithm.SHA1] * same,
                "digits": [6] * same,
                "period_s": [60] * same,
                "seed": [chance.randbytes(64) for _ in ids],
            },
            "device": {
                "institution_id": [inside] * same,
                "id": ids,
                "form": [Form.FOB] * same,
                "vendor": ["Bench"] * same,
                "model": chance.choices(_MODELS, k=same),
                "state": states,
                "place": [place for _state, place in lives],
                "branch_id": shelves,
                "holder_id": [owner if with_member else None for owner, with_member in zip(owners, held, strict=True)],
                "stocked_at": [stocked] * same,
            },
            "registration": {
                name: [value for value, state in zip(values, states, strict=True) if state is TokenState.ACTIVE]
                for name, values in dict[str, list[Any]](
                    {
                        "bucket": [(owner.int >> 66) % 1024 for owner in owners],
                        "institution_id": [inside] * same,
                        "id": [make_id(stocked, chance.randbytes(16)) for _ in ids],
                        "member_id": owners,
                        "token_id": ids,
                        "state": [RegistrationState.LIVE] * same,
                        "begun_at": [stocked] * same,
                        "live_at": [stocked] * same,
                    }
                ).items()
            },
        }


def _questions(house: House, inside: InstitutionId, branches: list[BranchId], count: int) -> dict[str, Callable[[], object]]:
    chance = random.Random(7)
    members = house.look(inside, lambda uow: [one.member_id for one in uow.registrations.find(limit=500)])
    states = list(TokenState)

    def page(**wanted: Any) -> Callable[[], object]:
        def ask() -> object:
            query = ShelfQuery(**{name: value() for name, value in wanted.items()})
            return house.look(inside, lambda uow: uow.shelf.page(query, limit=51))

        return ask

    def far() -> object:
        after = Spot(datetime.now(UTC) - timedelta(days=chance.randrange(1400)), make_id(datetime.now(UTC), b"0" * 16))
        return house.look(inside, lambda uow: uow.shelf.page(ShelfQuery(state=TokenState.ACTIVE), limit=51, after=after))

    return {
        "store: by serial": lambda: house.look(inside, lambda uow: uow.tokens.first(serial=serial(chance.randrange(count)))),
        "store: by member": page(member_id=lambda: chance.choice(members)),
        "store: by state": page(state=lambda: chance.choice(states)),
        "store: by branch": page(branch_id=lambda: chance.choice(branches)),
        "store: by state and branch": page(state=lambda: chance.choice(states), branch_id=lambda: chance.choice(branches)),
        "store: by state, a page from the middle": far,
        "store: sums of the stock page": lambda: house.look(inside, lambda uow: uow.shelf.sums()),
    }


def _pages(count: int) -> dict[str, Callable[[], str]]:
    chance = random.Random(9)
    states = [state.value for state in TokenState]
    return {
        "page: by serial, to the device": lambda: f"/console/tokens/{serial(chance.randrange(count))}",
        "page: by member": lambda: f"/console/tokens?member=b{chance.randrange(1, _PEOPLE)}",
        "page: by state": lambda: f"/console/tokens?state={chance.choice(states)}",
        "page: by branch": lambda: f"/console/tokens?branch=b{chance.randrange(_BRANCHES)}",
        "page: by state and branch": lambda: (
            f"/console/tokens?state={chance.choice(states)}&branch=b{chance.randrange(_BRANCHES)}"
        ),
        "page: the stock": lambda: "/console/stock",
    }


def _told(title: str, ask: Callable[[], object], asked: int) -> list[float]:
    """How long it took each time, sorted, and a line of the table that says so."""
    for _ in range(3):
        ask()
    taken = []
    for _ in range(asked):
        began = time.perf_counter()
        ask()
        taken.append(time.perf_counter() - began)
    taken.sort()
    cells = [f"{taken[min(int(len(taken) * share), len(taken) - 1)] * 1000:.1f}" for share in (0.5, 0.95, 0.99)]
    print(f"| {title} | {' | '.join(cells)} |", flush=True)
    return taken


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.shelf", description=__doc__)
    parser.add_argument("--engines", default="sqlite,postgresql")
    parser.add_argument("--devices", type=int, default=1_000_000)
    parser.add_argument("--asked", type=int, default=100, help="times that each question is asked (default: 100)")
    given = parser.parse_args()
    engines = given.engines.split(",")
    for what, told in describe(engines).items():
        print(f"| {what} | {told} |")
    for name in engines:
        print(f"\n## {name}, {given.devices:,} devices\n\n| question | p50 ms | p95 ms | p99 ms |\n| --- | --- | --- | --- |")
        with tempfile.TemporaryDirectory() as folder:
            measure(name, Path(folder), given.devices, given.asked)


if __name__ == "__main__":
    main()
