"""The first half of signing in."""

from dataclasses import replace

import pytest

from otpward.core.errors import TooOften
from otpward.core.model.member import Area, Level
from otpward.services.sign_in.enter_password import EnterPassword, PasswordAnswer, enter_password
from tests.fakes.sample import PASSWORD
from tests.services.sign_in.sitting import level, password, seat
from tests.services.walk import SOURCE, Walk

ACCEPTED, REFUSED = PasswordAnswer.ACCEPTED, PasswordAnswer.REFUSED


def test_a_right_password_is_half_way(walk: Walk) -> None:
    answer, secret = password(walk, " M1001 ")
    assert answer is ACCEPTED
    assert level(walk, secret) is Level.PASSWORD
    half_way = seat(walk, secret)
    assert half_way is not None
    assert half_way.session.level is Level.PASSWORD


def test_the_cookies_secret_is_kept_nowhere(walk: Walk) -> None:
    _, secret = password(walk)
    assert len(bytes.fromhex(secret)) == 32
    assert secret not in walk.look(lambda uow: repr((uow.sessions.find(), uow.audit.find(limit=1000))))


@pytest.mark.parametrize(("login", "typed"), [("m1001", "wrong"), ("nobody", PASSWORD), ("m1001", ""), ("", "")])
def test_whatever_is_wrong_the_answer_is_the_same(walk: Walk, login: str, typed: str) -> None:
    assert password(walk, login, typed) == (REFUSED, "")


def test_an_unknown_login_takes_the_slow_hash_too(walk: Walk) -> None:
    asked = list[tuple[str, str]]()

    class Slow:
        def hash(self, password: str) -> str:
            raise AssertionError("nothing is hashed anew")

        def verify(self, stored: str, password: str) -> bool:
            asked.append((stored, password))
            return False

    for login in ("m1001", "nobody"):
        ask = EnterPassword(institution_id=walk.inside, area=Area.PORTAL, login=login, password="guess", source=SOURCE)
        enter_password(ask, house=replace(walk.house, passwords=Slow()))
    assert asked == [(walk.member.password_hash, "guess"), ("", "guess")]


def test_no_hash_is_computed_while_the_store_is_held(walk: Walk) -> None:
    class Watching:
        def hash(self, password: str) -> str:
            return ""

        def verify(self, stored: str, password: str) -> bool:
            walk.look(lambda uow: uow.members.count())
            walk.edit(lambda uow: uow.members.save(replace(walk.member, language="en")))
            return False

    ask = EnterPassword(institution_id=walk.inside, area=Area.PORTAL, login="m1001", password="guess", source=SOURCE)
    assert enter_password(ask, house=replace(walk.house, passwords=Watching())) == (REFUSED, "")


def test_a_password_changed_meanwhile_is_the_one_that_counts(walk: Walk) -> None:
    class Changing:
        def hash(self, password: str) -> str:
            return ""

        def verify(self, stored: str, password: str) -> bool:
            fresh = walk.look(lambda uow: uow.members.get(walk.member.id))
            walk.edit(lambda uow: uow.members.save(replace(fresh, password_hash="another")))
            return True

    ask = EnterPassword(institution_id=walk.inside, area=Area.PORTAL, login="m1001", password=PASSWORD, source=SOURCE)
    assert enter_password(ask, house=replace(walk.house, passwords=Changing())) == (REFUSED, "")


def test_ten_wrong_ones_close_the_door_for_ten_minutes(walk: Walk) -> None:
    for _ in range(10):
        assert password(walk, typed="wrong")[0] is REFUSED
    assert password(walk)[0] is REFUSED
    assert walk.events()[-1] == "sign_in:failed=locked"
    walk.clock.move(minutes=10)
    assert password(walk)[0] is ACCEPTED
    member = walk.look(lambda uow: uow.members.get(walk.member.id))
    assert (member.password_failures, member.password_locked_until) == (0, None)


def test_guesses_at_a_closed_door_do_not_keep_it_closed(walk: Walk) -> None:
    for _ in range(10):
        password(walk, typed="wrong")
    for _ in range(9):
        walk.clock.move(minutes=1)
        password(walk, typed="wrong")
    walk.clock.move(minutes=1)
    assert password(walk)[0] is ACCEPTED


def test_the_console_is_for_those_who_work_here(walk: Walk) -> None:
    assert password(walk, "m1001", area=Area.CONSOLE)[0] is REFUSED
    assert password(walk, "teller", area=Area.CONSOLE)[0] is ACCEPTED


def test_who_has_left_does_not_come_in(walk: Walk) -> None:
    walk.edit(lambda uow: uow.members.save(replace(walk.member, left_at=walk.now)))
    assert password(walk)[0] is REFUSED


def test_a_member_without_a_password_has_none_that_fits(walk: Walk) -> None:
    walk.edit(lambda uow: uow.members.save(replace(walk.member, password_hash="")))
    for typed in ("", "quick:", PASSWORD):
        assert password(walk, typed=typed)[0] is REFUSED


def test_too_often_from_one_source(walk: Walk) -> None:
    for n in range(100):
        password(walk, f"guess-{n}", "guess")
    with pytest.raises(TooOften):
        password(walk)
    assert password(walk, source="10.0.0.1")[0] is ACCEPTED
