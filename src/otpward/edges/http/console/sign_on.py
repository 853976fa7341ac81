"""To the console by way of the institution's sign-on: there, and back. It takes the place of the password, not of the OTP."""

from typing import Final

from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from otpward.core.errors import NotFound, Unavailable
from otpward.core.model.member import Area
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.ports.sign_on import SignOnDoor
from otpward.services.sign_in.begin_sign_on import BeginSignOn, begin_sign_on
from otpward.services.sign_in.complete_sign_on import CompleteSignOn, SignOnAnswer, complete_sign_on

_BEGIN: Final = "/console/sign-on"
_RETURN: Final = "/console/sign-on/return"
_AFTER: Final = {
    SignOnAnswer.IN: "/console",
    SignOnAnswer.HALF_WAY: "/console/sign-in/code",
    SignOnAnswer.CANCELLED: "/console/sign-in?done=sign_on_stopped",
    SignOnAnswer.REFUSED: "/console/sign-in?done=sign_on_refused",
}
"""Where it leads, whatever the address says: nothing that came by the browser chooses."""
_SILENT: Final = "/console/sign-in?done=sign_on_silent"
_FROM_HERE: Final = frozenset({"same-origin", "none"})


def go_there(visit: Visit) -> Response:
    """To the sign-on. Another site's page cannot set somebody out on it."""
    door = _door(visit)
    if visit.request.headers.get("sec-fetch-site", "same-origin") not in _FROM_HERE:
        return visit.go("/console/sign-in")
    ask = BeginSignOn(
        institution_id=visit.institution.id,
        browser=visit.browser,
        source=visit.source,
        return_url=f"{visit.front.public_url.rstrip('/')}{_RETURN}",
        language=visit.lang,
    )
    try:
        return _quietly(begin_sign_on(ask, house=visit.front.house, sign_on=door.sign_on))
    except Unavailable:
        return _quietly(_SILENT)


def come_back(visit: Visit) -> Response:
    """Half way in, in, or the same refusal whatever was wrong."""
    door = _door(visit)
    callback = {name: text for name, text in visit.query.items() if name != "lang"}
    ask = CompleteSignOn(institution_id=visit.institution.id, browser=visit.browser, callback=callback, source=visit.source)
    try:
        answer, secret = complete_sign_on(ask, house=visit.front.house, sign_on=door.sign_on)
    except Unavailable:
        return _quietly(_SILENT)
    if secret:
        visit.set_session = secret
    return _quietly(_AFTER[answer])


def _door(visit: Visit) -> SignOnDoor:
    door = visit.front.staff_sign_on
    if door is None:
        raise NotFound("no sign-on is set up")
    return door


def _quietly(where: str) -> Response:
    """A redirect that leaves the address it came from, and the code in it, behind."""
    return RedirectResponse(where, status_code=303, headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})


def routes(front: Front) -> list[BaseRoute]:
    """The way there and the way back."""
    return [
        page_route(front, _BEGIN, area=Area.CONSOLE, get=go_there, explain=explain),
        page_route(front, _RETURN, area=Area.CONSOLE, get=come_back, explain=explain),
    ]
