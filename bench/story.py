"""python -m bench.story: a member's own record out of half a million lines of the audit, read whole and rolled up."""

import argparse
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from bench.machine import describe
from bench.rig import engine as engine_of
from otpward import wiring
from otpward.core.audit import ActorKind, AuditEvent
from otpward.core.ids import InstitutionId, MemberId, TokenId, make_id
from otpward.edges.http.portal.own_record import own_lines
from otpward.services.oversee.roll_story import roll_story
from otpward.settings import DATABASE, read_settings
from otpward.store import tables

_PEOPLE: Final = 1_000
_AT_ONCE: Final = 5_000
_DAYS: Final = 30
_SHOWN: Final = 31


def measure(name: str, folder: Path, count: int, asked: int) -> dict[str, float]:
    """Milliseconds for a page of the record before and after, and lines rolled up in a second."""
    with engine_of(name, folder) as engine:
        installation = engine.install("story", _PEOPLE)
        settings = read_settings(installation.data, {DATABASE: installation.database_url})
        with closing(wiring.open_wiring(settings)) as opened:
            house, inside = opened.house, opened.institutions()[0].id
            bound = house.look(inside, lambda uow: uow.registrations.find(limit=_PEOPLE))
            pairs = [(one.member_id, one.token_id) for one in bound]
            rows = _rows(inside, pairs, count)
            with opened.engine.begin() as connection:
                while some := [row for _, row in zip(range(_AT_ONCE), rows, strict=False)]:
                    connection.execute(sa.insert(tables.audit_line), some)
            with opened.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("ANALYZE")
            mine = [one.member_id for one in bound[:: max(1, len(bound) // asked)]][:asked]
            before = _page_ms(house, inside, mine[: max(3, asked // 10)])
            began = time.perf_counter()
            while roll_story(inside, house=house):
                pass
            rate = count / (time.perf_counter() - began)
            with opened.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("ANALYZE")  # as the server does by itself in time
            return {"read whole": before, "rolled up": _page_ms(house, inside, mine), "lines rolled up in a second": rate}


def _page_ms(house: Any, inside: InstitutionId, members: list[MemberId]) -> float:
    """The median over these members."""
    taken = []
    for member in members:
        began = time.perf_counter()
        found = house.look(inside, lambda uow, member=member: own_lines(member, uow=uow, most=_SHOWN))
        taken.append((time.perf_counter() - began) * 1000)
        if not found:
            raise AssertionError("nothing was found")
    return sorted(taken)[len(taken) // 2]


def _rows(inside: InstitutionId, pairs: list[tuple[MemberId, TokenId]], count: int) -> Iterator[dict[str, Any]]:
    """Codes that were accepted, evenly over a month."""
    chance, first = random.Random(5), datetime.now(UTC) - timedelta(days=_DAYS)
    for number in range(count):
        at = first + timedelta(days=_DAYS) * (number / count) - timedelta(minutes=5)
        member, token = chance.choice(pairs)
        yield {
            "day": at.date(),
            "institution_id": inside,
            "id": make_id(at, chance.randbytes(16)),
            "at": at,
            "event": AuditEvent.CODE_ACCEPTED,
            "actor_kind": ActorKind.API_KEY if number % 10 else ActorKind.MEMBER,
            "actor_id": None if number % 10 else member,
            "source": "192.0.2.7",
            "subject": "token",
            "subject_id": token,
            "case_id": None,
            "result": "accepted",
            "detail": {},
        }


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.story", description=__doc__)
    parser.add_argument("--engines", default="sqlite,postgresql")
    parser.add_argument("--lines", type=int, default=500_000)
    parser.add_argument("--asked", type=int, default=50, help="members whose page is opened (default: 50)")
    given = parser.parse_args()
    engines = given.engines.split(",")
    for what, told in describe(engines).items():
        print(f"| {what} | {told} |")
    for name in engines:
        with tempfile.TemporaryDirectory() as folder:
            for title, figure in measure(name, Path(folder), given.lines, given.asked).items():
                print(f"| {name}, {given.lines:,} lines | {title} | {figure:,.1f} |")


if __name__ == "__main__":
    main()
