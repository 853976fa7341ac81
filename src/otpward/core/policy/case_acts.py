"""What staff can do with an application: in which state, and with which permission. Services hold to it, and so does the
page."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from otpward.core.errors import Conflict, Denied
from otpward.core.lifecycle.case import OPEN, CaseState
from otpward.core.model.member import Role
from otpward.core.policy.roles import ALLOWED, Permission


class CaseAct(StrEnum):
    """One act on an application."""

    TAKE_UP = "take_up"
    ASSIGN = "assign"
    NOTE = "note"
    APPROVE = "approve"
    ASK_FOR_MORE = "ask_for_more"
    REFUSE = "refuse"
    SEND_BACK = "send_back"
    RESERVE = "reserve"
    MAKE_APP = "make_app"
    SET_OUT = "set_out"
    PACK = "pack"
    DISPATCH = "dispatch"
    DELIVERED = "delivered"
    RETURNED = "returned"
    MISSING = "missing"


_REVIEW: Final = frozenset({Permission.REVIEW})
_APPROVE: Final = frozenset({Permission.APPROVE})
_ISSUE: Final = frozenset({Permission.ISSUE})
_SHIP: Final = frozenset({Permission.SHIP})
_SENT: Final = OPEN - {CaseState.REPORTED, CaseState.DRAFT}
"""What the member has sent is somebody's work; before, it is theirs."""

POSSIBLE: Final[Mapping[CaseAct, Mapping[CaseState, frozenset[Permission]]]] = {
    CaseAct.TAKE_UP: {CaseState.SUBMITTED: _REVIEW},
    CaseAct.ASSIGN: dict.fromkeys(_SENT, _REVIEW),
    CaseAct.NOTE: dict.fromkeys(CaseState, _REVIEW | _ISSUE | _SHIP),
    CaseAct.APPROVE: {CaseState.CHECKING: _REVIEW, CaseState.AWAITING_APPROVAL: _APPROVE},
    CaseAct.ASK_FOR_MORE: {CaseState.CHECKING: _REVIEW},
    CaseAct.REFUSE: {CaseState.CHECKING: _REVIEW, CaseState.AWAITING_APPROVAL: _APPROVE},
    CaseAct.SEND_BACK: {CaseState.AWAITING_APPROVAL: _APPROVE},
    CaseAct.RESERVE: {CaseState.APPROVED: _ISSUE},
    CaseAct.MAKE_APP: {CaseState.APPROVED: _ISSUE},
    CaseAct.SET_OUT: {CaseState.PREPARING: _ISSUE},
    CaseAct.PACK: {CaseState.PREPARING: _SHIP},
    CaseAct.DISPATCH: {CaseState.PREPARING: _SHIP},
    CaseAct.DELIVERED: {CaseState.IN_TRANSIT: _SHIP},
    CaseAct.RETURNED: {CaseState.IN_TRANSIT: _SHIP},
    CaseAct.MISSING: {CaseState.IN_TRANSIT: _SHIP},
}
"""Any of the permissions is enough. Beside this stands who approves by the policy, and that nobody decides about themselves."""


def may_act(role: Role, act: CaseAct, state: CaseState) -> bool:
    """Whether this role may do this to an application in this state; out of its state, whether it ever may."""
    row = POSSIBLE[act]
    needed = row.get(state) or frozenset().union(*row.values())
    return not needed.isdisjoint(ALLOWED[role])


def require_act(role: Role, act: CaseAct, state: CaseState) -> None:
    """Let the act go on; raises `Denied` if this role may not."""
    if not may_act(role, act, state):
        raise Denied(f"{role} may not {act}")


def refuse_out_of_state(act: CaseAct, state: CaseState) -> None:
    """Let the act go on where it makes sense; raises `Conflict` in any other state."""
    if state not in POSSIBLE[act]:
        raise Conflict(f"{act} is not for {state}")
