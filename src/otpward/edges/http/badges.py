"""The state of a token or a case in words, with the colour role that goes with the word.

A token's state and its holds can be true together (stopped, locked, its clock off): all are shown, worst first.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.token import Hold, TokenState
from otpward.edges.http.words import Words, later


class Role(StrEnum):
    """What a colour means; never shown without its word. Worst first."""

    DANGER = "danger"
    WARNING = "warning"
    INFO = "info"
    SUCCESS = "success"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Badge:
    """A word and its role, ready for the `badge` macro."""

    text: str
    role: Role


_WORST_FIRST: Final = {role: place for place, role in enumerate(Role)}

STATES: Final[Mapping[TokenState, tuple[str, Role]]] = {
    TokenState.IN_STOCK: (later("In stock"), Role.PLAIN),
    TokenState.RESERVED: (later("Reserved"), Role.PLAIN),
    TokenState.IN_TRANSIT: (later("On its way"), Role.INFO),
    TokenState.QUARANTINED: (later("Set aside"), Role.PLAIN),
    TokenState.ISSUED: (later("Not registered"), Role.PLAIN),
    TokenState.REGISTERED: (later("Not in use yet"), Role.PLAIN),
    TokenState.ACTIVE: (later("In use"), Role.SUCCESS),
    TokenState.RETIRED: (later("Retired"), Role.PLAIN),
    TokenState.DESTROYED: (later("Destroyed"), Role.PLAIN),
}

HOLDS: Final[Mapping[Hold, tuple[str, Role]]] = {
    Hold.STOLEN: (later("Stopped (stolen)"), Role.DANGER),
    Hold.MISUSED: (later("Stopped (misused)"), Role.DANGER),
    Hold.LOST: (later("Stopped (lost)"), Role.DANGER),
    Hold.SUSPENDED: (later("Stopped"), Role.DANGER),
    Hold.BLOCKED: (later("Blocked"), Role.DANGER),
    Hold.LOCKED: (later("Locked"), Role.WARNING),
    Hold.DRIFTED: (later("Clock differs"), Role.WARNING),
    Hold.DORMANT: (later("Long unused"), Role.WARNING),
}

CASES: Final[Mapping[CaseState, tuple[str, Role]]] = {
    CaseState.REPORTED: (later("Reported"), Role.DANGER),
    CaseState.DRAFT: (later("Draft"), Role.PLAIN),
    CaseState.SUBMITTED: (later("Received"), Role.PLAIN),
    CaseState.CHECKING: (later("Checking documents"), Role.INFO),
    CaseState.MORE_NEEDED: (later("More needed"), Role.WARNING),
    CaseState.AWAITING_APPROVAL: (later("Awaiting approval"), Role.INFO),
    CaseState.APPROVED: (later("Approved"), Role.INFO),
    CaseState.PREPARING: (later("Preparing"), Role.INFO),
    CaseState.IN_TRANSIT: (later("On its way"), Role.INFO),
    CaseState.READY_TO_COLLECT: (later("Ready to collect"), Role.WARNING),
    CaseState.RECEIVED: (later("To be registered"), Role.WARNING),
    CaseState.REGISTERED: (later("Not in use yet"), Role.WARNING),
    CaseState.DONE: (later("Done"), Role.SUCCESS),
    CaseState.REFUSED: (later("Refused"), Role.DANGER),
    CaseState.CANCELLED: (later("Cancelled"), Role.PLAIN),
    CaseState.EXPIRED: (later("Expired"), Role.PLAIN),
    CaseState.LIFTED: (later("Report cancelled"), Role.PLAIN),
}


def token_badges(words: Words, *, state: str, holds: Iterable[str] = (), expires_soon: bool = False) -> list[Badge]:
    """Return the badges of a token, worst first. A token that is held is not said to be in use."""
    told = [HOLDS[Hold(hold)] for hold in dict.fromkeys(holds)]
    if TokenState(state) is not TokenState.ACTIVE or all(role is not Role.DANGER for _, role in told):
        told.append(STATES[TokenState(state)])
    if expires_soon:
        told.append((later("Expires soon"), Role.WARNING))
    return [Badge(words._(text), role) for text, role in sorted(told, key=lambda one: _WORST_FIRST[one[1]])]


def case_badge(words: Words, *, state: str) -> Badge:
    """Return the one badge of a case."""
    text, role = CASES[CaseState(state)]
    return Badge(words._(text), role)
