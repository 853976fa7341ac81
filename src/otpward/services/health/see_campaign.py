"""How a campaign stands: how many were asked, and what came of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from otpward.core.ids import MemberId
from otpward.core.model.campaign import Campaign, Chosen
from otpward.core.model.reminder import Outcome, Reminder
from otpward.ports.roll import InUse
from otpward.ports.unit_of_work import Among, UnitOfWork

SAMPLE: Final = 5
_PAGE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Every member that was asked is in one of these; `unreached` have no address and were not."""

    asked: int
    good: int
    fixed: int
    failed: int
    silent: int
    unreached: int

    @property
    def answered(self) -> int:
        """How many have done something."""
        return self.good + self.fixed + self.failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """How many members would be asked, and a few of their devices."""

    count: int
    sample: tuple[InUse, ...]


def see_progress(campaign: Campaign, *, uow: UnitOfWork) -> Progress:
    """Counted in the index, however many they are."""
    counts = uow.roll.standing(campaign.id)
    unreached = counts.get(Outcome.UNREACHED, 0)
    return Progress(
        asked=sum(counts.values()) - unreached,
        good=counts.get(Outcome.GOOD, 0),
        fixed=counts.get(Outcome.FIXED, 0),
        failed=counts.get(Outcome.FAILED, 0),
        silent=counts.get(None, 0),
        unreached=unreached,
    )


def preview(chosen: Chosen, *, uow: UnitOfWork) -> Preview:
    """What these conditions mean now."""
    return Preview(count=uow.roll.count(chosen), sample=tuple(uow.roll.page(chosen, limit=SAMPLE)))


def every_reminder(campaign_id: UUID, *, uow: UnitOfWork) -> Iterator[Reminder]:
    """All of them by what came of them, a page at a time."""
    for outcome in (*Outcome, None):
        after: UUID | None = None
        while True:
            keys = uow.roll.answers(campaign_id, outcome, limit=_PAGE, after=after)
            rows = {one.id: one for one in uow.reminders.find(id=Among(frozenset(keys)))} if keys else {}
            yield from (rows[key] for key in keys)
            if len(keys) < _PAGE:
                break
            after = keys[-1]


def reminders_of(member_id: MemberId, *, uow: UnitOfWork, most: int = 20) -> list[Reminder]:
    """What this member was asked, newest first."""
    return uow.reminders.find(member_id=member_id, order="-made_at", limit=most)
