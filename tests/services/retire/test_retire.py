"""A device ends by two hands: one asks, another agrees."""

from dataclasses import replace
from datetime import timedelta

import pytest

from otpward.clerk.cases import StaleCase
from otpward.core.errors import Conflict, Denied, Invalid
from otpward.core.lifecycle.others import RegistrationState
from otpward.core.lifecycle.table import IllegalTransition
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.member import Operator, Role
from otpward.core.model.retirement import Retirement
from otpward.core.model.token import Token
from otpward.core.policy.verification import Verdict
from otpward.services.oversee.lapse_requests import lapse_requests
from otpward.services.retire.ask_retire import AskedAlready, AskRetire, OwnRetirement, ask_retire
from otpward.services.retire.decide_retire import DecideRetire, approve_retire, send_back_retire
from tests.services.walk import Walk, shown


def wish(walk: Walk, serial: str = "SN-00", operator: Operator | None = None, reason: str = "고장") -> Retirement:
    ask = AskRetire(token_id=walk.token(serial).id, operator=operator or walk.operator, reason=reason)
    return walk.do(lambda desk: ask_retire(ask, desk=desk))


def decide(walk: Walk, one: Retirement, operator: Operator | None = None) -> DecideRetire:
    return DecideRetire(wish_id=one.id, operator=operator or walk.colleague(), seen_version=one.version)


def approve(walk: Walk, one: Retirement, operator: Operator | None = None) -> Token:
    ask = decide(walk, one, operator)
    return walk.do(lambda desk: approve_retire(ask, desk=desk))


def test_one_asks_another_agrees_and_it_ends_with_its_registrations(walk: Walk) -> None:
    asked = wish(walk)
    assert walk.token("SN-00").state is TokenState.ACTIVE
    assert walk.verify(shown("SN-00", walk.now)) is Verdict.ACCEPTED
    assert approve(walk, asked).state is TokenState.RETIRED
    states = {one.state for one in walk.look(lambda uow: uow.registrations.find(token_id=asked.token_id))}
    assert states == {RegistrationState.ENDED}
    assert {"retire:asked=done", "token:retired=done"} <= set(walk.events())
    with pytest.raises(Conflict):
        approve(walk, asked)


def test_it_goes_back_and_can_be_asked_again(walk: Walk) -> None:
    first = wish(walk)
    with pytest.raises(AskedAlready):
        wish(walk)
    ask = decide(walk, first)
    walk.do(lambda desk: send_back_retire(ask, desk=desk))
    with pytest.raises(Conflict):
        approve(walk, first)
    approve(walk, wish(walk))


def test_nobody_agrees_to_what_they_asked_nor_retires_their_own(walk: Walk) -> None:
    holder = replace(walk.operator, member_id=walk.member.id)
    with pytest.raises(OwnRetirement):
        wish(walk, operator=holder)
    asked = wish(walk)
    for operator in (walk.operator, holder):
        with pytest.raises(OwnRetirement):
            approve(walk, asked, operator)
    assert walk.token("SN-00").state is TokenState.ACTIVE


@pytest.mark.parametrize("role", [Role.STOCK, Role.AUDITOR])
def test_some_roles_do_not_ask(walk: Walk, role: Role) -> None:
    with pytest.raises(Denied):
        wish(walk, operator=walk.colleague(role))


@pytest.mark.parametrize("role", [Role.HELP_DESK, Role.STOCK, Role.AUDITOR])
def test_some_roles_do_not_agree(walk: Walk, role: Role) -> None:
    asked = wish(walk)
    with pytest.raises(Denied):
        approve(walk, asked, walk.colleague(role))


def test_it_needs_a_reason_and_a_device_in_somebodys_hands(walk: Walk) -> None:
    with pytest.raises(Invalid):
        wish(walk, reason=" ")
    with pytest.raises(IllegalTransition):
        wish(walk, "SN-02")
    assert walk.look(lambda uow: uow.retirements.find()) == []


def test_it_lapses_after_three_days(walk: Walk) -> None:
    asked = wish(walk)
    walk.clock.at += timedelta(days=3, seconds=1)
    with pytest.raises(Conflict):
        approve(walk, asked)
    assert asked.id in walk.do(lambda desk: lapse_requests(desk=desk))
    assert walk.events()[-1] == "retire:lapsed=done"
    approve(walk, wish(walk))


def test_a_wish_that_changed_is_not_decided(walk: Walk) -> None:
    asked = wish(walk)
    walk.edit(lambda uow: uow.retirements.save(asked))
    with pytest.raises(StaleCase):
        approve(walk, asked)
