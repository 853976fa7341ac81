"""It was not me: the link in a notice shows what it would undo, and undoes it when the button is pressed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.clerk.undoing import NothingToUndo
from otpward.core.errors import NotFound
from otpward.core.model.notice import UndoAct, UndoLink
from otpward.edges.http.console.masks import masked_email
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.show import masked_phone
from otpward.edges.http.words import later
from otpward.services.undo.look_at_undo import look_at_undo
from otpward.services.undo.undo import Undo, undo

_FLOOR_S: Final = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """What the pages say of one act."""

    ask: str
    what: str
    then: str
    done: str


_OF: Final[Mapping[UndoAct, _Words]] = {
    UndoAct.CONTACT_PHONE: _Words(
        ask=later("Undo the change of the mobile number?"),
        what=later("Mobile number"),
        then=later("The number before takes its place again, and everybody who is signed in is signed out."),
        done=later("The mobile number is the one from before again."),
    ),
    UndoAct.CONTACT_EMAIL: _Words(
        ask=later("Undo the change of the email address?"),
        what=later("Email address"),
        then=later("The address before takes its place again, and everybody who is signed in is signed out."),
        done=later("The email address is the one from before again."),
    ),
}


def show_undo(visit: Visit) -> Response:
    """What would be undone. A mail reader that looks at links in advance undoes nothing by looking."""
    now = visit.front.house.clock.now()
    try:
        link = visit.look(lambda uow: look_at_undo(visit.path("code"), uow=uow, now=now))
    except NotFound:
        return visit.page("portal/undo/over.html", status=404)
    return visit.page(
        "portal/undo/ask.html", link=link, words_of=_OF[link.act], before=_shown(link, "before"), after=_shown(link, "after")
    )


def send_undo(visit: Visit) -> Response:
    """It is undone."""
    ask = Undo(code=visit.path("code"), source=visit.source)
    try:
        link = visit.do(lambda desk: undo(ask, desk=desk))
    except (NotFound, NothingToUndo):
        return visit.page("portal/undo/over.html", status=404)
    return visit.go(f"/undone?act={link.act}")


def show_undone(visit: Visit) -> Response:
    """That it is undone, and what to do next."""
    try:
        of = _OF[UndoAct(visit.query.get("act", ""))]
    except ValueError:
        raise NotFound("no such act") from None
    return visit.page("portal/undo/done.html", words_of=of)


def _shown(link: UndoLink, which: str) -> str:
    """The contact, covered: the link may lie in a stranger's hands."""
    text = (link.before if which == "before" else link.after).reveal()
    return masked_phone(text) if link.act is UndoAct.CONTACT_PHONE else masked_email(text)


def routes(front: Front) -> list[BaseRoute]:
    """The link, and the page after it, whose address tells nothing."""
    return [
        page_route(front, "/undo/{code}", get=show_undo, post=send_undo, explain=explain, floor_s=_FLOOR_S),
        page_route(front, "/undone", get=show_undone, explain=explain),
    ]
