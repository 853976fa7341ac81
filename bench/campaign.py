"""python -m bench.campaign: whom a campaign would ask, of a million members with a token each, on both engines.

The members are made as for every bench. Their devices end on days spread over three and a half years, lie in 20 branches, were
used within 400 days, and one in ten has a forecast of its clock. What is told: what the console does when somebody presses
"Count" (the number of members, and a sample), what the worker does when the campaign runs (the walk over all that it means),
and what the page of the forecast asks for.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from bench.installation import Installation
from bench.machine import describe
from bench.rig import engine as engine_of
from otpward import wiring
from otpward.core.ids import BranchId, InstitutionId, TokenId
from otpward.core.model.campaign import Chosen
from otpward.core.model.institution import Branch
from otpward.core.policy.versions import day_of
from otpward.ports.desk import House
from otpward.services.health.see_campaign import preview
from otpward.services.oversee.add_branch import add_branch
from otpward.settings import DATABASE, read_settings

_BRANCHES: Final = 20
_PAGE: Final = 200
_DAY_US: Final = 86_400_000_000


def measure(name: str, folder: Path, people: int, asked: int) -> dict[str, tuple[int, list[float]]]:
    """For each question how many it means, and the seconds that it took."""
    with engine_of(name, folder) as engine:
        installation = engine.install("campaign", people)
        with _opened(installation) as (house, inside, database):
            branch = _spread(house, inside, database)
            today = day_of(house.clock.now())
            taken = {}
            for title, chosen in _questions(today, branch).items():
                times, count = [], 0
                for _ in range(asked):
                    seconds, seen = _timed(lambda chosen=chosen: house.look(inside, lambda uow: preview(chosen, uow=uow)))  # type: ignore[misc]
                    times.append(seconds)
                    count = seen.count
                taken[f"count and sample: {title}"] = (count, sorted(times))
            quarter = _questions(today, branch)["a branch, a quarter"]
            seconds, walked = _timed(lambda: _walk(house, inside, quarter))
            taken["the whole walk: a branch, a quarter"] = (walked, [seconds])
            year = today + timedelta(days=365)
            seconds, endings = _timed(lambda: house.look(inside, lambda uow: uow.roll.endings(today, year)))
            taken["what ends within a year, by month, branch and cause"] = (sum(one.count for one in endings), [seconds])
    return taken


@contextmanager
def _opened(installation: Installation) -> Iterator[tuple[House, InstitutionId, sa.Engine]]:
    settings = read_settings(installation.data, {DATABASE: installation.database_url})
    with closing(wiring.open_wiring(settings)) as opened:
        yield opened.house, opened.institutions()[0].id, opened.engine


def _questions(today: date, branch: BranchId) -> dict[str, Chosen]:
    return {
        "a branch, a quarter": Chosen(
            branch_id=branch, expires_from=today + timedelta(days=40), expires_until=today + timedelta(days=130)
        ),
        "a quarter": Chosen(expires_from=today + timedelta(days=40), expires_until=today + timedelta(days=130)),
        "battery or clock within 60 days": Chosen(fails_until=today + timedelta(days=60)),
        "not used for 300 days": Chosen(unused_since=today - timedelta(days=300)),
        "everybody": Chosen(),
    }


def _spread(house: House, inside: InstitutionId, database: sa.Engine) -> BranchId:
    """Give every device a day, a branch and a last use; the branch that is asked for."""
    keys = [BranchId(house.desk(inside).new_id()) for _ in range(_BRANCHES)]
    for number, key in enumerate(keys):
        add_branch(_branch(inside, key, number), desk=house.desk(inside))
    today = (day_of(house.clock.now()) - date(1970, 1, 1)).days
    sqlite = database.dialect.name == "sqlite"
    chance = "abs(random())" if sqlite else "CAST(floor(random() * 1000000000) AS bigint)"
    with database.begin() as connection:
        connection.execute(sa.text(f"UPDATE device SET expires_on = {today} + {chance} % 1260"))
        branches = " ".join(f"WHEN {number} THEN :key_{number}" for number in range(_BRANCHES))
        statement = sa.text(f"UPDATE device SET branch_id = CASE (expires_on * 7) % {_BRANCHES} {branches} END")
        connection.execute(statement, {f"key_{n}": key.bytes if sqlite else key for n, key in enumerate(keys)})
        used = f"{today} * {_DAY_US} - ({chance} % 400) * {_DAY_US}"
        connection.execute(sa.text(f"UPDATE token SET used_at = {used}"))
        connection.execute(
            sa.text(
                "INSERT INTO token_health (institution_id, id, samples, drift_on, version)"
                f" SELECT institution_id, id, '', {today} + {chance} % 1000, 0 FROM device WHERE expires_on % 10 = 0"
            )
        )
    with database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE" if sqlite else "VACUUM ANALYZE")
    return keys[3]


def _branch(inside: InstitutionId, key: BranchId, number: int) -> Branch:
    name = f"Branch {number}"
    return Branch(
        id=key, institution_id=inside, code=f"b{number}", name_ko=name, name_en=name, address_ko="", address_en="",
        hours="", phone="",
    )  # fmt: skip


def _walk(house: House, inside: InstitutionId, chosen: Chosen) -> int:
    """As the worker goes, a page after the other."""
    after: TokenId | None = None
    seen = 0
    while rows := house.look(inside, lambda uow, here=after: uow.roll.page(chosen, limit=_PAGE, after=here)):  # type: ignore[misc]
        seen, after = seen + len(rows), rows[-1].token_id
    return seen


def _timed(act: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    answer = act()
    return time.perf_counter() - began, answer


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.campaign", description=__doc__)
    parser.add_argument("--engines", default="sqlite,postgresql")
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--asked", type=int, default=5, help="times that each question is asked (default: 5)")
    given = parser.parse_args()
    engines = given.engines.split(",")
    for what, told in describe(engines).items():
        print(f"| {what} | {told} |")
    for name in engines:
        with tempfile.TemporaryDirectory() as folder:
            taken = measure(name, Path(folder), given.people, given.asked)
        print(f"\n## {name}, {given.people:,} members\n\n| what | means | fastest s | slowest s |\n| --- | --- | --- | --- |")
        for title, (count, times) in taken.items():
            print(f"| {title} | {count:,} | {times[0]:.2f} | {times[-1]:.2f} |")


if __name__ == "__main__":
    main()
