"""The lives of a box between branches and of a count."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from otpward.core.lifecycle.table import follow


class TransferState(StrEnum):
    """A box of devices from one branch to another."""

    PACKING = "packing"
    SENT = "sent"
    RECEIVED = "received"
    CLOSED = "closed"
    DROPPED = "dropped"


class TransferEvent(StrEnum):
    """What can happen to it: it leaves or is unpacked again; its last device is scanned, or what is missing is given up."""

    SEND = "send"
    DROP = "drop"
    RECEIVE = "receive"
    CLOSE = "close"


TRANSFER: Final[Mapping[TransferState, Mapping[TransferEvent, TransferState]]] = {
    TransferState.PACKING: {
        TransferEvent.SEND: TransferState.SENT,
        TransferEvent.DROP: TransferState.DROPPED,
    },
    TransferState.SENT: {
        TransferEvent.RECEIVE: TransferState.RECEIVED,
        TransferEvent.CLOSE: TransferState.CLOSED,
    },
    TransferState.RECEIVED: {},
    TransferState.CLOSED: {},
    TransferState.DROPPED: {},
}


class CountState(StrEnum):
    """A count of a branch."""

    OPEN = "open"
    SETTLING = "settling"
    DONE = "done"


class CountEvent(StrEnum):
    """What can happen to it: nothing more is scanned, and the last difference is settled."""

    END = "end"
    SETTLE = "settle"


COUNT: Final[Mapping[CountState, Mapping[CountEvent, CountState]]] = {
    CountState.OPEN: {CountEvent.END: CountState.SETTLING},
    CountState.SETTLING: {CountEvent.SETTLE: CountState.DONE},
    CountState.DONE: {},
}


def advance_transfer(state: TransferState, event: TransferEvent) -> TransferState:
    """The state after `event`; raises `IllegalTransition`."""
    return follow(TRANSFER, state, event)


def advance_count(state: CountState, event: CountEvent) -> CountState:
    """The state after `event`; raises `IllegalTransition`."""
    return follow(COUNT, state, event)
