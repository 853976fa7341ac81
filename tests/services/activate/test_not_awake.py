"""Delivered is not active: nothing but the test OTP of the real holder wakes a device, and only where its way is complete."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from otpward.core.errors import OtpwardError
from otpward.core.lifecycle.place import Place
from otpward.core.lifecycle.token import TRANSITIONS, Hold, TokenEvent, TokenState
from otpward.core.model.case import Case
from otpward.core.policy.verification import Verdict
from otpward.ports.carrier import ParcelState
from otpward.services.activate.activate import Activate, activate
from otpward.services.register.register_device import RegisterDevice, register_device
from otpward.services.resync.resync import Resync, resync
from otpward.services.stock.restock import restock
from otpward.services.stock.transfer import Transfer, transfer
from otpward.services.verify.verify import Verify, verify
from tests.fakes.sample import BY
from tests.services.stock.shelving import Keeper
from tests.services.walk import RELYING, Walk, other_than, shown

SERIAL = "SN-02"
Stage = Callable[[Walk], Case]


def in_stock(walk: Walk) -> Case:
    return walk.approved()


def reserved(walk: Walk) -> Case:
    return walk.reserve(walk.approved(), SERIAL)


def set_out(walk: Walk) -> Case:
    return walk.ready(SERIAL)[0]


def on_its_way(walk: Walk) -> Case:
    return walk.case(walk.posted(SERIAL).case_id)


def delivered(walk: Walk) -> Case:
    return walk.case(walk.arrive(walk.posted(SERIAL), ParcelState.DELIVERED).case_id)


def returned(walk: Walk) -> Case:
    return walk.case(walk.arrive(walk.posted(SERIAL), ParcelState.RETURNED).case_id)


def missing(walk: Walk) -> Case:
    return walk.case(walk.arrive(walk.posted(SERIAL), ParcelState.MISSING).case_id)


def handed_over(walk: Walk) -> Case:
    return walk.hand_over(walk.ready(SERIAL)[1], SERIAL)


def registered(walk: Walk) -> Case:
    return walk.registered(SERIAL)


STAGES: Mapping[str, Stage] = {
    stage.__name__: stage
    for stage in (in_stock, reserved, set_out, on_its_way, delivered, returned, missing, handed_over, registered)
}
COMPLETE = {"delivered", "handed_over", "registered"}


def other_ways(walk: Walk, case: Case) -> list[Callable[[], Any]]:
    """Whatever else somebody could try with the right number, or without one."""
    do, number, keeper = walk.do, shown(SERIAL, walk.now), Keeper(walk)
    token, theirs, login = walk.token(SERIAL), walk.sample.other.id, walk.member.login
    ways: list[Callable[[Any], Any]] = [
        lambda desk: verify(Verify(institution_id=walk.inside, code=number, by=RELYING, serial=SERIAL), desk=desk),
        lambda desk: verify(Verify(institution_id=walk.inside, code=number, by=RELYING, login=login), desk=desk),
        lambda desk: resync(Resync(token_id=token.id, first=number, second=number, by=walk.operator.actor), desk=desk),
        lambda desk: activate(Activate(case_id=case.id, member_id=theirs, code=number, source="there"), desk=desk),
        lambda desk: activate(Activate(case_id=case.id, member_id=walk.member.id, code=other_than(number)), desk=desk),
        lambda desk: register_device(RegisterDevice(case_id=case.id, member_id=theirs, serial=SERIAL), desk=desk),
        lambda desk: restock(keeper.act(SERIAL), desk=desk),
        lambda desk: transfer(Transfer(serials=[SERIAL], branch_id=keeper.there.id, by=BY), desk=desk),
    ]
    return [lambda way=way: do(way) for way in ways]  # type: ignore[misc]


@pytest.mark.parametrize("stage", STAGES)
def test_no_other_way_wakes_it(walk: Walk, stage: str) -> None:
    case = STAGES[stage](walk)
    for way in other_ways(walk, case):
        with suppress(OtpwardError):
            way()
        assert walk.token(SERIAL).state is not TokenState.ACTIVE, way
    assert walk.verify(shown(SERIAL, walk.now), serial=SERIAL) is not Verdict.ACCEPTED


@pytest.mark.parametrize("stage", STAGES)
def test_the_holders_own_test_wakes_it_only_where_its_way_is_complete(walk: Walk, stage: str) -> None:
    case = STAGES[stage](walk)
    with suppress(OtpwardError):
        if stage != "registered":
            walk.register(walk.case(case.id), SERIAL)
        walk.activate(walk.case(case.id), shown(SERIAL, walk.now))
    assert (walk.token(SERIAL).state is TokenState.ACTIVE) is (stage in COMPLETE)


@pytest.mark.parametrize("place", [place for place in Place if place is not Place.MEMBER])
def test_a_registered_device_that_no_member_has_is_not_woken(walk: Walk, place: Place) -> None:
    """No act leads here; were the books wrong, the device would stay asleep."""
    case = registered(walk)
    token = walk.token(SERIAL)
    walk.edit(lambda uow: uow.devices.save(replace(uow.devices.get(token.id), place=place)))
    with pytest.raises(OtpwardError):
        walk.activate(case, shown(SERIAL, walk.now))
    assert walk.token(SERIAL).state is TokenState.REGISTERED


def test_a_stopped_device_is_not_woken(walk: Walk) -> None:
    case = registered(walk)
    walk.edit(lambda uow: uow.tokens.save(replace(walk.token(SERIAL), holds=frozenset({Hold.SUSPENDED}))))
    assert walk.activate(case, shown(SERIAL, walk.now)).verdict is not Verdict.ACCEPTED
    assert walk.token(SERIAL).state is TokenState.REGISTERED


def test_the_table_knows_one_way_to_be_active() -> None:
    ways = {(state, event) for state, row in TRANSITIONS.items() for event, after in row.items() if after is TokenState.ACTIVE}
    assert ways == {(TokenState.REGISTERED, TokenEvent.ACTIVATE)}
    arrived = {event for row in TRANSITIONS.values() for event, after in row.items() if after is TokenState.ISSUED}
    assert arrived == {TokenEvent.DELIVER, TokenEvent.HAND_OVER, TokenEvent.UNREGISTER}
