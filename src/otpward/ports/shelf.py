"""The shelf as a whole: how many devices are where, which a count has not met, and which a search finds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from otpward.core.ids import BranchId, MemberId
from otpward.core.lifecycle.place import Place
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.token import Device, Token


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """So many devices of one model in one place and state."""

    place: Place
    branch_id: BranchId | None
    model: str
    state: TokenState
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfQuery:
    """What a search asks for; what is not set does not matter."""

    state: TokenState | None = None
    branch_id: BranchId | None = None
    member_id: MemberId | None = None


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a page of a search ended."""

    at: datetime
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A device and its token."""

    device: Device
    token: Token


class Shelf(Protocol):
    """Questions about many devices at once."""

    def sums(self) -> Sequence[Sum]:
        """All that are not with members, by place, branch, model and state."""
        ...

    def missing(self, count_id: UUID, branch_id: BranchId, *, limit: int) -> Sequence[Device]:
        """Up to `limit` devices that should lie at this branch and have no line in this count."""
        ...

    def page(self, wanted: ShelfQuery, *, limit: int, after: Spot | None = None) -> Sequence[Found]:
        """Up to `limit` devices that meet this, those stocked last first."""
        ...
