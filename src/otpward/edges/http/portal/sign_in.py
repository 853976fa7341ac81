"""The member's door: password, then a number of the OTP; beside it, every other way in."""

from collections.abc import Mapping
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.model.member import Area, Level
from otpward.core.oath.model import TokenKind
from otpward.core.oath.typed_code import normalise_code
from otpward.core.policy.rates import PASSWORD_LOCK, PASSWORD_TRIES
from otpward.core.policy.verification import Verdict
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.portal.own_devices import own_devices
from otpward.edges.http.portal.sign_in_otherwise import ask_to_enter
from otpward.edges.http.portal.verdicts import refusal
from otpward.services.sign_in.enter_code import EnterCode, NotHalfWay, enter_code
from otpward.services.sign_in.enter_password import EnterPassword, PasswordAnswer, enter_password
from otpward.services.sign_in.sessions import end_session

_FLOOR_S: Final = 0.3
_USUAL_DIGITS: Final = 6


def show_sign_in(visit: Visit) -> Response:
    """The first half; who is signed in goes on, and who was signed out is told."""
    if _level(visit) is Level.FULL:
        return visit.go("/my")
    return _password(visit, ended=visit.seat is None and _cookie(visit) != "")


def send_password(visit: Visit) -> Response:
    """The password is judged; what was wrong is not told."""
    _, form, errors = visit.words._, visit.form, dict[str, str]()
    if not form.get("member", "").strip():
        errors["member"] = _("Enter your member number or ID")
    if not form.get("password"):
        errors["password"] = _("Enter your password")
    if not errors:
        institution = visit.institution.id
        ask = EnterPassword(
            institution_id=institution, area=Area.PORTAL, login=form["member"], password=form["password"], source=visit.source
        )
        answer, secret = enter_password(ask, house=visit.front.house)
        if answer is PasswordAnswer.ACCEPTED:
            visit.set_session = secret
            return visit.go("/sign-in/code")
        minutes = int(PASSWORD_LOCK.total_seconds()) // 60
        errors[""] = _(
            "The ID or the password is not right. After {tries} wrong tries you can sign in again {n} minutes later",
            tries=PASSWORD_TRIES,
            n=minutes,
        )
    return _password(visit, errors)


def show_code(visit: Visit) -> Response:
    """The second half."""
    if _level(visit) is not Level.PASSWORD:
        return visit.go("/my" if _level(visit) is Level.FULL else "/sign-in")
    return _code(visit)


def send_code(visit: Visit) -> Response:
    """The number is judged: the member is in, or is told why not."""
    seat = visit.seat
    if seat is None or seat.session.level is not Level.PASSWORD:
        return show_code(visit)
    typed, digits = visit.form.get("code", ""), _digits(visit)
    owned = own_devices(visit, seat.member.id)
    if not any(normalise_code(typed, each) for each in {digits, *(own.token.digits for own in owned)}):
        return _code(visit, visit.words._("Enter the {n}-digit OTP number", n=digits))
    ask = EnterCode(
        institution_id=visit.institution.id, area=Area.PORTAL, secret=_cookie(visit), code=typed, source=visit.source
    )
    try:
        verdict, secret = visit.do(lambda desk: enter_code(ask, desk=desk))
    except NotHalfWay:
        return visit.go("/sign-in")
    if verdict is Verdict.ACCEPTED:
        visit.set_session = secret
        return visit.go("/my")
    owned = own_devices(visit, seat.member.id)
    locked = any(own.locked for own in owned) and not any(own.works for own in owned)
    return _code(visit, refusal(visit, verdict, [own.token for own in owned]), locked=locked)


def show_other_way(visit: Visit) -> Response:
    """What to do without password, OTP, or phone."""
    return visit.page("portal/sign_in/other_way.html")


def sign_out(visit: Visit) -> Response:
    """The session ends here and on the server."""
    secret = _cookie(visit)
    if secret:
        visit.do(lambda desk: end_session(secret, Area.PORTAL, source=visit.source, desk=desk))
    visit.set_session = ""
    return visit.go("/")


def _password(visit: Visit, errors: Mapping[str, str] | None = None, *, ended: bool = False) -> Response:
    return visit.page(
        "portal/sign_in/password.html",
        errors=errors,
        ended=ended,
        proven=_proven(visit),
        ask=ask_to_enter(visit),
        signal="",
    )


def _level(visit: Visit) -> Level | None:
    return None if visit.seat is None else visit.seat.session.level


def _proven(visit: Visit) -> bool:
    return _level(visit) is Level.PROVEN


def _cookie(visit: Visit) -> str:
    return visit.front.cookies.session(visit.request, Area.PORTAL)


def _code(visit: Visit, error: str = "", *, locked: bool = False) -> Response:
    errors = {"code": error} if error else None
    return visit.page("portal/sign_in/code.html", errors=errors, digits=_digits(visit), locked=locked)


def _digits(visit: Visit) -> int:
    """How many digits the member's newest OTP shows by itself."""
    assert visit.seat is not None
    shown = (own.token for own in own_devices(visit, visit.seat.member.id) if own.token.kind is not TokenKind.OCRA)
    return next((token.digits for token in shown), _USUAL_DIGITS)


def routes(front: Front) -> list[BaseRoute]:
    """In by two halves, in another way, and out."""
    return [
        page_route(front, "/sign-in", get=show_sign_in, post=send_password, explain=explain, floor_s=_FLOOR_S),
        page_route(front, "/sign-in/code", get=show_code, post=send_code, explain=explain, floor_s=_FLOOR_S),
        page_route(front, "/sign-in/other-way", get=show_other_way, explain=explain),
        page_route(front, "/sign-out", post=sign_out, explain=explain),
    ]
