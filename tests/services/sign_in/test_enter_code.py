"""The second half: an OTP of the product itself, and a session with a new secret."""

import pytest

from otpward.core.lifecycle.token import Hold
from otpward.core.model.member import Area, Level
from otpward.core.policy.verification import Verdict
from otpward.services.sign_in.enter_code import NotHalfWay
from tests.services.sign_in.sitting import level, otp, password, seat, session, signed_in
from tests.services.walk import Walk, other_than, shown


def test_the_half_way_session_gives_way_to_a_full_one(walk: Walk) -> None:
    _, half_way = password(walk)
    verdict, secret = otp(walk, half_way, shown("SN-00", walk.now))
    assert (verdict, level(walk, secret)) == (Verdict.ACCEPTED, Level.FULL)
    assert secret != half_way
    assert session(walk, half_way).ended_at == walk.now
    assert seat(walk, half_way) is None
    assert walk.events()[-1] == "sign_in:passed=accepted"


def test_the_code_is_spent_everywhere(walk: Walk) -> None:
    signed_in(walk)
    code = shown("SN-00", walk.now)
    assert walk.verify(code) is Verdict.REPLAYED
    _, half_way = password(walk)
    assert otp(walk, half_way, code) == (Verdict.REPLAYED, "")


def test_a_code_used_elsewhere_opens_nothing_here(walk: Walk) -> None:
    code = shown("SN-00", walk.now)
    walk.verify(code)
    _, half_way = password(walk)
    assert otp(walk, half_way, code) == (Verdict.REPLAYED, "")


def test_wrong_codes_count_and_lock_as_everywhere(walk: Walk) -> None:
    wrong = other_than(shown("SN-00", walk.now))
    for n in range(10):
        _, half_way = password(walk)
        assert otp(walk, half_way, wrong)[0] is Verdict.WRONG_CODE, n
    _, half_way = password(walk)
    assert otp(walk, half_way, shown("SN-00", walk.now)) == (Verdict.LOCKED, "")
    assert walk.events()[-1] == "sign_in:failed=locked"
    assert walk.token("SN-00").holds == {Hold.LOCKED}


def test_the_code_of_somebody_else_does_not_fit(walk: Walk) -> None:
    _, half_way = password(walk)
    assert otp(walk, half_way, shown("SN-01", walk.now)) == (Verdict.WRONG_CODE, "")
    assert walk.token("SN-01").high_water == -1


def test_a_lost_token_opens_nothing(walk: Walk) -> None:
    walk.report()
    _, half_way = password(walk)
    assert otp(walk, half_way, shown("SN-00", walk.now)) == (Verdict.ON_HOLD, "")


def test_without_a_token_nobody_gets_past_half_way(walk: Walk) -> None:
    _, half_way = password(walk, "m1002")
    assert otp(walk, half_way, "123456") == (Verdict.NOT_REGISTERED, "")


@pytest.mark.parametrize("secret", ["", "guess", "0" * 64])
def test_without_a_password_first_there_is_no_code(walk: Walk, secret: str) -> None:
    with pytest.raises(NotHalfWay):
        otp(walk, secret, shown("SN-00", walk.now))
    assert walk.token("SN-00").high_water == -1


def test_half_way_lasts_ten_minutes(walk: Walk) -> None:
    _, half_way = password(walk)
    walk.clock.move(minutes=10)
    with pytest.raises(NotHalfWay):
        otp(walk, half_way, shown("SN-00", walk.now))


def test_half_way_into_one_house_is_not_half_way_into_the_other(walk: Walk) -> None:
    _, half_way = password(walk, "teller", area=Area.PORTAL)
    with pytest.raises(NotHalfWay):
        otp(walk, half_way, shown("SN-01", walk.now), Area.CONSOLE)


def test_a_full_session_is_not_half_way(walk: Walk) -> None:
    secret = signed_in(walk)
    walk.clock.move(minutes=1)
    with pytest.raises(NotHalfWay):
        otp(walk, secret, shown("SN-00", walk.now))
