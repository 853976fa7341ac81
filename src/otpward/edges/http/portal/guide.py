"""Pages to read: how it works and whom to ask, what is kept, and how far everybody can use these pages."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.policy.rates import CODE_LIFE, PICK_UP_DAYS, RECEIPT_LIFE
from otpward.core.policy.verification import LIMITS
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route


def show_help(visit: Visit) -> Response:
    """Short answers, the branches, the phone."""
    branches = visit.look(lambda uow: uow.branches.find(order="code"))
    return visit.page(
        "portal/guide/help.html",
        branches=branches,
        code_minutes=int(CODE_LIFE.total_seconds()) // 60,
        pick_up_days=PICK_UP_DAYS.days,
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
