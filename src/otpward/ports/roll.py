"""The devices in use, many at a time: who is asked by a campaign, what will end when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from otpward.core.ids import BranchId, MemberId, TokenId
from otpward.core.model.campaign import Chosen
from otpward.core.model.reminder import Outcome
from otpward.core.policy.forecast import Cause


@dataclass(frozen=True, slots=True, kw_only=True)
class InUse:
    """One device in use, and who uses it."""

    token_id: TokenId
    member_id: MemberId
    branch_id: BranchId | None
    model: str
    expires_on: date | None
    battery_until: date | None
    drift_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """So many devices of a branch end in a month, by this cause."""

    month: date
    branch_id: BranchId | None
    cause: Cause
    count: int


class Roll(Protocol):
    """All devices in use of an institution, in the order of their keys."""

    def page(self, chosen: Chosen, *, limit: int, after: TokenId | None = None) -> Sequence[InUse]:
        """Up to `limit` of those that meet the conditions, behind `after`."""
        ...

    def count(self, chosen: Chosen) -> int:
        """How many members use one of them."""
        ...

    def answers(self, campaign_id: UUID, outcome: Outcome | None, *, limit: int, after: UUID | None = None) -> Sequence[UUID]:
        """Keys of the reminders of a campaign that ended so (None: not yet), behind `after`."""
        ...

    def standing(self, campaign_id: UUID) -> Mapping[Outcome | None, int]:
        """How many reminders of a campaign ended how."""
        ...

    def endings(self, first: date, last: date, branch_id: BranchId | None = None) -> Sequence[Ending]:
        """How many end between these days, by month, branch and cause. A device with two causes is in both."""
        ...

    def drifted(self, *, limit: int, after: TokenId | None = None) -> Sequence[tuple[TokenId, int, datetime]]:
        """Devices with a clock that is not as it was last read: key, steps ahead, last use."""
        ...
