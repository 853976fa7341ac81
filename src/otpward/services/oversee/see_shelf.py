"""What lies on a shelf, ready to be given out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from otpward.core.ids import BranchId
from otpward.core.lifecycle.place import Place
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.token import Token
from otpward.core.policy.stock import is_too_old
from otpward.ports.unit_of_work import UnitOfWork

_LOOKED_AT: Final = 60
"""So many of the oldest are looked at; where all of those are quarantined or out of date, the shelf wants clearing first."""


def see_shelf(
    branch_id: BranchId, *, uow: UnitOfWork, now: datetime, limit: int, sha1_until_year: int = 9999
) -> Sequence[Token]:
    """Up to `limit` devices of this branch that may be given out, the one that has lain longest first."""
    shelf: list[Token] = []
    lying: dict[str, Any] = {"state": TokenState.IN_STOCK, "place": Place.BRANCH, "transfer_id": None}
    for device in uow.devices.find(
        branch_id=branch_id, case_id=None, **lying, order="stocked_at", limit=max(_LOOKED_AT, 2 * limit)
    ):
        token = uow.tokens.get(device.id)
        if not token.holds and not is_too_old(token, device, now=now, sha1_until_year=sha1_until_year):
            shelf.append(token)
        if len(shelf) == limit:
            break
    return shelf
