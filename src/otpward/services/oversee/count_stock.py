"""How many devices lie where, and in which state."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from otpward.core.ids import BranchId
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.institution import Branch
from otpward.ports.unit_of_work import Among, UnitOfWork

LOW_BELOW: Final = 5
"""Fewer than this on a shelf is low: a working week of a small branch."""

_OFF_THE_SHELF: Final = frozenset({TokenState.RESERVED, TokenState.IN_TRANSIT, TokenState.QUARANTINED})


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchStock:
    """The devices of one branch."""

    branch: Branch
    in_stock: int
    reserved: int
    in_transit: int
    quarantined: int

    @property
    def low(self) -> bool:
        """Whether the shelf should be filled."""
        return self.in_stock < LOW_BELOW


def count_stock(*, uow: UnitOfWork) -> list[BranchStock]:
    """The stock of each branch, by its code.

    A device on a shelf belongs to a branch and to no case; only those set aside, travelling or quarantined are looked at one by
    one, and they are few, however full the shelves are.
    """
    counts: Counter[tuple[BranchId | None, TokenState]] = Counter()
    caseless: Counter[BranchId | None] = Counter()
    for token in uow.tokens.find(state=Among(_OFF_THE_SHELF)):
        device = uow.devices.get(token.id)
        counts[device.branch_id, token.state] += 1
        caseless[device.branch_id] += device.case_id is None
    return [
        BranchStock(
            branch=branch,
            in_stock=uow.devices.count(branch_id=branch.id, case_id=None) - caseless[branch.id],
            reserved=counts[branch.id, TokenState.RESERVED],
            in_transit=counts[branch.id, TokenState.IN_TRANSIT],
            quarantined=counts[branch.id, TokenState.QUARANTINED],
        )
        for branch in uow.branches.find(order="code")
    ]
