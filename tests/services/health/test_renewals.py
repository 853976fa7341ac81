"""A device that will end is replaced before it does, as the law allows."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from otpward.core.lifecycle.case import CaseState
from otpward.core.model.case import Case, Delivery, Reason
from otpward.core.model.consent import Purpose
from otpward.core.model.reminder import Occasion, Outcome
from otpward.core.model.renewal import RenewalPlan
from otpward.core.secret import Personal
from otpward.services.health.begin_renewals import begin_renewals
from otpward.services.health.object_to_renewal import ObjectToRenewal, object_to_renewal
from otpward.services.health.plan_renewals import plan_renewals, planned_on
from tests.services.health.looking_after import ends, letters, newest_link, round_of_the_day, used
from tests.services.walk import Walk

END = date(2027, 1, 22)
"""Sixty days from now."""


def plan(walk: Walk) -> int:
    return plan_renewals(walk.inside, house=walk.house)


def begin(walk: Walk) -> int:
    return begin_renewals(walk.inside, house=walk.house)


def plans(walk: Walk) -> list[RenewalPlan]:
    return walk.look(lambda uow: uow.renewals.find())


def renewed(walk: Walk) -> list[Case]:
    return walk.look(lambda uow: uow.cases.find(reason=Reason.EXPIRING))


@pytest.fixture
def announced(walk: Walk) -> Walk:
    """The member uses the device, and was told today that a new one will come."""
    used(walk, "SN-00", walk.now - timedelta(days=3))
    ends(walk, "SN-00", END)
    assert plan(walk) == 1
    return walk


def test_its_holder_is_told_with_the_day_until_which_to_object(announced: Walk) -> None:
    (one,) = plans(announced)
    assert (one.planned_on, one.told_on) == (date(2027, 1, 8), date(2026, 11, 23))
    (letter,) = letters(announced, Occasion.RENEWAL)
    assert letter.until >= announced.now + timedelta(days=20)
    (notice,) = announced.look(lambda uow: uow.notices.find(template="reminder_renewal"))
    assert "12월 13일" in notice.text.reveal()


def test_told_once_and_not_of_the_end_as_well(announced: Walk) -> None:
    assert plan(announced) == 0
    assert round_of_the_day(announced) == 0
    announced.clock.move(days=30)
    assert round_of_the_day(announced) == 1


def test_nothing_begins_while_they_may_object(announced: Walk) -> None:
    for _ in range(20):
        announced.clock.move(days=1)
        assert begin(announced) == 0
    assert renewed(announced) == []


def test_then_a_case_opens_filled_in_and_waits_for_the_way(announced: Walk) -> None:
    announced.clock.move(days=33)
    assert begin(announced) == 1
    (case,) = renewed(announced)
    assert (case.state, case.old_serial, case.member_id) == (CaseState.DRAFT, "SN-00", announced.member.id)
    assert begin(announced) == 0
    assert announced.start().id == case.id


def test_where_the_last_one_was_posted_it_is_sent_without_a_word(announced: Walk) -> None:
    old = Case(
        id=announced.start().id,
        institution_id=announced.inside,
        number="R-1",
        member_id=announced.member.id,
        state=CaseState.DONE,
        open_key=None,
        reason=Reason.LOST,
        delivery=Delivery.POST,
        address=Personal("서울 중구 세종대로 1"),
        opened_at=announced.now,
        closed_at=announced.now,
    )
    announced.edit(lambda uow: uow.cases.save(old))
    announced.clock.move(days=33)
    assert begin(announced) == 1
    (case,) = renewed(announced)
    assert (case.state, case.delivery, case.address.reveal()) == (CaseState.SUBMITTED, Delivery.POST, "서울 중구 세종대로 1")
    assert {kind for _, kind, _ in announced.told("submitted")} == {"case_submitted"}


def test_an_objection_ends_it(announced: Walk) -> None:
    link = newest_link(announced)
    answered = announced.do(lambda desk: object_to_renewal(ObjectToRenewal(link=link), desk=desk))
    assert answered.outcome is Outcome.OBJECTED
    announced.clock.move(days=40)
    assert (begin(announced), plan(announced), renewed(announced)) == (0, 0, [])


def test_unused_for_six_months_it_takes_consent(walk: Walk) -> None:
    used(walk, "SN-00", walk.now - timedelta(days=200))
    ends(walk, "SN-00", END)
    assert plan(walk) == 1
    assert letters(walk, Occasion.RENEWAL) == []
    walk.clock.move(days=33)
    assert begin(walk) == 0
    walk.agree(Purpose.RENEWAL)
    assert begin(walk) == 1


def test_who_applies_first_is_not_renewed(announced: Walk) -> None:
    announced.submitted()
    announced.clock.move(days=33)
    assert begin(announced) == 0
    assert plans(announced)[0].closed


def test_a_plan_is_dropped_at_the_end_of_its_device(walk: Walk) -> None:
    used(walk, "SN-00", walk.now - timedelta(days=200))
    ends(walk, "SN-00", END)
    plan(walk)
    walk.clock.move(days=61)
    assert begin(walk) == 0
    assert plans(walk)[0].closed


@pytest.mark.parametrize("days", [1, 20, 31], ids=lambda days: f"{days}-days")
def test_too_late_to_tell_is_not_planned(walk: Walk, days: int) -> None:
    used(walk, "SN-00", walk.now)
    ends(walk, "SN-00", walk.now.date() + timedelta(days=days - 1))
    assert plan(walk) == 0


def test_the_day_is_two_weeks_before_the_end_or_as_soon_as_it_may_be() -> None:
    today = date(2026, 11, 23)
    assert planned_on(date(2027, 1, 22), today) == date(2027, 1, 8)
    assert planned_on(date(2027, 1, 1), today) == date(2026, 12, 24)


def test_who_cannot_be_reached_is_not_renewed(walk: Walk) -> None:
    used(walk, "SN-00", walk.now)
    ends(walk, "SN-00", END)
    gone = replace(walk.look(lambda uow: uow.members.get(walk.member.id)), phone=Personal(""), email=Personal(""))
    walk.edit(lambda uow: uow.members.save(gone))
    assert plan(walk) == 0
