"""How a change of a contact goes: asked for, then changed once the new contact has shown itself, or over."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from otpward.core.lifecycle.table import follow


class ChangeState(StrEnum):
    """Where it stands."""

    ASKED = "asked"
    CHANGED = "changed"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class ChangeEvent(StrEnum):
    """What can happen to it."""

    SHOW = "show"
    """The new contact has shown itself."""
    FAIL = "fail"
    EXPIRE = "expire"
    CANCEL = "cancel"


CHANGE: Final[Mapping[ChangeState, Mapping[ChangeEvent, ChangeState]]] = {
    ChangeState.ASKED: {
        ChangeEvent.SHOW: ChangeState.CHANGED,
        ChangeEvent.FAIL: ChangeState.FAILED,
        ChangeEvent.EXPIRE: ChangeState.EXPIRED,
        ChangeEvent.CANCEL: ChangeState.CANCELLED,
    },
    ChangeState.CHANGED: {},
    ChangeState.FAILED: {},
    ChangeState.EXPIRED: {},
    ChangeState.CANCELLED: {},
}


def advance_change(state: ChangeState, event: ChangeEvent) -> ChangeState:
    """The state after `event`; raises `IllegalTransition`."""
    return follow(CHANGE, state, event)
