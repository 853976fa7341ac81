"""Which papers an application asks for, how each can be shown, and whether one that was sent is fresh enough."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import ClassVar, Final

from otpward.core.errors import Invalid
from otpward.core.model.case import Delivery, Documents
from otpward.core.policy.applicants import whole_months
from otpward.core.policy.document.model import Said
from otpward.core.policy.document.requirement import Requirement
from otpward.core.policy.papers import Paper

KEEP_AT_MOST: Final = timedelta(days=365 * 5)
"""Whatever becomes of the application (전자금융거래법 §22)."""
_HANDED_OVER: Final[Mapping[Delivery, Documents]] = {
    Delivery.BRANCH: Documents.AT_COUNTER,
    Delivery.POST: Documents.ON_DELIVERY,
}


class DayFlaw(StrEnum):
    """What is wrong with the day on which a paper was issued."""

    NO_DAY = "no_day"
    NOT_YET = "not_yet"
    TOO_OLD = "too_old"


class NotFresh(Invalid):
    """The paper must be fresh, and the day on which it was issued does not show it (field `issued_on`)."""

    code: ClassVar[str] = "not_fresh"

    def __init__(self, flaw: DayFlaw) -> None:
        super().__init__(f"the day of issue: {flaw}", field="issued_on")
        self.flaw = flaw


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedPaper:
    """One paper: its name in the policy; the kinds of which one will do, none where it is no proof of identity; issued within
    `months` (0: any time); whether it can be sent as a picture, and whether it can be shown when the device is handed over."""

    item: str
    title: Said
    kinds: tuple[Paper, ...] = ()
    months: int = 0
    sent: bool = True
    shown: bool = False


def asked_papers(asked: Requirement) -> tuple[AskedPaper, ...]:
    """The papers that this takes, in order."""
    return tuple(
        AskedPaper(
            item=one.document.name,
            title=one.document.title,
            kinds=one.document.identity,
            months=one.document.months,
            sent="upload" in one.ways,
            shown=bool({"counter", "delivery"} & set(one.ways)),
        )
        for one in asked.papers
    )


def asked_paper(asked: Requirement, item: str) -> AskedPaper | None:
    """The one of this name, if it is among them."""
    return next((one for one in asked_papers(asked) if one.item == item), None)


def settled(asked: Requirement, sent: Collection[str]) -> Documents | None:
    """How the papers are shown, of which these were sent: what can be shown when the device is handed over, is shown then
    unless it was sent. None while one is missing."""
    papers = asked_papers(asked)
    left = [one for one in papers if one.item not in sent]
    if not papers:
        return Documents.PROOF_ONLY
    if not left:
        return Documents.SENT
    return _HANDED_OVER[asked.delivery] if all(one.shown for one in left) else None


def day_flaw(issued_on: date | None, months: int, today: date) -> DayFlaw | None:
    """What is wrong with this day for a paper that is issued within so many months; of one that may be of any age, nothing."""
    if not months:
        return None
    if issued_on is None:
        return DayFlaw.NO_DAY
    if issued_on > today:
        return DayFlaw.NOT_YET
    months_old = whole_months(issued_on, today)
    fresh = months_old < months or (months_old == months and issued_on.day == today.day)
    return None if fresh else DayFlaw.TOO_OLD
