"""It was not me: the link in a notice shows what it would undo, and undoes it when the button is pressed."""

from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.clerk.undoing import NothingToUndo
from otpward.core.errors import NotFound
from otpward.core.model.notice import UndoAct, UndoLink
from otpward.core.policy.backup import LastMethod
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.portal.undo_words import OF, shown
from otpward.ports.unit_of_work import UnitOfWork
from otpward.services.undo.guessing import note_guess, refuse_guessing
from otpward.services.undo.look_at_undo import look_at_undo, refuse_shut_out
from otpward.services.undo.undo import Undo, undo

_FLOOR_S: Final = 0.3


def show_undo(visit: Visit) -> Response:
    """What would be undone. A mail reader that looks at links in advance undoes nothing by looking."""
    now = visit.front.house.clock.now()
    visit.do(lambda desk: refuse_guessing(visit.source, desk=desk))

    def view(uow: UnitOfWork) -> tuple[UndoLink, str]:
        link = look_at_undo(visit.path("code"), uow=uow, now=now)
        refuse_shut_out(link, uow=uow)
        return link, shown(link, uow)

    try:
        link, about = visit.look(view)
    except NotFound:
        return _over(visit)
    except LastMethod:
        return visit.page("portal/undo/last.html", status=409)
    return visit.page("portal/undo/ask.html", link=link, words_of=OF[link.act], about=about)


def send_undo(visit: Visit) -> Response:
    """It is undone."""
    ask = Undo(code=visit.path("code"), source=visit.source)
    visit.do(lambda desk: refuse_guessing(visit.source, desk=desk))
    try:
        link = visit.do(lambda desk: undo(ask, desk=desk))
    except (NotFound, NothingToUndo):
        return _over(visit)
    except LastMethod:
        return visit.page("portal/undo/last.html", status=409)
    return visit.go(f"/undone?act={link.act}")


def show_undone(visit: Visit) -> Response:
    """That it is undone, and what to do next."""
    try:
        act = UndoAct(visit.query.get("act", ""))
    except ValueError:
        raise NotFound("no such act") from None
    return visit.page("portal/undo/done.html", words_of=OF[act], stopped=act is UndoAct.TOKEN_BOUND)


def _over(visit: Visit) -> Response:
    visit.do(lambda desk: note_guess(visit.source, desk=desk))
    return visit.page("portal/undo/over.html", status=404)


def routes(front: Front) -> list[BaseRoute]:
    """The link, and the page after it, whose address tells nothing."""
    return [
        page_route(front, "/undo/{code}", get=show_undo, post=send_undo, explain=explain, floor_s=_FLOOR_S),
        page_route(front, "/undone", get=show_undone, explain=explain),
    ]
