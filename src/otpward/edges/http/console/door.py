"""Who may enter a room of the console: a signed-in operator whose role includes what the room is for, on reading too."""

from collections.abc import Mapping
from typing import Final

from otpward.core.errors import Denied
from otpward.core.model.member import Operator
from otpward.core.policy.roles import ALLOWED, Permission
from otpward.edges.http.front import Visit

MEMBERS: Final = (Permission.REVIEW,)
"""Members and their contacts are for the desk that talks to them (UX.md §2)."""
LOSSES: Final = (Permission.REVIEW, Permission.SEE_AUDIT)
SHIPMENTS: Final = (Permission.SHIP, Permission.SEE_AUDIT)


def admit(visit: Visit, *permissions: Permission) -> Operator:
    """The operator, if their role includes one of these.

    Raises:
        SignInFirst: nobody is signed in.
        Denied: this role may not.
    """
    operator = visit.operator()
    if not allowed(operator, *permissions):
        raise Denied(f"{operator.role} may not {' or '.join(permissions)}")
    return operator


def allowed(operator: Operator, *permissions: Permission) -> bool:
    """Whether the role includes one of these."""
    return any(permission in ALLOWED[operator.role] for permission in permissions)


def told(visit: Visit, sentences: Mapping[str, str]) -> str | None:
    """The sentence behind `?done=`, which says what the act before this page did; anything else in the address says nothing."""
    sentence = sentences.get(visit.query.get("done", ""))
    return None if sentence is None else visit.words._(sentence)
