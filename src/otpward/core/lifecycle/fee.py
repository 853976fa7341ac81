"""The life of a fee: due, then waived, paid or no longer asked; what was paid can be given back."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from otpward.core.lifecycle.table import follow


class FeeState(StrEnum):
    """What has become of it."""

    DUE = "due"
    WAIVED = "waived"
    PAID = "paid"
    REFUNDED = "refunded"
    DROPPED = "dropped"
    """Nothing was paid, and the application came to nothing."""


class FeeEvent(StrEnum):
    """What can happen to it."""

    WAIVE = "waive"
    PAY = "pay"
    REFUND_PART = "refund_part"
    REFUND = "refund"
    DROP = "drop"


FEE: Final[Mapping[FeeState, Mapping[FeeEvent, FeeState]]] = {
    FeeState.DUE: {FeeEvent.WAIVE: FeeState.WAIVED, FeeEvent.PAY: FeeState.PAID, FeeEvent.DROP: FeeState.DROPPED},
    FeeState.WAIVED: {},
    FeeState.PAID: {FeeEvent.REFUND_PART: FeeState.PAID, FeeEvent.REFUND: FeeState.REFUNDED},
    FeeState.REFUNDED: {},
    FeeState.DROPPED: {},
}


def advance_fee(state: FeeState, event: FeeEvent) -> FeeState:
    """The state after `event`; raises `IllegalTransition`."""
    return follow(FEE, state, event)
