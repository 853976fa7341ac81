"""Reminders wait through the night of the institution's own clock, and go by the first way that reaches the member."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import cast

import pytest

from otpward.clerk.mailing import address_of, talks_first
from otpward.clerk.quiet import morning_by
from otpward.core.model.member import Member
from otpward.core.policy.document.build import read_policy, read_whole, whole_of
from otpward.core.policy.document.model import Reminders
from otpward.core.policy.quiet import Way
from otpward.core.secret import Personal
from otpward.ports.notifier import Channel

NOON_IN_KOREA = datetime(2026, 11, 23, 3, tzinfo=UTC)
TEN_AT_NIGHT = datetime(2026, 11, 23, 13, tzinfo=UTC)
NUMBER, MAILBOX = Personal("+821055501101"), Personal("m@member.example")


def rules(*lines: str) -> Reminders:
    return read_policy("[reminders]\n" + "\n".join(lines)).reminders


@pytest.mark.parametrize(
    ("lines", "at", "wait"),
    [
        pytest.param((), NOON_IN_KOREA, None, id="by day"),
        pytest.param((), TEN_AT_NIGHT, timedelta(hours=10), id="by night"),
        pytest.param(("quiet_from = '20:00'", "quiet_until = '09:30'"), TEN_AT_NIGHT, timedelta(hours=11.5), id="longer"),
        pytest.param(("quiet_from = '12:00'", "quiet_until = '13:00'"), NOON_IN_KOREA, timedelta(hours=1), id="over lunch"),
        pytest.param(("quiet_from = '12:00'", "quiet_until = '13:00'"), TEN_AT_NIGHT, None, id="only over lunch"),
        pytest.param(("quiet_from = '08:00'",), TEN_AT_NIGHT, None, id="never"),
        pytest.param(("quiet_zone = '-05:00'",), TEN_AT_NIGHT, None, id="it is eight in the morning elsewhere"),
        pytest.param(("quiet_zone = '-05:00'",), NOON_IN_KOREA, timedelta(hours=10), id="and the night is another"),
    ],
)
def test_reminders_wait_as_the_policy_says(lines: tuple[str, ...], at: datetime, wait: timedelta | None) -> None:
    morning = morning_by(rules(*lines), at)
    assert (None if morning is None else morning - at) == wait


def test_a_policy_from_before_waits_as_ever() -> None:
    """One that was approved when there were no such keys."""
    old = whole_of(read_policy("")).replace('"quiet_from":"21:00",', "").replace(',"ways":["talk","text","email"]', "")
    assert "quiet_from" not in old
    assert "ways" not in old
    assert read_whole(old).reminders == read_policy("").reminders


@pytest.mark.parametrize(
    ("ways", "phone", "email", "channel"),
    [
        pytest.param((Way.TALK, Way.TEXT, Way.EMAIL), True, True, Channel.SMS, id="the phone first"),
        pytest.param((Way.EMAIL, Way.TEXT), True, True, Channel.MAIL, id="mail first"),
        pytest.param((Way.EMAIL, Way.TEXT), True, False, Channel.SMS, id="mail first, but there is none"),
        pytest.param((Way.EMAIL,), True, False, None, id="mail only, and there is none"),
        pytest.param((Way.TALK,), False, True, None, id="the phone only, and there is none"),
    ],
)
def test_a_reminder_takes_the_first_way_that_reaches(
    ways: tuple[Way, ...], phone: bool, email: bool, channel: Channel | None
) -> None:
    member = SimpleNamespace(phone=phone and NUMBER, email=email and MAILBOX, phone_lost_at=None)
    found = address_of(cast("Member", member), ways)
    assert (None if found is None else found[0]) == channel


@pytest.mark.parametrize(
    ("ways", "talks"),
    [((Way.TALK, Way.TEXT), True), ((Way.TEXT, Way.TALK), False), ((Way.EMAIL, Way.TALK), True), ((Way.EMAIL,), False)],
    ids=str,
)
def test_kakaotalk_goes_where_it_stands_before_the_text_message(ways: tuple[Way, ...], talks: bool) -> None:
    assert talks_first(ways) is talks
