"""Who may do what, against a table kept by hand."""

import pytest

from otpward.core.errors import Denied
from otpward.core.model.member import Role
from otpward.core.policy.roles import Permission, require

MAY = {
    Role.BRANCH: "see_cases review approve issue hand_over see_stock see_tokens test_token stop_token resync"
    " take_fees campaign",
    Role.HELP_DESK: "see_cases review see_tokens test_token stop_token",
    Role.STOCK: "see_cases issue ship see_stock see_tokens keep_stock",
    Role.ADMINISTRATOR: " ".join(Permission),
    Role.AUDITOR: "see_cases see_stock see_tokens see_audit",
}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("permission", list(Permission))
def test_a_role_may_what_it_is_for_and_nothing_else(role: Role, permission: Permission) -> None:
    if permission in MAY[role].split():
        require(role, permission)
    else:
        with pytest.raises(Denied):
            require(role, permission)


def test_an_auditor_changes_nothing() -> None:
    assert all(word.startswith("see_") for word in MAY[Role.AUDITOR].split())
