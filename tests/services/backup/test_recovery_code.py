"""The saved recovery code: one at a time, once, and a new one in its place."""

import re

import pytest

from otpward.clerk.recovery import fold_code
from otpward.core.errors import TooOften
from otpward.core.lifecycle.others import ProofState
from otpward.core.model.member import Level
from otpward.core.model.proof import Act, Assurance, Method
from otpward.core.policy.backup import ConfirmFirst
from otpward.services.backup.is_own_code import is_own_code
from otpward.services.prove_identity.prove_by_recovery_code import (
    ProveByRecoveryCode,
    Recovered,
    prove_by_recovery_code,
)
from otpward.services.sign_in import enter_by_recovery_code as entering
from otpward.services.sign_in.enter_code import NotHalfWay
from tests.services.backup.falling_back import claim_of, person
from tests.services.sign_in.sitting import level, password
from tests.services.walk import SOURCE, Walk


def prove(walk: Walk, code: str, act: Act = Act.APPLY, **claim: object) -> Recovered | None:
    claim = {"login": "m1001", **claim} if "member_id" not in claim and "report_id" not in claim else claim
    return prove_by_recovery_code(ProveByRecoveryCode(claim=claim_of(walk, act, **claim), code=code), house=walk.house)


def enter(walk: Walk, code: str, secret: str = "") -> entering.Recovered | None:
    secret = secret or password(walk)[1]
    ask = entering.EnterByRecoveryCode(institution_id=walk.inside, secret=secret, code=code, source=SOURCE)
    return entering.enter_by_recovery_code(ask, house=walk.house)


def test_a_code_has_128_bits_and_is_kept_as_a_hash(walk: Walk) -> None:
    code = person(walk).make_code()
    assert re.fullmatch(r"[2-9A-HJKMNP-TV-Z]{28}", code)
    rows = walk.look(lambda uow: uow.recovery_codes.find())
    assert [code in repr(row) for row in rows] == [False]
    assert walk.told("recovery") == {("m1001", "recovery_code_made", "sms"), ("m1001", "recovery_code_made", "mail")}
    assert walk.events()[-1] == "recovery_code:made=done"


@pytest.mark.parametrize(
    "typed", ["{c}", " {c} ", "{l}", "{g}", "{d}"], ids=["as it is", "spaces around", "small letters", "groups", "dashes"]
)
def test_a_code_is_known_however_it_is_typed(typed: str) -> None:
    code = "23456789ABCDEFGHJKMNPQRSTVWX"
    four = [code[at : at + 4] for at in range(0, 28, 4)]
    assert fold_code(typed.format(c=code, l=code.lower(), g=" ".join(four), d="-".join(four))) == code


def test_a_new_code_replaces_the_old_one(walk: Walk) -> None:
    me = person(walk)
    old, new = me.make_code(), me.make_code()
    assert prove(walk, old) is None
    assert isinstance(prove(walk, new), Recovered)
    rows = walk.look(lambda uow: uow.recovery_codes.find(order="made_at"))
    assert sorted((row.replaced_at is not None, row.spent_at is not None, row.live_for is not None) for row in rows) == [
        (False, False, True),
        (False, True, False),
        (True, False, False),
    ]


def test_a_code_is_made_only_just_after_a_factor_was_shown(walk: Walk) -> None:
    me = person(walk)
    walk.clock.move(minutes=5)
    with pytest.raises(ConfirmFirst):
        me.make_code()
    with pytest.raises(ConfirmFirst):
        person(walk, Level.PROVEN).make_code()
    assert walk.look(lambda uow: uow.recovery_codes.count()) == 0


def test_a_code_proves_once_and_a_new_one_takes_its_place(walk: Walk) -> None:
    code = person(walk).make_code()
    done = prove(walk, code.lower())
    assert done is not None
    assert (done.proof.state, done.proof.method, done.proof.level) == (ProofState.PASSED, Method.RECOVERY_CODE, Assurance.LOW)
    assert (done.proof.member_id, done.proof.act, done.proof.browser) == (walk.member.id, Act.APPLY, walk.browser)
    assert prove(walk, code) is None, "once"
    assert is_own_code(walk.inside, walk.member.id, done.new_code, house=walk.house)
    assert ("m1001", "recovery_code_used", "sms") in walk.told("recovery")
    assert "recovery_code:used=done" in walk.events()


def test_password_and_code_open_what_it_takes_to_get_a_new_token(walk: Walk) -> None:
    code = person(walk).make_code()
    half_way = password(walk)[1]
    done = enter(walk, code, half_way)
    assert done is not None
    assert level(walk, done.secret) is Level.PROVEN
    assert walk.events()[-1] == "sign_in:passed=recovery_code"
    with pytest.raises(NotHalfWay):
        enter(walk, done.new_code, half_way)
    assert enter(walk, code) is None, "once"


@pytest.mark.parametrize("login", ["m1001", "m1002", "nobody", ""])
def test_whoever_it_is_a_wrong_code_is_refused_alike(walk: Walk, login: str) -> None:
    person(walk).make_code()
    assert prove(walk, "2" * 28, login=login) is None
    assert walk.events()[-2:] == ["proof:started=apply", "proof:failed=recovery_code"]


def test_a_code_is_of_one_member(walk: Walk) -> None:
    code = person(walk).make_code()
    assert prove(walk, code, login="m1002") is None
    assert prove(walk, code, member_id=walk.sample.other.id) is None
    assert prove(walk, code) is not None


def test_for_a_report_it_must_be_who_the_report_is_about(walk: Walk) -> None:
    code = person(walk).make_code()
    report = walk.report()
    done = prove(walk, code, Act.LIFT_LOSS, report_id=report.id)
    assert done is not None
    assert (done.proof.report_id, done.proof.act) == (report.id, Act.LIFT_LOSS)


def test_after_twenty_wrong_ones_in_an_hour_no_code_is_right(walk: Walk) -> None:
    code = person(walk).make_code()
    half_way = password(walk)[1]
    for _ in range(20):
        assert enter(walk, "2" * 28, half_way) is None
    assert enter(walk, code, half_way) is None
    walk.clock.move(hours=1)
    assert enter(walk, code) is not None


def test_one_address_does_not_ask_for_one_login_again_and_again(walk: Walk) -> None:
    for _ in range(10):
        assert prove(walk, "2" * 28) is None
    with pytest.raises(TooOften):
        prove(walk, "2" * 28)
