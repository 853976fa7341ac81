"""The server decides when a session ends."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from otpward.core.model.member import Area, Role
from otpward.ports.unit_of_work import UnitOfWork
from otpward.services.sign_in.sessions import end_session
from tests.services.sign_in.sitting import password, seat, session, signed_in
from tests.services.walk import SOURCE, Walk


def test_who_sits_there(walk: Walk) -> None:
    secret = signed_in(walk)
    found = seat(walk, secret)
    assert found is not None
    assert (found.member.id, found.operator) == (walk.member.id, None)


def test_a_session_of_one_house_is_none_in_the_other(walk: Walk) -> None:
    secret = signed_in(walk, "teller", "SN-01", Area.CONSOLE)
    at_work = seat(walk, secret, Area.CONSOLE)
    assert at_work is not None
    assert at_work.operator is not None
    assert at_work.operator.role is Role.ADMINISTRATOR
    assert seat(walk, secret, Area.PORTAL) is None
    walk.clock.move(minutes=1)
    assert seat(walk, signed_in(walk, "teller", "SN-01"), Area.CONSOLE) is None


@pytest.mark.parametrize("secret", ["", "0" * 64, "a guess"])
def test_a_guess_sits_nowhere(walk: Walk, secret: str) -> None:
    signed_in(walk)
    assert seat(walk, secret) is None


def test_an_hour_unused_and_it_is_over(walk: Walk) -> None:
    secret = signed_in(walk)
    walk.clock.move(minutes=60)
    assert seat(walk, secret) is not None  # looked at: awake again
    walk.clock.move(minutes=60, seconds=1)
    assert seat(walk, secret) is None


def test_twelve_hours_and_it_is_over_however_busy(walk: Walk) -> None:
    secret, begun = signed_in(walk), walk.now
    while walk.now < begun + timedelta(hours=12) - timedelta(minutes=30):
        assert seat(walk, secret) is not None
        walk.clock.move(minutes=30)
    assert seat(walk, secret) is not None
    walk.clock.move(minutes=30)
    assert seat(walk, secret) is None


def test_half_way_is_over_after_ten_minutes(walk: Walk) -> None:
    _, secret = password(walk)
    walk.clock.move(minutes=10)
    assert seat(walk, secret) is None


def test_looking_is_noted_once_a_minute(walk: Walk) -> None:
    secret = signed_in(walk)
    before = session(walk, secret).version
    walk.clock.move(seconds=60)
    seat(walk, secret)
    assert session(walk, secret).version == before
    walk.clock.move(seconds=1)
    seat(walk, secret)
    assert (session(walk, secret).version, session(walk, secret).seen_at) == (before + 1, walk.now)


def test_signed_out_is_out_and_written_down_once(walk: Walk) -> None:
    secret = signed_in(walk)
    for _ in range(2):
        walk.do(lambda desk: end_session(secret, Area.PORTAL, source=SOURCE, desk=desk))
    assert seat(walk, secret) is None
    assert walk.events().count("sign_in:ended=done") == 1


def leave(walk: Walk) -> Callable[[UnitOfWork], object]:
    def change(uow: UnitOfWork) -> None:
        member = uow.members.first(login="teller")
        assert member is not None
        uow.members.save(replace(member, left_at=walk.now))

    return change


def end_work(walk: Walk) -> Callable[[UnitOfWork], object]:
    def change(uow: UnitOfWork) -> None:
        staff = uow.staff.first(member_id=walk.operator.member_id)
        assert staff is not None
        uow.staff.save(replace(staff, ended_at=walk.now))

    return change


@pytest.mark.parametrize("change", [leave, end_work])
def test_who_no_longer_works_here_is_out_at_once(walk: Walk, change: Callable[[Walk], Callable[[UnitOfWork], object]]) -> None:
    secret = signed_in(walk, "teller", "SN-01", Area.CONSOLE)
    walk.edit(change(walk))
    assert seat(walk, secret, Area.CONSOLE) is None


def test_a_new_role_counts_at_once(walk: Walk) -> None:
    secret = signed_in(walk, "teller", "SN-01", Area.CONSOLE)

    def demote(uow: UnitOfWork) -> None:
        staff = uow.staff.first(member_id=walk.operator.member_id)
        assert staff is not None
        uow.staff.save(replace(staff, role=Role.AUDITOR))

    walk.edit(demote)
    found = seat(walk, secret, Area.CONSOLE)
    assert found is not None
    assert found.operator is not None
    assert found.operator.role is Role.AUDITOR
