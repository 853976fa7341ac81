"""What happens to the shelf as a whole: a box on its way to another branch, a count, and when a model runs low."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from otpward.core.ids import BranchId, InstitutionId, MemberId, TokenId
from otpward.core.lifecycle.stock import CountState, TransferState


@dataclass(frozen=True, slots=True, kw_only=True)
class StockTransfer:
    """A box of devices from one branch to another. While it is packed its devices lie where they lay, spoken for; what was sent
    and is not `received` is missing until somebody says why."""

    id: UUID
    institution_id: InstitutionId
    from_branch_id: BranchId
    to_branch_id: BranchId
    state: TransferState
    sent: int = 0
    received: int = 0
    begun_at: datetime
    sent_at: datetime | None = None
    sent_by: MemberId | None = None
    ended_at: datetime | None = None
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StockCount:
    """Somebody scans every device of a branch. One is open for a branch at a time."""

    id: UUID
    institution_id: InstitutionId
    branch_id: BranchId
    state: CountState
    begun_at: datetime
    begun_by: MemberId
    ended_at: datetime | None = None
    expected: int = 0
    found: int = 0
    missing: int = 0
    surplus: int = 0
    version: int = 0


class Finding(StrEnum):
    """What one device of a count turned out to be."""

    FOUND = "found"
    MISSING = "missing"
    SURPLUS = "surplus"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class CountLine:
    """One device of a count, as it was scanned or as it should have been; whoever settles it says why."""

    id: UUID
    institution_id: InstitutionId
    count_id: UUID
    token_id: TokenId | None
    serial: str
    finding: Finding
    at: datetime
    settled_at: datetime | None = None
    settled_by: MemberId | None = None
    reason: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRule:
    """From when on a model is low, at a branch or (None) everywhere, and how long its battery lasts (0: not known)."""

    id: UUID
    institution_id: InstitutionId
    branch_id: BranchId | None
    model: str
    low_below: int
    battery_months: int = 0
    version: int = 0
