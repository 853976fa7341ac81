"""The app moves to a new phone: one number of the old one, then the QR code for the new one."""

from collections.abc import Mapping

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.model.member import Level
from otpward.core.oath.typed_code import normalise_code
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.portal.checked_device import Owned, again, kept, missing, with_device
from otpward.edges.http.portal.verdicts import refusal
from otpward.services.apply.move_app import MoveApp, MoveNotOffered, may_move, move_app

_INSTEAD = "/check/replace?why=phone_changed"


def may_be_moved(visit: Visit, owned: Owned) -> bool:
    """Whether this app can be moved here and now, by this member."""
    seat = visit.seat
    if seat is None or not owned.chosen.works:
        return False
    desk = visit.front.house.desk(visit.institution.id, writes=False)
    with desk.uow as uow:
        return may_move(owned.chosen.token.id, seat.member, uow=uow, desk=desk) is not None


def show_move(visit: Visit, owned: Owned) -> Response:
    """The field for the number that the old phone shows; to who is signed in."""
    visit.need(Level.FULL)
    return _page(visit, owned) if may_be_moved(visit, owned) else visit.go(_INSTEAD)


def send_move(visit: Visit, owned: Owned) -> Response:
    """The number is judged, and the new app waits to be registered."""
    member = visit.need(Level.FULL).member
    if normalise_code(visit.form.get("code", ""), owned.chosen.token.digits) is None:
        return _page(visit, owned, {"code": missing(visit, owned)})
    ask = MoveApp(token_id=owned.chosen.token.id, member_id=member.id, code=visit.form["code"], source=visit.source)
    try:
        examined, case = visit.do(lambda desk: move_app(ask, desk=desk))
    except MoveNotOffered:
        return visit.go(_INSTEAD)
    if case is not None:
        return visit.go(f"/register?case={case.number}")
    after = again(visit, owned)
    return _page(visit, Owned(owned.every, after), {"code": refusal(visit, examined.verdict, [after.token])})


def _page(visit: Visit, owned: Owned, errors: Mapping[str, str] | None = None) -> Response:
    return visit.page("portal/check/move.html", errors=errors, values=kept(visit, owned), owned=owned)


def routes(front: Front) -> list[BaseRoute]:
    """The one page."""
    return [page_route(front, "/check/move", get=with_device(show_move), post=with_device(send_move), explain=explain)]
