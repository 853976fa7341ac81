"""python -m bench.queue: the pages of the review console over 100,000 applications, on both engines.

The cases lie in a new installation, most of them closed, as after some years; the pages come from `otpward serve`, asked one
after the other on one connection. What is told is the time until the whole answer is there, so the loopback is in it.
"""

import argparse
import http.client
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from bench.installation import Installation, served
from bench.machine import describe
from bench.rig import engine as engine_of
from otpward import wiring
from otpward.core.ids import BranchId, InstitutionId, MemberId, make_id
from otpward.core.lifecycle.case import OPEN, CaseState
from otpward.core.model.case import Delivery, Reason
from otpward.core.model.institution import Branch
from otpward.core.model.member import Area, Level, Member, Role
from otpward.services.oversee.add_branch import add_branch
from otpward.services.oversee.appoint_staff import appoint_staff
from otpward.services.sign_in.sessions import begin_session
from otpward.settings import DATABASE, read_settings
from otpward.store import tables

_PEOPLE: Final = 4_000
_BRANCHES: Final = 20
_AT_ONCE: Final = 5_000
_SHARE: Final = {
    CaseState.DONE: 78.0,
    CaseState.REFUSED: 3.0,
    CaseState.CANCELLED: 4.0,
    CaseState.EXPIRED: 3.0,
    CaseState.REPORTED: 1.0,
    CaseState.DRAFT: 1.0,
    CaseState.SUBMITTED: 3.0,
    CaseState.CHECKING: 2.0,
    CaseState.MORE_NEEDED: 1.0,
    CaseState.AWAITING_APPROVAL: 0.5,
    CaseState.APPROVED: 1.0,
    CaseState.PREPARING: 0.5,
    CaseState.IN_TRANSIT: 1.0,
    CaseState.READY_TO_COLLECT: 1.0,
}
PAGES: Final = {
    "my work today": "/console",
    "all, newest first": "/console/cases?state=",
    "waiting for staff, oldest first": "/console/cases?state=to_do",
    "done": "/console/cases?state=done",
    "waiting for staff, overdue": "/console/cases?state=to_do&overdue=yes",
    "three filters": "/console/cases?state=to_do&reason=lost&delivery=branch",
    "a filter that nothing meets": "/console/cases?state=&reason=misused&assigned=me",
    "one member": "/console/cases?q=b7",
    "approvals": "/console/approvals",
}


def measure(name: str, folder: Path, cases: int, asked: int) -> dict[str, list[float]]:
    """Seconds for each page, sorted; the last page of a long walk through the queue among them."""
    with engine_of(name, folder) as engine:
        installation = engine.install("queue", _PEOPLE)
        secret = _fill(installation, cases)
        with served(installation) as running, closing(http.client.HTTPConnection("127.0.0.1", running.port)) as line:
            taken = {title: _times(line, path, secret, asked) for title, path in PAGES.items()}
            taken["page 40 of all, by its link"] = _times(line, _walk(line, secret, 40), secret, asked)
    return taken


def _fill(installation: Installation, cases: int) -> str:
    """Branches, one who works there, and the cases; the secret of their session."""
    settings = read_settings(installation.data, {DATABASE: installation.database_url})
    with closing(wiring.open_wiring(settings)) as opened:
        house, inside = opened.house, opened.institutions()[0].id
        desk = house.desk(inside)
        branches = [add_branch(_branch(inside, desk.new_id(), n), desk=house.desk(inside)).id for n in range(_BRANCHES)]
        people: list[Member] = house.look(inside, lambda uow: uow.members.find(limit=_PEOPLE))
        mine = people[0].id
        house.do(inside, lambda desk: appoint_staff(inside, mine, Role.ADMINISTRATOR, None, desk=desk))
        rows = _rows(inside, [one.id for one in people[1:]], branches, mine, cases)
        with opened.engine.begin() as connection:
            while some := [row for _, row in zip(range(_AT_ONCE), rows, strict=False)]:
                connection.execute(sa.insert(tables.case), some)
        with opened.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE" if installation.engine == "sqlite" else "VACUUM ANALYZE otp_case")

        def sit(desk: Any) -> str:
            with desk.uow as uow:
                secret = begin_session(inside, mine, Area.CONSOLE, Level.FULL, desk=desk)
                uow.commit()
            return secret

        return str(house.do(inside, sit))


