"""A photograph of a code instead of a hand scanner: where a browser reads no codes with its camera, the server does."""

from collections.abc import Awaitable, Callable, Mapping

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from otpward.clerk.limits import count_try
from otpward.core.errors import OtpwardError, TooOften
from otpward.core.model.document import Flaw
from otpward.core.model.member import Area
from otpward.core.model.scanned import Symbology
from otpward.core.policy.rates import PHOTOS_PER_MEMBER
from otpward.edges.http.documents_words import FLAWS
from otpward.edges.http.faults import status_of
from otpward.edges.http.front import Front, SignInFirst, Visit, make_visit, page_route
from otpward.edges.http.intake import UploadTooBig
from otpward.edges.http.photo_room import PHOTOS, PhotoRoom
from otpward.ports.desk import Desk
from otpward.services.sign_in.sessions import Seat, find_seat


def _reading(room: PhotoRoom, admit: Callable[[Visit], Seat]) -> Callable[[Visit], Response]:
    """One code is the answer; none or several, and any other fault, is a sentence."""

    def send_photo(visit: Visit) -> Response:
        seat, _ = admit(visit), visit.words._
        visit.do(lambda desk: _count(seat, desk=desk))
        kinds = {one for one in Symbology if one.value in visit.form.get("kinds", "").split(",")}
        octets: bytes = visit.request.state.file
        read = room.read(octets, kinds or set(Symbology), visit.area)
        if isinstance(read, Flaw):
            return _said(_(FLAWS[read]))
        if not read:
            return _said(_("No code was found on the photo. Take it again, closer and with light, or type the number."))
        if len(read) > 1:
            return _said(_("The photo shows several codes. Take it again with one code alone, or type the number."))
        return JSONResponse({"text": read[0]}, headers={"Cache-Control": "no-store"})

    return send_photo


def _count(seat: Seat, *, desk: Desk) -> None:
    with desk.uow as uow:
        count_try("photo", str(seat.member.id), PHOTOS_PER_MEMBER, desk=desk)
        uow.commit()


def explain_photo(visit: Visit, error: OtpwardError) -> Response:
    """The sentence for a photograph that was not taken: the page stays as it is."""
    _ = visit.words._
    match error:
        case UploadTooBig():
            text = _(FLAWS[Flaw.TOO_BIG])
        case TooOften():
            text = _("Too many photos in a short time. Type the number, or use the hand scanner.")
        case SignInFirst():
            text = _("Your session has ended. Load the page again.")
        case _:
            text = _("The photo could not be read just now. Try again, or type the number.")
    return _said(text, status=413 if isinstance(error, UploadTooBig) else status_of(error))


def _said(text: str, *, status: int = 422) -> Response:
    return JSONResponse({"said": str(text)}, status_code=status, headers={"Cache-Control": "no-store"})


def photo_routes(front: Front, area: Area, admit: Callable[[Visit], Seat]) -> list[BaseRoute]:
    """Where this area sends its photographs; nowhere without a reader. `admit` raises where the visitor may not."""
    room = front.photos
    if room is None:
        return []

    async def read(request: Request) -> Mapping[str, str]:
        # Before a single octet is taken: a stranger's photograph costs nothing.
        await run_in_threadpool(_admitted, request)
        return await room.receive(request)

    def _admitted(request: Request) -> None:
        visit = make_visit(front, request, area)
        secret = front.cookies.session(request, area)
        if secret:
            visit.seat = find_seat(visit.institution.id, secret, area, house=front.house)
        admit(visit)

    handler = _reading(room, admit)
    taking = page_route(front, PHOTOS[area], area=area, post=handler, explain=explain_photo, read=read)
    endpoint: Callable[[Request], Awaitable[Response]] = taking.endpoint
    return [Route(taking.path, room.minded(endpoint), methods=["POST"])]
