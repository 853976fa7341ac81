"""One test OTP: it is spent, the new token lives, the old one ends; all at once or not at all."""

from datetime import timedelta

import pytest

from otpward.core.errors import Conflict, NotFound
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.others import RegistrationState
from otpward.core.lifecycle.token import Hold, TokenState
from otpward.core.model.loss import LossKind
from otpward.core.model.member import Area
from otpward.core.policy.verification import Verdict
from otpward.services.sign_in.enter_code import EnterCode, enter_code
from otpward.services.sign_in.enter_password import EnterPassword, enter_password
from tests.fakes.sample import PASSWORD
from tests.services.walk import SOURCE, Walk, other_than, shown


def test_a_right_code_wakes_the_new_token_and_retires_the_old(walk: Walk) -> None:
    case = walk.done()
    assert (case.state, case.open_key) == (CaseState.DONE, None)
    assert (walk.token("SN-00").state, walk.token("SN-02").state) == (TokenState.RETIRED, TokenState.ACTIVE)
    states = {
        walk.look(lambda uow, one=one: uow.tokens.get(one.token_id)).serial: one.state  # type: ignore[misc]
        for one in walk.look(lambda uow: uow.registrations.find(member_id=walk.member.id))
    }
    assert states == {"SN-00": RegistrationState.ENDED, "SN-02": RegistrationState.LIVE}
    assert walk.events()[-4:] == ["code:accepted=accepted", "token:activated=done", "token:retired=done", "case:done=done"]
    assert walk.told("activated") == {("m1001", "token_activated", "sms"), ("m1001", "token_activated", "mail")}


def test_the_old_code_is_refused_from_that_moment(walk: Walk) -> None:
    walk.done()
    assert walk.verify(shown("SN-00", walk.now), serial="SN-00") is Verdict.NOT_REGISTERED
    assert walk.verify(shown("SN-00", walk.now)) is Verdict.WRONG_CODE


def test_the_test_code_is_spent(walk: Walk) -> None:
    case = walk.done()
    code = shown("SN-02", walk.now)
    assert walk.verify(code) is Verdict.REPLAYED
    assert walk.verify(code, serial="SN-02") is Verdict.REPLAYED
    with pytest.raises(Conflict):
        walk.activate(case, code)
    walk.clock.move(minutes=1)
    assert walk.verify(shown("SN-02", walk.now)) is Verdict.ACCEPTED


def test_nobody_signs_in_with_the_test_code(walk: Walk) -> None:
    walk.done()
    ask = EnterPassword(institution_id=walk.inside, area=Area.PORTAL, login="m1001", password=PASSWORD, source=SOURCE)
    _, secret = enter_password(ask, house=walk.house)
    code = EnterCode(institution_id=walk.inside, area=Area.PORTAL, secret=secret, code=shown("SN-02", walk.now), source=SOURCE)
    assert walk.do(lambda desk: enter_code(code, desk=desk)) == (Verdict.REPLAYED, "")


def test_the_old_token_retires_though_it_is_held(walk: Walk) -> None:
    walk.report(LossKind.STOLEN)
    walk.done()
    old = walk.token("SN-00")
    assert (old.state, old.holds) == (TokenState.RETIRED, frozenset({Hold.STOLEN}))


def test_a_wrong_code_counts_and_changes_nothing_else(walk: Walk) -> None:
    case = walk.registered()
    examined = walk.activate(case, other_than(shown("SN-02", walk.now)))
    assert (examined.verdict, examined.tries_left) == (Verdict.WRONG_CODE, 9)
    assert (walk.token("SN-00").state, walk.token("SN-02").state) == (TokenState.ACTIVE, TokenState.REGISTERED)
    assert walk.case(case.id).state is CaseState.REGISTERED


def test_ten_wrong_codes_lock_the_new_token_and_its_holder_is_told(walk: Walk) -> None:
    case = walk.registered()
    for _ in range(10):
        walk.activate(case, other_than(shown("SN-02", walk.now)))
    assert walk.activate(case, shown("SN-02", walk.now)).verdict is Verdict.LOCKED
    assert walk.told("locked") == {("m1001", "token_locked", "sms"), ("m1001", "token_locked", "mail")}


def test_the_code_of_the_old_device_does_not_wake_the_new_one(walk: Walk) -> None:
    case = walk.registered()
    assert walk.activate(case, shown("SN-00", walk.now)).verdict is Verdict.WRONG_CODE
    assert walk.token("SN-00").high_water == -1


def test_a_device_that_drifted_in_years_on_the_shelf_wakes_with_two_codes(walk: Walk) -> None:
    case = walk.registered()
    first, second, third = (shown("SN-02", walk.now + timedelta(minutes=n)) for n in (9, 10, 11))
    assert walk.activate(case, first).verdict is Verdict.RESYNC_NEEDED
    assert walk.activate(case, first).verdict is Verdict.RESYNC_NEEDED
    assert walk.activate(case, second, second=other_than(third)).verdict is Verdict.WRONG_CODE
    assert walk.token("SN-00").state is TokenState.ACTIVE
    assert walk.activate(case, second, second=third).verdict is Verdict.ACCEPTED
    assert (walk.token("SN-02").state, walk.token("SN-02").holds) == (TokenState.ACTIVE, frozenset())
    assert walk.token("SN-00").state is TokenState.RETIRED
    for code in (second, third):
        assert walk.verify(code) is Verdict.REPLAYED


def test_before_the_registration_nothing_waits_for_a_test(walk: Walk) -> None:
    _, pick_up = walk.ready()
    case = walk.hand_over(pick_up, "SN-02")
    with pytest.raises(Conflict):
        walk.activate(case, shown("SN-02", walk.now))
    assert walk.token("SN-02").high_water == -1


def test_somebody_elses_case_does_not_exist(walk: Walk) -> None:
    case = walk.registered()
    with pytest.raises(NotFound):
        walk.activate(case, shown("SN-02", walk.now), walk.sample.other.id)
    assert walk.token("SN-02").high_water == -1
