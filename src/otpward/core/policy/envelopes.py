"""Whether the scanned device belongs into this envelope; a wrong one stops here, each for its own reason."""

from collections.abc import Mapping
from enum import StrEnum

from otpward.core.ids import BranchId, TokenId
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.delivery import Shipment
from otpward.core.model.token import Device, Token


class Misfit(StrEnum):
    """Why a device does not go into this envelope. In this order: what the person with the scanner must know first."""

    UNKNOWN = "unknown"
    ENDED = "ended"
    """Retired or destroyed."""
    TWICE = "twice"
    """It is in its envelope already."""
    NEIGHBOUR = "neighbour"
    """It belongs into another envelope of this batch."""
    ANOTHER_CASE = "another_case"
    """It is set aside for an application that is not in this batch."""
    ANOTHER_BRANCH = "another_branch"
    STOPPED = "stopped"
    NOT_SET_ASIDE = "not_set_aside"
    """It lies on this shelf for nobody, or is quarantined."""
    IN_USE = "in_use"
    """It is in somebody's hands, or on its way there."""


_ENDED = frozenset({TokenState.RETIRED, TokenState.DESTROYED})
_GONE = frozenset({TokenState.IN_TRANSIT, TokenState.ISSUED, TokenState.REGISTERED, TokenState.ACTIVE})


def misfit_of(
    token: Token | None, device: Device | None, *, envelope: Shipment, batch: Mapping[TokenId, Shipment], branch_id: BranchId
) -> Misfit | None:
    """Why this device does not go into this envelope; None if it does. `batch` is every envelope by the device it waits for."""
    if token is None or device is None:
        return Misfit.UNKNOWN
    if token.state in _ENDED:
        return Misfit.ENDED
    planned = batch.get(token.id)
    if planned is not None and planned.packed_at is not None:
        return Misfit.TWICE
    if token.holds:
        return Misfit.STOPPED
    if token.id == envelope.token_id and token.state is TokenState.RESERVED:
        return None
    if planned is not None:
        return Misfit.NEIGHBOUR
    if token.state in _GONE:
        return Misfit.IN_USE
    if device.branch_id != branch_id:
        return Misfit.ANOTHER_BRANCH
    return Misfit.ANOTHER_CASE if device.case_id is not None else Misfit.NOT_SET_ASIDE