def _branch(inside: InstitutionId, key: Any, number: int) -> Branch:
    name = f"Branch {number}"
    return Branch(
        id=BranchId(key), institution_id=inside, code=f"b{number}", name_ko=name, name_en=name, address_ko="", address_en="",
        hours="", phone="",
    )  # fmt: skip


def _rows(
    inside: InstitutionId, people: list[MemberId], branches: list[BranchId], mine: MemberId, count: int
) -> Iterator[dict[str, Any]]:
    chance, now = random.Random(5), datetime.now(UTC)
    states = chance.choices(list(_SHARE), weights=list(_SHARE.values()), k=count)
    reasons = [reason for reason in Reason if reason is not Reason.MISUSED]
    for number, state in enumerate(states):
        days = 30.0 if state in OPEN else 1500.0
        opened = now - timedelta(days=chance.random() * days)
        sent = None if state in {CaseState.REPORTED, CaseState.DRAFT} else opened + timedelta(hours=chance.random())
        yield {
            "id": make_id(opened, chance.randbytes(16)),
            "institution_id": inside,
            "number": f"R-{opened:%y%m%d}-{number:07d}",
            "member_id": chance.choice(people),
            "state": state,
            "open_key": str(number) if state in OPEN else None,
            "reason": chance.choice(reasons),
            "delivery": chance.choice(list(Delivery)),
            "branch_id": chance.choice(branches),
            "address": b"",
            "answer": b"",
            "assigned_to": mine if chance.random() < 0.1 else None,
            "opened_at": opened,
            "submitted_at": sent,
            "closed_at": None if state in OPEN else opened + timedelta(days=5),
            "since": sent or opened,
            "approval_until": opened + timedelta(days=60) if state is CaseState.AWAITING_APPROVAL else None,
        }


def _walk(line: http.client.HTTPConnection, secret: str, pages: int) -> str:
    """The address of the page so far on, found as a person would."""
    path = "/console/cases?state="
    for _ in range(pages):
        text = _get(line, path, secret)
        path = text.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    return path


def _times(line: http.client.HTTPConnection, path: str, secret: str, asked: int) -> list[float]:
    for _ in range(3):
        _get(line, path, secret)
    taken = []
    for _ in range(asked):
        began = time.perf_counter()
        _get(line, path, secret)
        taken.append(time.perf_counter() - began)
    return sorted(taken)


def _get(line: http.client.HTTPConnection, path: str, secret: str) -> str:
    line.request("GET", path, headers={"Cookie": f"otpward-console={secret}; otpward-browser={'ab' * 32}; lang=en"})
    answer = line.getresponse()
    text = answer.read().decode()
    if answer.status != 200:
        raise AssertionError(f"{path}: {answer.status} {answer.headers.get('location', '')}")
    return text


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.queue", description=__doc__)
    parser.add_argument("--engines", default="sqlite,postgresql")
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--asked", type=int, default=100, help="times that each page is asked for (default: 100)")
    given = parser.parse_args()
    engines = given.engines.split(",")
    for what, told in describe(engines).items():
        print(f"| {what} | {told} |")
    for name in engines:
        with tempfile.TemporaryDirectory() as folder:
            taken = measure(name, Path(folder), given.cases, given.asked)
        print(f"\n## {name}, {given.cases:,} cases\n\n| page | p50 ms | p95 ms | p99 ms |\n| --- | --- | --- | --- |")
        for title, times in taken.items():
            cells = [f"{times[min(int(len(times) * share), len(times) - 1)] * 1000:.1f}" for share in (0.5, 0.95, 0.99)]
            print(f"| {title} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
