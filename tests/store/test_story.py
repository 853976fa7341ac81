"""What happened around one person is found in what was rolled up and in what came since: the same as by reading everything."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from otpward.core.audit import Actor, ActorKind, AuditEvent, AuditLine
from otpward.core.ids import InstitutionId
from otpward.ports.desk import House
from otpward.services.oversee.roll_story import roll_story
from otpward.store.engine import open_engine
from tests.fakes.house import memory_house, sql_house, sqlite_engine
from tests.fakes.sample import Sample, make_sample

DAYS = 3


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    if request.param == "memory":
        yield memory_house()
        return
    engine = sqlite_engine(tmp_path) if request.param == "sqlite" else open_engine(request.getfixturevalue("postgres_url"))
    yield sql_house(engine)
    engine.dispose()


@pytest.fixture
def sample(house: House) -> Sample:
    return make_sample(house)


@pytest.fixture
def lived(sample: Sample) -> Sample:
    """Three days of lines about a token and its holder, by the member, by staff and by a system."""
    for number in range(DAYS * 8):
        sample.house.clock.at += timedelta(hours=3)  # type: ignore[attr-defined]
        act(sample, number)
    return sample


def act(sample: Sample, number: int) -> None:
    kind = (ActorKind.MEMBER, ActorKind.STAFF, ActorKind.SYSTEM, ActorKind.STRANGER)[number % 4]
    who = sample.member.id if number % 3 else sample.other.id

    def write(desk: Any) -> None:
        with desk.uow as uow:
            subject = (uow.tokens.first(serial=sample.in_use), sample.member, sample.institution, sample.other)[number // 2 % 4]
            case_id = UUID(int=7) if number % 5 == 0 else None
            event = AuditEvent.CODE_ACCEPTED if number % 2 else AuditEvent.CODE_REFUSED
            by = Actor(kind=kind, id=who)
            uow.audit.append(event, subject, by=by, at=desk.now, institution_id=sample.institution.id, case_id=case_id)
            uow.commit()

    sample.house.do(sample.institution.id, write)


def things(sample: Sample, until: datetime | None = None) -> dict[UUID, datetime | None]:
    token = sample.house.look(sample.institution.id, lambda uow: uow.tokens.first(serial=sample.in_use))
    assert token is not None
    return {sample.member.id: None, UUID(int=7): None, token.id: until}


def ask(sample: Sample, until: datetime | None = None, **which: Any) -> list[AuditLine]:
    wanted = {"limit": 100, **which}
    return sample.house.look(sample.institution.id, lambda uow: uow.story.about(things(sample, until), **wanted))


def roll(sample: Sample) -> int:
    return roll_story(sample.institution.id, house=sample.house)


WAYS = [
    pytest.param({}, id="all"),
    pytest.param({"limit": 5}, id="newest"),
    pytest.param({"events": frozenset({AuditEvent.CODE_REFUSED})}, id="events"),
]


@pytest.mark.parametrize("which", WAYS)
@pytest.mark.parametrize("held", [False, True], ids=["to this day", "until yesterday"])
def test_what_is_rolled_up_is_what_was_there(lived: Sample, which: dict[str, Any], held: bool) -> None:
    now = lived.house.clock.now()
    until = now - timedelta(days=1) if held else None
    plain = ask(lived, until, **which)
    earlier = ask(lived, until, before=now - timedelta(hours=30), **which)
    assert plain
    assert earlier
    roll(lived)
    assert ask(lived, until, **which) == plain
    assert ask(lived, until, before=now - timedelta(hours=30), **which) == earlier


def test_what_came_since_is_found_beside_it_once(lived: Sample) -> None:
    roll(lived)
    lived.house.clock.at += timedelta(days=2)  # type: ignore[attr-defined]
    act(lived, 1)
    first = ask(lived)
    assert first[0].at == lived.house.clock.now()
    lived.house.clock.at += timedelta(minutes=5)  # type: ignore[attr-defined]
    roll(lived)
    assert ask(lived) == first
    assert len({line.id for line in first}) == len(first)


def test_the_lines_of_the_last_minutes_wait(lived: Sample) -> None:
    before = ask(lived)
    roll(lived)
    assert roll(lived) == 0
    act(lived, 1)
    assert roll(lived) == 0, "one that is being written still is not passed over"
    assert len(ask(lived)) == len(before) + 1


def test_nobody_finds_lines_of_another_institution(lived: Sample) -> None:
    roll(lived)
    elsewhere, wanted = InstitutionId(UUID(int=99)), things(lived)
    assert lived.house.look(elsewhere, lambda uow: uow.story.about(wanted, limit=9)) == []


@pytest.mark.parametrize("house", ["sqlite", "postgresql"], indirect=True)
def test_what_is_erased_of_the_audit_leaves_nothing_behind(lived: Sample) -> None:
    roll(lived)
    later = lived.house.clock.now() + timedelta(days=1)

    def drop(desk: Any) -> None:
        with desk.uow as uow:
            while uow.archive.drop_access(before=later, limit=200):
                pass
            uow.commit()

    lived.house.do(lived.institution.id, drop)
    assert ask(lived) == []
