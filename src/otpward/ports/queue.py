"""Many cases, as a queue reads them: a page at a time, and never more rows than it shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from otpward.core.ids import BranchId, MemberId
from otpward.core.lifecycle.case import CaseState
from otpward.core.model.case import Case, Delivery, Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which cases. `states` says for each state before which moment such a case must have begun to wait; None is "any".

    `number` and `member_id` name one case, or one member's; `nobodys` asks for those that nobody has taken.
    """

    states: Mapping[CaseState, datetime | None] = field(default_factory=lambda: dict.fromkeys(CaseState))
    reason: Reason | None = None
    delivery: Delivery | None = None
    branch_id: BranchId | None = None
    assigned_to: MemberId | None = None
    nobodys: bool = False
    number: str | None = None
    member_id: MemberId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in the queue a case stands."""

    since: datetime
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a queue stands: how many wait, since when the first of them, how many too long."""

    count: int
    oldest: datetime | None
    late: int


class CaseQueue(Protocol):
    """Cases in the order in which they began to wait."""

    def page(self, wanted: Wanted, *, limit: int, newest: bool = False, after: Place | None = None) -> Sequence[Case]:
        """Up to `limit` of them behind `after`, the longest waiting first, or the `newest`."""
        ...

    def count(self, wanted: Wanted, *, most: int) -> int:
        """How many there are; counting stops at `most`."""
        ...

    def stand(self, wanted: Wanted, *, late_before: datetime | None, most: int) -> Standing:
        """How the queue stands; the longest waiting are looked at, up to `most`."""
        ...
