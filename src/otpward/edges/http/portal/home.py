"""The first page: three big ways in, and the way to an application that runs already."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.model.member import Level
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route


def show_home(visit: Visit) -> Response:
    """The three ways; who is signed in finds their own page instead of the sign-in."""
    signed_in = visit.seat is not None and visit.seat.session.level is Level.FULL
    return visit.page("portal/home/home.html", signed_in=signed_in)


def routes(front: Front) -> list[BaseRoute]:
    """The first page."""
    return [page_route(front, "/", get=show_home, explain=explain)]
