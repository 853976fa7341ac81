"""Who is written to, how often, and what the link opens."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from otpward.core.ids import CaseId
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.token import Hold
from otpward.core.model.case import Reason
from otpward.core.model.health import DriftSample, Health
from otpward.core.model.reminder import Occasion, Outcome
from otpward.core.policy.verification import Verdict
from otpward.core.secret import NOTHING
from otpward.services.health.check_by_link import CheckByLink, check_by_link
from otpward.services.health.give_up_by_link import GiveUpByLink, give_up_by_link
from otpward.services.health.open_link import LinkOver, open_link
from otpward.services.health.read_clocks import read_clocks
from otpward.services.health.reminders_due import reminders_due
from otpward.services.health.snooze import Snooze, snooze
from tests.services.health.looking_after import ends, letters, newest_link, round_of_the_day, try_number, used
from tests.services.walk import Walk, other_than, shown

END = date(2027, 1, 20)


@pytest.fixture
def asked(walk: Walk) -> str:
    """The link in the letter to a member whose device ends in 58 days."""
    ends(walk, "SN-00", END)
    assert round_of_the_day(walk) == 1
    return newest_link(walk)


def test_each_stage_before_the_end_is_told_once(walk: Walk) -> None:
    ends(walk, "SN-00", END)
    told = []
    for _ in range(62):
        told += [(END - walk.now.date()).days] * round_of_the_day(walk)
        walk.clock.move(days=1)
    assert told == [58, 30, 7]


def test_a_device_that_ends_today_or_is_over_gets_no_notice(walk: Walk) -> None:
    ends(walk, "SN-00", walk.now.date())
    assert round_of_the_day(walk) == 0


def test_one_letter_goes_to_one_address(walk: Walk, asked: str) -> None:
    assert walk.told("reminder") == {("m1001", "reminder_expiry", "sms")}


def test_a_phone_that_was_lost_gets_none_and_mail_does(walk: Walk) -> None:

    ends(walk, "SN-00", END)
    walk.edit(lambda uow: uow.members.save(replace(uow.members.get(walk.member.id), phone_lost_at=walk.now)))
    assert round_of_the_day(walk) == 1
    assert walk.told("reminder") == {("m1001", "reminder_expiry", "mail")}


def test_who_has_no_address_is_noted_and_not_written_to(walk: Walk) -> None:

    ends(walk, "SN-00", END)
    walk.edit(lambda uow: uow.members.save(replace(uow.members.get(walk.member.id), phone=NOTHING, email=NOTHING)))
    round_of_the_day(walk)
    (letter,) = letters(walk, Occasion.EXPIRY)
    assert (letter.outcome, letter.link_digest) == (Outcome.UNREACHED, None)
    assert walk.told("reminder") == set()
    assert round_of_the_day(walk) == 0


def test_looking_at_the_link_changes_nothing(walk: Walk, asked: str) -> None:
    before = (walk.token("SN-00"), letters(walk, Occasion.EXPIRY), walk.events())
    for link in (asked, asked.lower(), f" {asked} "):
        assert open_link(link, desk=walk.house.desk(walk.inside)).token.serial == "SN-00"
    assert (walk.token("SN-00"), letters(walk, Occasion.EXPIRY), walk.events()) == before


def test_a_good_number_answers_it_once(walk: Walk, asked: str) -> None:
    checked = try_number(walk, asked, shown("SN-00", walk.now))
    assert (checked.verdict, checked.reminder.outcome) == (Verdict.ACCEPTED, Outcome.GOOD)
    assert walk.events()[-1] == "reminder:answered=good"
    walk.clock.move(minutes=2)
    with pytest.raises(LinkOver):
        try_number(walk, asked, shown("SN-00", walk.now))
    assert open_link(asked, desk=walk.house.desk(walk.inside)).reminder.outcome is Outcome.GOOD


def test_a_clock_that_differs_is_set_right_by_two(walk: Walk, asked: str) -> None:
    ahead = walk.now + timedelta(minutes=7)
    assert try_number(walk, asked, shown("SN-00", ahead)).verdict is Verdict.RESYNC_NEEDED
    first, second = (shown("SN-00", ahead + timedelta(minutes=n)) for n in (1, 2))
    checked = try_number(walk, asked, first, second)
    assert (checked.verdict, checked.reminder.outcome) == (Verdict.ACCEPTED, Outcome.FIXED)
    assert walk.token("SN-00").holds == frozenset()


def test_a_clock_that_is_off_by_hours_ends_with_an_application_and_does_not_lock(walk: Walk, asked: str) -> None:
    off = walk.now + timedelta(hours=5)
    for n in range(4):
        verdict = try_number(walk, asked, *(shown("SN-00", off + timedelta(minutes=n + m)) for m in (0, 1))).verdict
        assert verdict is Verdict.WRONG_CODE
    (letter,) = letters(walk, Occasion.EXPIRY)
    assert letter.outcome is Outcome.FAILED
    case = walk.case(CaseId(letter.case_id) if letter.case_id else CaseId(letter.id))
    assert (case.state, case.reason, case.old_serial) == (CaseState.DRAFT, Reason.FAULTY, "SN-00")
    assert Hold.LOCKED not in walk.token("SN-00").holds
    with pytest.raises(LinkOver):
        try_number(walk, asked, shown("SN-00", walk.now))


def test_a_dark_device_leads_to_an_application_filled_in(walk: Walk, asked: str) -> None:
    failed = walk.do(lambda desk: give_up_by_link(GiveUpByLink(link=asked), desk=desk))
    assert failed.outcome is Outcome.FAILED
    assert walk.start().id == failed.case_id


def test_next_week_means_next_week_and_a_new_link(walk: Walk, asked: str) -> None:
    walk.do(lambda desk: snooze(Snooze(link=asked), desk=desk))
    later = walk.do(lambda desk: snooze(Snooze(link=asked), desk=desk))
    assert later.snoozed_until == walk.now + timedelta(days=7)
    walk.clock.move(days=6)
    assert round_of_the_day(walk) == 0
    walk.clock.move(days=1, seconds=1)
    assert round_of_the_day(walk) == 1
    assert newest_link(walk) != asked
    with pytest.raises(LinkOver):
        open_link(asked, desk=walk.house.desk(walk.inside))
    assert round_of_the_day(walk) == 0


@pytest.mark.parametrize(
    "link", ["", "A" * 16, "x" * 5000, "한글", "../../my"], ids=["empty", "other", "long", "korean", "path"]
)
def test_another_link_opens_nothing(walk: Walk, asked: str, link: str) -> None:
    with pytest.raises(LinkOver):
        open_link(link, desk=walk.house.desk(walk.inside))


def test_after_two_weeks_it_is_over(walk: Walk, asked: str) -> None:
    walk.clock.move(days=14)
    with pytest.raises(LinkOver):
        walk.do(lambda desk: check_by_link(CheckByLink(link=asked, first="123456"), desk=desk))


def test_the_link_is_nowhere_to_be_read(walk: Walk, asked: str) -> None:
    (letter,) = letters(walk, Occasion.EXPIRY)
    lines = walk.look(lambda uow: uow.audit.find(limit=1000))
    assert asked not in f"{letter} {lines}"


def test_wrong_numbers_are_counted_but_few(walk: Walk, asked: str) -> None:
    for _ in range(3):
        assert try_number(walk, asked, other_than(shown("SN-00", walk.now))).verdict is Verdict.WRONG_CODE
    assert letters(walk, Occasion.EXPIRY)[0].outcome is None
    assert try_number(walk, asked, shown("SN-00", walk.now)).verdict is Verdict.ACCEPTED


def test_a_stopped_device_is_not_tried_behind_the_link(walk: Walk, asked: str) -> None:
    walk.report()
    assert try_number(walk, asked, shown("SN-00", walk.now)).verdict is Verdict.ON_HOLD
    assert letters(walk, Occasion.EXPIRY)[0].wrong == 0


def test_who_is_getting_a_new_one_is_not_reminded(walk: Walk) -> None:
    ends(walk, "SN-00", END)
    walk.submitted()
    assert round_of_the_day(walk) == 0


@pytest.mark.parametrize(
    ("last", "occasion"),
    [
        pytest.param(datetime(2026, 1, 24, 3, tzinfo=UTC), None, id="nine-months"),
        pytest.param(datetime(2026, 1, 23, 3, tzinfo=UTC), Occasion.DORMANT, id="ten-months"),
    ],
)
def test_what_will_rest_is_announced_at_ten_months(walk: Walk, last: datetime, occasion: Occasion | None) -> None:
    used(walk, "SN-00", last)
    used(walk, "SN-01", walk.now)
    assert round_of_the_day(walk) == (occasion is not None)
    due = walk.look(lambda uow: reminders_due(walk.member.id, uow=uow, now=walk.now))
    assert [one.occasion for one in due] == ([] if occasion is None else [occasion])
    assert round_of_the_day(walk) == 0


def test_a_clock_that_will_be_lost_is_told_of(walk: Walk) -> None:
    token = walk.token("SN-00")
    readings = tuple(DriftSample(walk.now - timedelta(days=20 * n), 9 - n) for n in reversed(range(8)))
    row = Health(id=token.id, institution_id=walk.inside, samples=readings, drift_on=date(2026, 12, 30))
    walk.edit(lambda uow: uow.health.add(row))
    assert round_of_the_day(walk) == 1
    assert walk.told("reminder") == {("m1001", "reminder_drift", "sms")}


def test_a_taken_number_reads_the_clock_where_it_is_off(walk: Walk) -> None:
    assert walk.verify(shown("SN-00", walk.now + timedelta(minutes=1))) is Verdict.ACCEPTED
    (row,) = walk.look(lambda uow: uow.health.find())
    assert [one.steps for one in row.samples] == [1]
    assert row.drift_on is None


def test_a_device_without_data_has_no_forecast(walk: Walk) -> None:
    assert walk.verify(shown("SN-00", walk.now)) is Verdict.ACCEPTED
    assert walk.look(lambda uow: uow.health.find()) == []
    assert read_clocks(walk.inside, house=walk.house) == 0


def test_what_the_codes_taught_is_read_once_a_day(walk: Walk) -> None:

    for week in range(6):
        token = walk.token("SN-00")
        now = replace(token, drift_steps=2 + week, used_at=walk.now)
        walk.edit(lambda uow, now=now: uow.tokens.save(now))  # type: ignore[misc]
        assert read_clocks(walk.inside, house=walk.house) == 1
        assert read_clocks(walk.inside, house=walk.house) == 1
        walk.clock.move(days=14)
    (row,) = walk.look(lambda uow: uow.health.find())
    assert [one.steps for one in row.samples] == [2, 3, 4, 5, 6, 7]
    assert row.drift_on is not None
