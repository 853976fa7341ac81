"""How a notice goes: written, handed to a provider, and what the provider says became of it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from otpward.core.lifecycle.table import follow


class NoticeState(StrEnum):
    """Where it stands."""

    QUEUED = "queued"
    HANDING = "handing"
    """It is being handed over at this moment; found so after a crash, nobody knows whether the provider has it."""
    HANDED_OVER = "handed_over"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """The provider may have it, or says nothing more of it."""


class NoticeEvent(StrEnum):
    """What can happen to it."""

    BEGIN = "begin"
    TAKE = "take"
    """A provider took it."""
    WAIT = "wait"
    """No provider has it; it is tried again."""
    DELIVER = "deliver"
    FAIL = "fail"
    LOSE = "lose"
    """Nobody knows."""


NOTICE: Final[Mapping[NoticeState, Mapping[NoticeEvent, NoticeState]]] = {
    NoticeState.QUEUED: {NoticeEvent.BEGIN: NoticeState.HANDING, NoticeEvent.FAIL: NoticeState.FAILED},
    NoticeState.HANDING: {
        NoticeEvent.TAKE: NoticeState.HANDED_OVER,
        NoticeEvent.WAIT: NoticeState.QUEUED,
        NoticeEvent.FAIL: NoticeState.FAILED,
        NoticeEvent.LOSE: NoticeState.UNKNOWN,
    },
    NoticeState.HANDED_OVER: {
        NoticeEvent.DELIVER: NoticeState.DELIVERED,
        NoticeEvent.FAIL: NoticeState.FAILED,
        NoticeEvent.LOSE: NoticeState.UNKNOWN,
    },
    NoticeState.UNKNOWN: {NoticeEvent.DELIVER: NoticeState.DELIVERED, NoticeEvent.FAIL: NoticeState.FAILED},
    NoticeState.DELIVERED: {},
    NoticeState.FAILED: {},
}


def advance_notice(state: NoticeState, event: NoticeEvent) -> NoticeState:
    """The state after `event`; raises `IllegalTransition`."""
    return follow(NOTICE, state, event)
