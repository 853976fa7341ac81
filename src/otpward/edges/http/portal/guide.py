"""Pages to read: how it works, what it takes and whom to ask, what is kept, and how far everybody can use these pages.

What the help page says of papers, fees and days is read from the policy in force, so that it is never wrong.
"""

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.policy.rates import CODE_LIFE, RECEIPT_LIFE
from otpward.core.policy.verification import LIMITS
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.portal.progress import REASONS
from otpward.edges.http.portal.terms import papers_in_words, policy_here, ways


def show_help(visit: Visit) -> Response:
    """How it goes, what it takes for one kind of applicant (`?kind=`), short answers, the branches, the phone."""
    policy = policy_here(visit)
    kinds = policy.offered_kinds
    kind = next((one for one in kinds if one.name == visit.query.get("kind")), kinds[0])
    branches = visit.look(lambda uow: uow.branches.find(order="code"))
    return visit.page(
        "portal/guide/help.html",
        policy=policy,
        kinds=kinds,
        kind=kind,
        ways=ways(policy, kind.name),
        reasons=REASONS,
        in_words=papers_in_words,
        branches=branches,
        code_minutes=int(CODE_LIFE.total_seconds()) // 60,
        receipt_days=RECEIPT_LIFE.days,
        wrong_limit=LIMITS.in_a_row,
    )


def show_privacy(visit: Visit) -> Response:
    """What is kept, what for, and who sees it."""
    return visit.page("portal/guide/privacy.html", receipt_days=RECEIPT_LIFE.days)


def show_accessibility(visit: Visit) -> Response:
    """What these pages are built to, and where to say that something does not work."""
    return visit.page("portal/guide/accessibility.html")


def routes(front: Front) -> list[BaseRoute]:
    """Three pages to read."""
    return [
        page_route(front, "/help", get=show_help, explain=explain),
        page_route(front, "/privacy", get=show_privacy, explain=explain),
        page_route(front, "/accessibility", get=show_accessibility, explain=explain),
    ]
