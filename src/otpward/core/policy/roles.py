"""Who may do what at the console (UX.md §2)."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from otpward.core.errors import Denied
from otpward.core.model.member import Role


class Permission(StrEnum):
    """One thing an operator may be allowed to do."""

    SEE_CASES = "see_cases"
    REVIEW = "review"
    APPROVE = "approve"
    ISSUE = "issue"
    HAND_OVER = "hand_over"
    TAKE_FEES = "take_fees"
    SHIP = "ship"
    SEE_STOCK = "see_stock"
    KEEP_STOCK = "keep_stock"
    SEE_TOKENS = "see_tokens"
    TEST_TOKEN = "test_token"
    STOP_TOKEN = "stop_token"
    RESYNC = "resync"
    SEE_AUDIT = "see_audit"
    SET_POLICY = "set_policy"
    CAMPAIGN = "campaign"
    """Put campaigns forward, for their own branch where they have one."""


_DESK: Final = frozenset(
    {Permission.SEE_CASES, Permission.REVIEW, Permission.SEE_TOKENS, Permission.TEST_TOKEN, Permission.STOP_TOKEN}
)

ALLOWED: Final[Mapping[Role, frozenset[Permission]]] = {
    Role.BRANCH: _DESK
    | {Permission.APPROVE, Permission.ISSUE, Permission.HAND_OVER, Permission.SEE_STOCK, Permission.RESYNC}
    | {Permission.TAKE_FEES, Permission.CAMPAIGN},
    Role.HELP_DESK: _DESK,
    Role.STOCK: frozenset(
        {Permission.SEE_CASES, Permission.ISSUE, Permission.SHIP, Permission.SEE_STOCK, Permission.SEE_TOKENS}
        | {Permission.KEEP_STOCK}
    ),
    Role.ADMINISTRATOR: frozenset(Permission),
    Role.AUDITOR: frozenset({Permission.SEE_CASES, Permission.SEE_STOCK, Permission.SEE_TOKENS, Permission.SEE_AUDIT}),
}


def require(role: Role, permission: Permission) -> None:
    """Let the act go on; raises `Denied` if this role may not."""
    if permission not in ALLOWED[role]:
        raise Denied(f"{role} may not {permission}")
