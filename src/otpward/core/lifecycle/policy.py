"""How a version of the policy goes: written, put forward, approved by somebody else, in force from a day, replaced."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from otpward.core.lifecycle.table import follow


class PolicyState(StrEnum):
    """Where a version stands. An approved one is in force from its day until a later one is."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    APPROVED = "approved"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class PolicyEvent(StrEnum):
    """What can happen to it."""

    PROPOSE = "propose"
    SEND_BACK = "send_back"
    APPROVE = "approve"
    SUPERSEDE = "supersede"
    WITHDRAW = "withdraw"


POLICY: Final[Mapping[PolicyState, Mapping[PolicyEvent, PolicyState]]] = {
    PolicyState.DRAFT: {PolicyEvent.PROPOSE: PolicyState.PROPOSED, PolicyEvent.WITHDRAW: PolicyState.WITHDRAWN},
    PolicyState.PROPOSED: {
        PolicyEvent.APPROVE: PolicyState.APPROVED,
        PolicyEvent.SEND_BACK: PolicyState.DRAFT,
        PolicyEvent.WITHDRAW: PolicyState.WITHDRAWN,
    },
    PolicyState.APPROVED: {
        PolicyEvent.SUPERSEDE: PolicyState.SUPERSEDED,
        PolicyEvent.WITHDRAW: PolicyState.WITHDRAWN,
    },
    PolicyState.SUPERSEDED: {},
    PolicyState.WITHDRAWN: {},
}


def advance_policy(state: PolicyState, event: PolicyEvent) -> PolicyState:
    """The state after `event`; raises `IllegalTransition`."""
    return follow(POLICY, state, event)
