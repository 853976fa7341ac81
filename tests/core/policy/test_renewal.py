"""Renewal without application: 전자금융거래법 시행령 §6①, day by day."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otpward.core.policy.renewal import Planned, Renewal, may_renew, months_before, objection_until, tell_until

ON = date(2027, 8, 31)
USED = Planned(on=ON, used_on=date(2027, 7, 1), told_on=date(2027, 7, 20))
UNUSED = Planned(on=ON, used_on=date(2027, 2, 27))
TODAY = date(2027, 8, 15)

CASES = {
    "used, told in time, nobody objected": (USED, TODAY, Renewal.ALLOWED),
    "used, not told": (replace(USED, told_on=None), TODAY, Renewal.TELL_FIRST),
    "used, told exactly a month before": (replace(USED, told_on=date(2027, 7, 31)), ON, Renewal.ALLOWED),
    "used, told a day too late": (replace(USED, told_on=date(2027, 8, 1)), ON, Renewal.TOLD_TOO_LATE),
    "used, on the last day to object": (USED, date(2027, 8, 9), Renewal.MAY_STILL_OBJECT),
    "used, the day after": (USED, date(2027, 8, 10), Renewal.ALLOWED),
    "used, objected": (replace(USED, objected_on=date(2027, 8, 9)), TODAY, Renewal.OBJECTED),
    "used six months before to the day": (replace(USED, used_on=date(2027, 2, 28)), TODAY, Renewal.ALLOWED),
    "used a day more than six months before": (replace(USED, used_on=date(2027, 2, 27)), TODAY, Renewal.CONSENT_NEEDED),
    "never used": (replace(USED, used_on=None), TODAY, Renewal.CONSENT_NEEDED),
    "not used, told, no consent": (replace(UNUSED, told_on=date(2027, 7, 1)), TODAY, Renewal.CONSENT_NEEDED),
    "not used, consented": (replace(UNUSED, consented=True), TODAY, Renewal.ALLOWED),
    "not used, consented, then objected": (replace(UNUSED, consented=True, objected_on=TODAY), TODAY, Renewal.OBJECTED),
    "used, consented, not told": (replace(USED, told_on=None, consented=True), TODAY, Renewal.ALLOWED),
}


@pytest.mark.parametrize(("plan", "today", "answer"), CASES.values(), ids=CASES.keys())
def test_a_renewal_goes_ahead_only_as_the_decree_says(plan: Planned, today: date, answer: Renewal) -> None:
    assert may_renew(plan, today) is answer


MONTHS = {
    "a plain day": (date(2027, 8, 15), 6, date(2027, 2, 15)),
    "a day that the month lacks": (date(2027, 8, 31), 6, date(2027, 2, 28)),
    "in a leap year": (date(2028, 8, 31), 6, date(2028, 2, 29)),
    "over the new year": (date(2027, 3, 1), 6, date(2026, 9, 1)),
    "in December": (date(2027, 1, 31), 1, date(2026, 12, 31)),
}


@pytest.mark.parametrize(("day", "months", "before"), MONTHS.values(), ids=MONTHS.keys())
def test_months_are_those_of_the_calendar(day: date, months: int, before: date) -> None:
    assert months_before(day, months) == before


DAYS = st.dates(date(2020, 1, 1), date(2040, 1, 1))


@given(on=DAYS, used=DAYS, told=DAYS, today=DAYS)
def test_nothing_is_renewed_silently(on: date, used: date, told: date, today: date) -> None:
    """Without consent it goes ahead only where a notice lies a month before its day and twenty days behind us."""
    plan = Planned(on=on, used_on=used, told_on=told)
    if may_renew(plan, today) is Renewal.ALLOWED:
        assert told <= tell_until(on)
        assert today > objection_until(told) == told + timedelta(days=20)
        assert used >= months_before(on, 6)
