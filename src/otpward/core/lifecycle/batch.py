"""The life of a batch: parcels that are packed, labelled and handed in together."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from otpward.core.lifecycle.table import follow


class BatchState(StrEnum):
    """Where a batch stands: being packed, its labels printed, handed in; or given up, with its parcels free again."""

    PACKING = "packing"
    LABELLED = "labelled"
    HANDED_IN = "handed_in"
    DISSOLVED = "dissolved"


class BatchEvent(StrEnum):
    """What can happen to a batch."""

    PRINT_LABELS = "print_labels"
    CHANGE = "change"
    VOID_LABEL = "void_label"
    HAND_IN = "hand_in"
    DISSOLVE = "dissolve"


BATCH: Final[Mapping[BatchState, Mapping[BatchEvent, BatchState]]] = {
    BatchState.PACKING: {
        BatchEvent.PRINT_LABELS: BatchState.LABELLED,
        BatchEvent.CHANGE: BatchState.PACKING,
        BatchEvent.DISSOLVE: BatchState.DISSOLVED,
    },
    BatchState.LABELLED: {
        BatchEvent.PRINT_LABELS: BatchState.LABELLED,
        BatchEvent.CHANGE: BatchState.LABELLED,
        BatchEvent.VOID_LABEL: BatchState.PACKING,
        BatchEvent.HAND_IN: BatchState.HANDED_IN,
        BatchEvent.DISSOLVE: BatchState.DISSOLVED,
    },
    BatchState.HANDED_IN: {},
    BatchState.DISSOLVED: {},
}


def advance_batch(state: BatchState, event: BatchEvent) -> BatchState:
    """The state after `event`; raises `IllegalTransition`."""
    return follow(BATCH, state, event)
