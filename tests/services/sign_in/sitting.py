"""Signing in, step by step."""

from otpward.core.model.member import Area, Level, Session
from otpward.core.policy.verification import Verdict
from otpward.services.sign_in.enter_code import EnterCode, enter_code
from otpward.services.sign_in.enter_password import EnterPassword, PasswordAnswer, enter_password
from otpward.services.sign_in.sessions import Seat, digest_of, find_seat
from tests.fakes.sample import PASSWORD
from tests.services.walk import SOURCE, Walk, shown


def password(
    walk: Walk, login: str = "m1001", typed: str = PASSWORD, area: Area = Area.PORTAL, source: str = SOURCE
) -> tuple[PasswordAnswer, str]:
    ask = EnterPassword(institution_id=walk.inside, area=area, login=login, password=typed, source=source)
    return enter_password(ask, house=walk.house)


def otp(walk: Walk, secret: str, code: str, area: Area = Area.PORTAL) -> tuple[Verdict, str]:
    ask = EnterCode(institution_id=walk.inside, area=area, secret=secret, code=code, source=SOURCE)
    return walk.do(lambda desk: enter_code(ask, desk=desk))


def signed_in(walk: Walk, login: str = "m1001", serial: str = "SN-00", area: Area = Area.PORTAL) -> str:
    _, half_way = password(walk, login, area=area)
    verdict, secret = otp(walk, half_way, shown(serial, walk.now), area)
    assert verdict is Verdict.ACCEPTED
    return secret


def seat(walk: Walk, secret: str, area: Area = Area.PORTAL) -> Seat | None:
    return find_seat(walk.inside, secret, area, house=walk.house)


def level(walk: Walk, secret: str) -> Level:
    return session(walk, secret).level


def session(walk: Walk, secret: str) -> Session:
    found = walk.look(lambda uow: uow.sessions.first(secret_digest=digest_of(secret)))
    assert found is not None
    return found
