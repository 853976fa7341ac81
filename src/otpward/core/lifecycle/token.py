"""The life of a token, from the shelf to its destruction, and the holds that can stop it on the way."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from otpward.core.lifecycle.table import follow


class TokenState(StrEnum):
    """Where a token is in its life: exactly one at a time."""

    IN_STOCK = "in_stock"
    RESERVED = "reserved"
    IN_TRANSIT = "in_transit"
    QUARANTINED = "quarantined"
    ISSUED = "issued"
    REGISTERED = "registered"
    ACTIVE = "active"
    RETIRED = "retired"
    DESTROYED = "destroyed"


class TokenEvent(StrEnum):
    """What can happen to it."""

    RESERVE = "reserve"
    TRANSFER = "transfer"
    RELEASE = "release"
    DISPATCH = "dispatch"
    HAND_OVER = "hand_over"
    DELIVER = "deliver"
    RETURN_TO_SENDER = "return_to_sender"
    GO_MISSING = "go_missing"
    RESTOCK = "restock"
    WRITE_OFF = "write_off"
    REGISTER = "register"
    UNREGISTER = "unregister"
    HAND_BACK = "hand_back"
    QUARANTINE = "quarantine"
    ACTIVATE = "activate"
    RETIRE = "retire"
    DESTROY = "destroy"


class Hold(StrEnum):
    """What stops a token beside its state; several can stand at once, each lifted on its own."""

    LOST = "lost"
    STOLEN = "stolen"
    MISUSED = "misused"
    LOCKED = "locked"
    BLOCKED = "blocked"
    DRIFTED = "drifted"
    SUSPENDED = "suspended"
    DORMANT = "dormant"


TRANSITIONS: Final[Mapping[TokenState, Mapping[TokenEvent, TokenState]]] = {
    TokenState.IN_STOCK: {
        TokenEvent.RESERVE: TokenState.RESERVED,
        TokenEvent.TRANSFER: TokenState.IN_STOCK,
        TokenEvent.QUARANTINE: TokenState.QUARANTINED,
        TokenEvent.WRITE_OFF: TokenState.RETIRED,
    },
    TokenState.RESERVED: {
        TokenEvent.RELEASE: TokenState.IN_STOCK,
        TokenEvent.DISPATCH: TokenState.IN_TRANSIT,
        TokenEvent.HAND_OVER: TokenState.ISSUED,
        TokenEvent.WRITE_OFF: TokenState.RETIRED,
    },
    TokenState.IN_TRANSIT: {
        TokenEvent.DELIVER: TokenState.ISSUED,
        TokenEvent.RETURN_TO_SENDER: TokenState.QUARANTINED,
        TokenEvent.GO_MISSING: TokenState.RETIRED,
    },
    TokenState.QUARANTINED: {
        TokenEvent.RESTOCK: TokenState.IN_STOCK,
        TokenEvent.WRITE_OFF: TokenState.RETIRED,
    },
    TokenState.ISSUED: {
        TokenEvent.REGISTER: TokenState.REGISTERED,
        TokenEvent.HAND_BACK: TokenState.QUARANTINED,
        TokenEvent.RETIRE: TokenState.RETIRED,
    },
    TokenState.REGISTERED: {
        TokenEvent.ACTIVATE: TokenState.ACTIVE,
        TokenEvent.UNREGISTER: TokenState.ISSUED,
        TokenEvent.RETIRE: TokenState.RETIRED,
    },
    TokenState.ACTIVE: {TokenEvent.RETIRE: TokenState.RETIRED},
    TokenState.RETIRED: {TokenEvent.DESTROY: TokenState.DESTROYED},
    TokenState.DESTROYED: {},
}

LOSS_HOLDS: Final = frozenset({Hold.LOST, Hold.STOLEN, Hold.MISUSED})
"""The holds a loss report places."""


def advance(state: TokenState, event: TokenEvent) -> TokenState:
    """The state after `event`; no other code sets a token's state.

    Raises:
        IllegalTransition: not possible in this state.
    """
    return follow(TRANSITIONS, state, event)
