"""What an operator can go to: only the rooms that their role includes."""

from collections.abc import Sequence
from typing import Final

from otpward.core.policy.roles import Permission
from otpward.edges.http.console.approvals import SECOND
from otpward.edges.http.console.campaigns import CAMPAIGNS
from otpward.edges.http.console.door import LOSSES, MEMBERS, SHIPMENTS, allowed
from otpward.edges.http.console.labels import ROLES
from otpward.edges.http.console.policy_view import POLICIES
from otpward.edges.http.front import Visit
from otpward.edges.http.pages import NavEntry
from otpward.edges.http.words import later

_ENTRIES: Final = (
    ("/console", later("My work today"), "home", tuple(Permission)),
    ("/console/cases", later("Applications"), "list", (Permission.SEE_CASES,)),
    ("/console/approvals", later("Approvals"), "shield", SECOND),
    ("/console/counter", later("Counter"), "person", (Permission.HAND_OVER,)),
    ("/console/losses", later("Loss reports"), "alert", LOSSES),
    ("/console/members", later("Members"), "search", MEMBERS),
    ("/console/tokens", later("OTP devices"), "device", (Permission.SEE_TOKENS,)),
    ("/console/shipments", later("Shipments"), "truck", SHIPMENTS),
    ("/console/stock", later("Stock"), "box", (Permission.SEE_STOCK,)),
    ("/console/campaigns", later("Campaigns"), "mail", CAMPAIGNS),
    ("/console/policies", later("Policy"), "gear", POLICIES),
    ("/console/messages", later("Notices"), "mail", (Permission.SET_POLICY,)),
    ("/console/audit", later("Audit"), "document", (Permission.SEE_AUDIT,)),
    ("/console/settings", later("My settings"), "gear", tuple(Permission)),
)


def nav(visit: Visit) -> Sequence[NavEntry]:
    """The entries for this role; none before somebody is signed in."""
    if visit.seat is None or visit.seat.operator is None:
        return ()
    operator, here = visit.seat.operator, visit.request.url.path
    return [
        NavEntry(label=visit.words._(label), href=href, icon=icon, current=_inside(here, href))
        for href, label, icon, permissions in _ENTRIES
        if allowed(operator, *permissions)
    ]


def place(visit: Visit) -> str | None:
    """Where the operator sits, and as what: shown beside their name."""
    if visit.seat is None or visit.seat.operator is None:
        return None
    operator = visit.seat.operator
    role = visit.words._(ROLES[operator.role])
    branch_id = operator.branch_id
    branch = None if branch_id is None else visit.look(lambda uow: uow.branches.first(id=branch_id))
    return role if branch is None else f"{branch.name(visit.lang)} · {role}"


def _inside(here: str, href: str) -> bool:
    return here == href or (href != "/console" and here.startswith(f"{href}/"))
