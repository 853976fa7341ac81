"""The member binds the device of this case, and no other."""

import pytest

from otpward.core.errors import NotFound
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.others import RegistrationState
from otpward.core.lifecycle.table import IllegalTransition
from otpward.core.lifecycle.token import TokenState
from otpward.core.policy.verification import Verdict
from otpward.services.register.register_device import NotYourDevice
from tests.services.walk import Walk, shown


def test_the_device_is_tied_to_the_member_and_still_dead(walk: Walk) -> None:
    case = walk.registered()
    token = walk.token("SN-02")
    assert (case.state, token.state) == (CaseState.REGISTERED, TokenState.REGISTERED)
    (bound,) = walk.look(lambda uow: uow.registrations.find(token_id=token.id))
    assert (bound.member_id, bound.state) == (walk.member.id, RegistrationState.PENDING)
    assert walk.events()[-2:] == ["token:registered=done", "case:registered=registered"]
    assert walk.told("registered") == {("m1001", "token_registered", "sms"), ("m1001", "token_registered", "mail")}
    assert walk.verify(shown("SN-02", walk.now), serial="SN-02") is Verdict.NOT_REGISTERED


def test_the_old_device_works_until_the_new_one_does(walk: Walk) -> None:
    walk.registered()
    assert walk.verify(shown("SN-00", walk.now)) is Verdict.ACCEPTED


@pytest.mark.parametrize("typed", ["sn 02", " SN-02 ", "SN02"])
def test_the_serial_is_read_as_people_type_it(walk: Walk, typed: str) -> None:
    _, pick_up = walk.ready()
    assert walk.register(walk.hand_over(pick_up, "SN-02"), typed).state is CaseState.REGISTERED


@pytest.mark.parametrize("typed", ["SN-03", "SN-00", "SN-99", "", "02"])
def test_another_device_is_refused_and_it_is_not_said_whether_it_exists(walk: Walk, typed: str) -> None:
    _, pick_up = walk.ready()
    case = walk.hand_over(pick_up, "SN-02")
    with pytest.raises(NotYourDevice) as refused:
        walk.register(case, typed)
    assert str(refused.value) == "not the device of this case"


def test_a_second_press_changes_nothing(walk: Walk) -> None:
    case = walk.registered()
    assert walk.register(case, "SN-02") == case
    assert walk.look(lambda uow: uow.registrations.count(member_id=walk.member.id)) == 2


def test_what_has_not_arrived_is_not_registered(walk: Walk) -> None:
    case, _ = walk.ready()
    with pytest.raises(IllegalTransition):
        walk.register(case, "SN-02")
    assert walk.token("SN-02").state is TokenState.RESERVED


def test_a_case_without_a_device_has_none_to_register(walk: Walk) -> None:
    case = walk.approved()
    with pytest.raises(NotYourDevice):
        walk.register(case, "SN-02")


def test_after_the_end_nothing_is_registered_again(walk: Walk) -> None:
    case = walk.done()
    with pytest.raises(IllegalTransition):
        walk.register(case, "SN-02")


def test_somebody_elses_case_does_not_exist(walk: Walk) -> None:
    _, pick_up = walk.ready()
    case = walk.hand_over(pick_up, "SN-02")
    with pytest.raises(NotFound):
        walk.register(case, "SN-02", walk.sample.other.id)
