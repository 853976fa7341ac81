"""Which version of the policy is in force when, from when one can be, and what goes before the first."""

from collections.abc import Iterable
from datetime import date, datetime, time
from enum import StrEnum
from typing import ClassVar, Final

from otpward.core.errors import Invalid
from otpward.core.lifecycle.policy import PolicyState
from otpward.core.model.institution import Institution
from otpward.core.model.policy_version import PolicyVersion
from otpward.core.policy.notices import KST

YEARS_AHEAD: Final = 2
"""A day further off than that is a slip of the pen."""


class PastDate(Invalid):
    """A policy cannot be in force from a day that is over."""

    code: ClassVar[str] = "past_date"


class FarDate(Invalid):
    """The day is more than two years off."""

    code: ClassVar[str] = "far_date"


class Standing(StrEnum):
    """Where a version stands, as people read it."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    COMING = "coming"
    IN_FORCE = "in_force"
    OVER = "over"
    WITHDRAWN = "withdrawn"


def in_force(versions: Iterable[PolicyVersion], now: datetime) -> PolicyVersion | None:
    """The approved version whose day came last; None before the first."""
    begun = [
        (one.effective_at, one.number, one)
        for one in versions
        if one.state is PolicyState.APPROVED and one.effective_at is not None and one.effective_at <= now
    ]
    return max(begun, key=lambda told: told[:2])[2] if begun else None


def standing(one: PolicyVersion, current: PolicyVersion | None, now: datetime) -> Standing:
    """Where this version stands, if `current` is the one in force."""
    match one.state:
        case PolicyState.APPROVED if current is not None and one.id == current.id:
            return Standing.IN_FORCE
        case PolicyState.APPROVED:
            return Standing.COMING if one.effective_at is not None and one.effective_at > now else Standing.OVER
        case PolicyState.SUPERSEDED:
            return Standing.OVER
        case _:
            return Standing(one.state.value)


def begins(day: date, now: datetime) -> datetime:
    """The moment from which a version is in force that is meant for this day: its first, here in Korea; today, this very one.

    Raises:
        PastDate: the day is over.
        FarDate: it is more than two years off.
    """
    today = now.astimezone(KST).date()
    if day < today:
        raise PastDate("the day is over", field="effective_on")
    if day.year > today.year + YEARS_AHEAD:
        raise FarDate("the day is more than two years off", field="effective_on")
    return now if day == today else datetime.combine(day, time.min, KST)


def years_before(at: datetime, years: int) -> datetime:
    """The same moment so many years earlier; of the 29th of February, the 28th's."""
    day = at.day if (at.month, at.day) != (2, 29) else 28
    return at.replace(year=at.year - years, day=day)


def day_of(at: datetime) -> date:
    """The day that this moment is in, here in Korea."""
    return at.astimezone(KST).date()


def first_text(institution: Institution) -> str:
    """The policy of an institution that has approved none: the default, with what it was opened with."""
    terms = f"fee_won = {institution.fee_won}\ntwo_people = {str(institution.two_people).lower()}\n"
    return f"[rules.all]\n{terms}"
