"""No more reminders: the link in a mail asks, and one press, or the mail program by itself (RFC 8058), ends them."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from otpward.clerk.stopping import member_of
from otpward.core.audit import Actor, ActorKind
from otpward.core.errors import NotFound
from otpward.core.model.member import Area
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, make_visit, page_route
from otpward.services.contacts.set_reminders import set_reminders


def show_stop(visit: Visit) -> Response:
    """What the press will do; a mail program that only looks ends nothing."""
    member_of(visit.path("code"), visit.front.house.vault)
    return visit.page("portal/stop/ask.html")


def show_stopped(visit: Visit) -> Response:
    """That it is done, and how to take it back."""
    return visit.page("portal/stop/done.html")


def routes(front: Front) -> list[BaseRoute]:
    """The link, and the page after it. The form needs no mark of this browser: it can do no harm, and a mail program that
    presses by itself has none."""

    def act(visit: Visit) -> Response:
        try:
            member_id = member_of(visit.path("code"), front.house.vault)
        except NotFound as error:
            return explain(visit, error)
        by = Actor(kind=ActorKind.MEMBER, id=member_id, source=visit.source)
        try:
            visit.do(lambda desk: set_reminders(member_id, wanted=False, desk=desk, by=by))
        except NotFound as error:
            return explain(visit, error)
        return visit.go("/stopped")

    async def send(request: Request) -> Response:
        return await run_in_threadpool(act, make_visit(front, request, Area.PORTAL))

    return [
        Route("/stop/{code}", send, methods=["POST"]),
        page_route(front, "/stop/{code}", get=show_stop, explain=explain),
        page_route(front, "/stopped", get=show_stopped, explain=explain),
    ]
