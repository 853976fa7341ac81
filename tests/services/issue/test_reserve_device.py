"""One transaction takes a device from the shelf for one case."""

from dataclasses import replace
from datetime import timedelta

import pytest

from otpward.core.errors import Denied, Invalid
from otpward.core.ids import BranchId
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.table import IllegalTransition
from otpward.core.lifecycle.token import Hold, TokenState
from otpward.core.model.case import Delivery
from otpward.core.model.member import Role
from otpward.core.oath.model import TokenKind
from otpward.services.issue.reserve_device import NotThisDevice, ReserveDevice, TooOldDevice, reserve_device
from tests.services.oversee.policies.writing import desks
from tests.services.walk import Walk


def test_the_device_is_set_aside_for_this_case(walk: Walk) -> None:
    case = walk.reserve(walk.approved(), " SN-02 ")
    token = walk.token("SN-02")
    assert (case.state, case.new_token_id, token.state) == (CaseState.PREPARING, token.id, TokenState.RESERVED)
    assert walk.look(lambda uow: uow.devices.get(token.id)).case_id == case.id
    assert walk.events()[-2:] == ["token:reserved=done", "case:prepared=preparing"]


def test_a_device_is_set_aside_once(walk: Walk) -> None:
    walk.reserve(walk.approved(), "SN-02")
    walk.member, walk.phone = walk.sample.other, "+821055501102"
    other = walk.approved()
    with pytest.raises(NotThisDevice):
        walk.reserve(other, "SN-02")
    assert walk.case(other.id).state is CaseState.APPROVED


def test_a_case_gets_one_device(walk: Walk) -> None:
    case = walk.reserve(walk.approved(), "SN-02")
    with pytest.raises(IllegalTransition):
        walk.reserve(case, "SN-03")
    assert walk.token("SN-03").state is TokenState.IN_STOCK


@pytest.mark.parametrize("serial", ["", "SN-99", "SN-00", "SN-01"], ids=["nothing", "unknown", "in-use", "of-staff"])
def test_what_is_not_in_stock_cannot_be_taken(walk: Walk, serial: str) -> None:
    case = walk.approved()
    with pytest.raises(NotThisDevice) as refused:
        walk.reserve(case, serial)
    assert refused.value.field == "serial"


def test_a_device_whose_time_is_over_or_that_is_stopped_is_not_given_out(walk: Walk) -> None:
    case, token = walk.approved(), walk.token("SN-02")
    walk.edit(lambda uow: uow.tokens.save(replace(token, valid_until=walk.now)))
    with pytest.raises(NotThisDevice):
        walk.reserve(case, "SN-02")
    token = walk.token("SN-02")
    walk.edit(
        lambda uow: uow.tokens.save(replace(token, valid_until=walk.now + timedelta(days=1), holds=frozenset({Hold.SUSPENDED})))
    )
    with pytest.raises(NotThisDevice):
        walk.reserve(case, "SN-02")


def test_a_device_of_another_branch_is_not_collected_here(walk: Walk) -> None:
    case, token = walk.approved(), walk.token("SN-02")
    elsewhere = BranchId(walk.house.desk(None).new_id())
    walk.edit(lambda uow: uow.devices.save(replace(uow.devices.get(token.id), branch_id=elsewhere)))
    with pytest.raises(NotThisDevice):
        walk.reserve(case, "SN-02")


def test_an_app_needs_no_device(walk: Walk) -> None:
    case = walk.approved(Delivery.APP)
    with pytest.raises(Invalid) as refused:
        walk.reserve(case, "SN-02")
    assert refused.value.field == "serial"


def test_before_the_approval_nothing_is_set_aside(walk: Walk) -> None:
    case = walk.checking()
    with pytest.raises(IllegalTransition):
        walk.reserve(case, "SN-02")
    assert walk.token("SN-02").state is TokenState.IN_STOCK


@pytest.mark.parametrize("role", [Role.HELP_DESK, Role.AUDITOR])
def test_only_some_roles_issue(walk: Walk, role: Role) -> None:
    case = walk.approved()
    with pytest.raises(Denied):
        walk.do(
            lambda desk: reserve_device(
                ReserveDevice(case_id=case.id, serial="SN-02", operator=walk.colleague(role)), desk=desk
            )
        )


def test_a_device_that_only_signs_is_not_given_out_as_an_otp(walk: Walk) -> None:
    case, token = walk.approved(), walk.token("SN-02")
    walk.edit(lambda uow: uow.tokens.save(replace(token, kind=TokenKind.OCRA, period_s=0)))
    with pytest.raises(NotThisDevice):
        walk.reserve(case, "SN-02")
    assert walk.token("SN-02").state is TokenState.IN_STOCK


def test_a_device_whose_battery_is_over_is_not_given_out(walk: Walk) -> None:
    token = walk.token("SN-02")
    over = walk.now.date() - timedelta(days=1)
    walk.edit(lambda uow: uow.devices.save(replace(uow.devices.get(token.id), battery_until=over)))
    with pytest.raises(TooOldDevice):
        walk.reserve(walk.approved(), "SN-02")


@pytest.mark.parametrize(("year", "given"), [(2026, True), (2027, False)], ids=["in its last year", "after it"])
def test_a_device_with_sha_1_is_given_out_until_the_year_that_policy_names(walk: Walk, year: int, given: bool) -> None:
    desks(walk.sample).put_in_force("[stock]\nsha1_until_year = 2026")
    case = walk.approved()
    walk.clock.move(days=366 * (year - 2026))
    if given:
        assert walk.reserve(case, "SN-02").state is CaseState.PREPARING
    else:
        with pytest.raises(TooOldDevice):
            walk.reserve(case, "SN-02")
