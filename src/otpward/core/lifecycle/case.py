"""The life of a case: the thread from a report or a request to a working token."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from otpward.core.lifecycle.table import follow


class CaseState(StrEnum):
    """Where a case stands."""

    REPORTED = "reported"
    DRAFT = "draft"
    SUBMITTED = "submitted"
    CHECKING = "checking"
    MORE_NEEDED = "more_needed"
    AWAITING_APPROVAL = "awaiting_approval"
    APPROVED = "approved"
    PREPARING = "preparing"
    IN_TRANSIT = "in_transit"
    READY_TO_COLLECT = "ready_to_collect"
    RECEIVED = "received"
    REGISTERED = "registered"
    DONE = "done"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    EXPIRED = "expired"
    LIFTED = "lifted"


class CaseEvent(StrEnum):
    """What moves it."""

    START = "start"
    SUBMIT = "submit"
    TAKE_UP = "take_up"
    ASK_FOR_MORE = "ask_for_more"
    ANSWER = "answer"
    PROPOSE = "propose"
    APPROVE = "approve"
    SEND_BACK = "send_back"
    LAPSE = "lapse"
    REFUSE = "refuse"
    PREPARE = "prepare"
    SEND_OUT = "send_out"
    SET_OUT = "set_out"
    COME_BACK = "come_back"
    RECEIVE = "receive"
    EXCHANGE = "exchange"
    REGISTER = "register"
    FINISH = "finish"
    CANCEL = "cancel"
    EXPIRE = "expire"
    LIFT = "lift"


_ENDING: Final = {CaseEvent.CANCEL: CaseState.CANCELLED, CaseEvent.EXPIRE: CaseState.EXPIRED}

TRANSITIONS: Final[Mapping[CaseState, Mapping[CaseEvent, CaseState]]] = {
    CaseState.REPORTED: {**_ENDING, CaseEvent.START: CaseState.DRAFT, CaseEvent.LIFT: CaseState.LIFTED},
    CaseState.DRAFT: {**_ENDING, CaseEvent.SUBMIT: CaseState.SUBMITTED},
    CaseState.SUBMITTED: {**_ENDING, CaseEvent.TAKE_UP: CaseState.CHECKING},
    CaseState.CHECKING: {
        **_ENDING,
        CaseEvent.ASK_FOR_MORE: CaseState.MORE_NEEDED,
        CaseEvent.PROPOSE: CaseState.AWAITING_APPROVAL,
        CaseEvent.REFUSE: CaseState.REFUSED,
    },
    CaseState.MORE_NEEDED: {**_ENDING, CaseEvent.ANSWER: CaseState.CHECKING},
    CaseState.AWAITING_APPROVAL: {
        **_ENDING,
        CaseEvent.APPROVE: CaseState.APPROVED,
        CaseEvent.SEND_BACK: CaseState.CHECKING,
        CaseEvent.LAPSE: CaseState.CHECKING,
        CaseEvent.REFUSE: CaseState.REFUSED,
    },
    CaseState.APPROVED: {**_ENDING, CaseEvent.PREPARE: CaseState.PREPARING},
    CaseState.PREPARING: {
        **_ENDING,
        CaseEvent.SEND_OUT: CaseState.IN_TRANSIT,
        CaseEvent.SET_OUT: CaseState.READY_TO_COLLECT,
        CaseEvent.RECEIVE: CaseState.RECEIVED,
    },
    CaseState.IN_TRANSIT: {**_ENDING, CaseEvent.RECEIVE: CaseState.RECEIVED, CaseEvent.COME_BACK: CaseState.APPROVED},
    CaseState.READY_TO_COLLECT: {**_ENDING, CaseEvent.RECEIVE: CaseState.RECEIVED},
    CaseState.RECEIVED: {
        **_ENDING,
        CaseEvent.REGISTER: CaseState.REGISTERED,
        CaseEvent.COME_BACK: CaseState.APPROVED,
        CaseEvent.EXCHANGE: CaseState.RECEIVED,
    },
    CaseState.REGISTERED: {**_ENDING, CaseEvent.FINISH: CaseState.DONE, CaseEvent.EXCHANGE: CaseState.RECEIVED},
    CaseState.DONE: {},
    CaseState.CANCELLED: {},
    CaseState.REFUSED: {},
    CaseState.EXPIRED: {},
    CaseState.LIFTED: {},
}

OPEN: Final = frozenset(state for state, row in TRANSITIONS.items() if row)
"""A member has one open case per token."""


def advance(state: CaseState, event: CaseEvent) -> CaseState:
    """The state after `event`; no other code sets a case's state.

    Raises:
        IllegalTransition: not possible in this state.
    """
    return follow(TRANSITIONS, state, event)
