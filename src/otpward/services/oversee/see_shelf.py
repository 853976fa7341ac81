"""What lies on a shelf, ready to be given out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from otpward.core.ids import BranchId
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.token import Token
from otpward.ports.unit_of_work import UnitOfWork

_LOOKED_AT: Final = 60
"""So many of the oldest are looked at; where all of those are quarantined or out of date, the shelf wants clearing first."""


def see_shelf(branch_id: BranchId, *, uow: UnitOfWork, now: datetime, limit: int) -> Sequence[Token]:
    """Up to `limit` devices of this branch that may be given out, the one that has lain longest first."""
    shelf: list[Token] = []
    for device in uow.devices.find(branch_id=branch_id, case_id=None, order="stocked_at", limit=_LOOKED_AT):
        token = uow.tokens.get(device.id)
        in_date = token.valid_until is None or now < token.valid_until
        if token.state is TokenState.IN_STOCK and not token.holds and in_date:
            shelf.append(token)
        if len(shelf) == limit:
            break
    return shelf
