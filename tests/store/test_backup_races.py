"""Real threads on both databases: a recovery code is taken once, an assertion is taken once, one way in always stays."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from otpward.core.model.member import Area
from otpward.core.policy.backup import LastMethod
from otpward.ports.desk import House
from otpward.services.backup.is_own_code import is_own_code
from otpward.services.backup.remove_passkey import RemovePasskey, remove_passkey
from otpward.services.prove_identity.prove_by_recovery_code import (
    ProveByRecoveryCode,
    Recovered,
    prove_by_recovery_code,
)
from otpward.services.sign_in.enter_by_passkey import asked_to_enter
from otpward.store.engine import open_engine
from tests.fakes.authenticator import Authenticator
from tests.fakes.house import sql_house, sqlite_engine
from tests.fakes.sample import make_sample
from tests.services.backup.falling_back import claim_of, person
from tests.services.walk import SOURCE, Walk
from tests.store.test_races import at_once


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    engine = sqlite_engine(tmp_path) if request.param == "sqlite" else open_engine(request.getfixturevalue("postgres_url"))
    yield sql_house(engine)
    engine.dispose()


@pytest.fixture
def walk(house: House) -> Walk:
    return Walk(make_sample(house))


def test_a_recovery_code_used_eight_times_at_once_is_used_once(walk: Walk) -> None:
    code = person(walk).make_code()
    ask = ProveByRecoveryCode(claim=claim_of(walk, login="m1001"), code=code)
    answers = at_once(*[lambda: prove_by_recovery_code(ask, house=walk.house)] * 8)
    good = [one for one in answers if isinstance(one, Recovered)]
    assert (len(good), answers.count(None)) == (1, 7), answers
    assert is_own_code(walk.inside, walk.member.id, good[0].new_code, house=walk.house)
    assert walk.look(lambda uow: uow.recovery_codes.count(live_for=walk.member.id)) == 1
    assert walk.look(lambda uow: uow.recovery_codes.count()) == 2


def test_codes_made_at_once_leave_one_that_is_good(walk: Walk) -> None:
    me = person(walk)
    codes = at_once(*[me.make_code] * 6)
    good = [code for code in codes if isinstance(code, str)]
    assert len(good) == 6, codes
    held = [is_own_code(walk.inside, walk.member.id, code, house=walk.house) for code in good]
    assert held.count(True) == 1
    assert walk.look(lambda uow: uow.recovery_codes.count(live_for=walk.member.id)) == 1


def test_an_assertion_that_comes_eight_times_at_once_opens_one_session(walk: Walk) -> None:
    me, key = person(walk), Authenticator(counts=False)
    me.added(key)
    answer = key.use(me.challenge(asked_to_enter(Area.PORTAL, walk.browser)))
    results = at_once(*[lambda: me.enter(key, answer=answer)[1]] * 8)
    assert (results.count("accepted"), results.count("stale")) == (1, 7), results


def test_of_two_passkeys_removed_at_once_one_stays_where_nothing_else_does(walk: Walk) -> None:
    me = person(walk)
    keys = [me.added(Authenticator()).id for _ in range(4)]
    walk.report()

    def removing(number: int) -> str:
        ask = RemovePasskey(session_id=me.session_id, passkey_id=keys[number], source=SOURCE)
        try:
            walk.do(lambda desk: remove_passkey(ask, desk=desk))
        except LastMethod:
            return "last"
        return "removed"

    again = person(walk)
    again.confirm_again()
    me.session_id = again.session_id
    told = at_once(*[lambda number=number: removing(number) for number in range(4)])
    assert sorted(map(str, told)) == ["last", "removed", "removed", "removed"]
    assert walk.look(lambda uow: uow.passkeys.count(removed_at=None)) == 1


def test_an_answered_challenge_is_forgotten_when_its_time_is_over(walk: Walk) -> None:
    me, key = person(walk), Authenticator()
    me.added(key)
    me.enter(key)
    answered = walk.look(lambda uow: uow.spent_challenges.count())
    assert answered == 3, "added, tried, entered"
    walk.edit(lambda uow: uow.forget(walk.now))
    assert walk.look(lambda uow: uow.spent_challenges.count()) == answered
    walk.clock.move(minutes=5)
    walk.edit(lambda uow: uow.forget(walk.now))
    assert walk.look(lambda uow: uow.spent_challenges.count()) == 0
