"""Reminders that a member may turn off stay away; what tells of an end does not."""

from typing import Any

import pytest

from otpward.clerk.asking import Letter, remind
from otpward.core.audit import Actor, ActorKind
from otpward.core.model.reminder import Occasion
from otpward.core.policy.reminding import LEFT_OUT
from otpward.services.contacts.set_reminders import set_reminders
from tests.services.walk import SOURCE, Walk


def turn(walk: Walk, *, wanted: bool) -> None:
    by = Actor(kind=ActorKind.MEMBER, id=walk.member.id, source=SOURCE)
    walk.do(lambda desk: set_reminders(walk.member.id, wanted=wanted, desk=desk, by=by))


def remind_of(walk: Walk, occasion: Occasion) -> None:
    token = walk.token("SN-00")

    def act(desk: Any) -> None:
        with desk.uow as uow:
            member = uow.members.get(walk.member.id)
            remind(Letter(member=member, token_id=token.id, occasion=occasion, turn=f"{occasion}:1"), desk=desk)
            uow.commit()

    walk.do(act)


@pytest.mark.parametrize("occasion", Occasion)
def test_who_wants_no_reminders_gets_those_that_tell_of_an_end(walk: Walk, occasion: Occasion) -> None:
    turn(walk, wanted=False)
    remind_of(walk, occasion)
    assert bool(walk.told("reminder")) is (occasion not in LEFT_OUT)


def test_turned_on_again_they_come_again(walk: Walk) -> None:
    turn(walk, wanted=False)
    turn(walk, wanted=True)
    remind_of(walk, Occasion.CHECK)
    assert walk.told("reminder")


def test_a_second_time_nothing_is_written(walk: Walk) -> None:
    turn(walk, wanted=True)
    for _ in range(2):
        turn(walk, wanted=False)
    assert [line for line in walk.events() if line.startswith("reminders:")] == ["reminders:changed=off"]
