"""Signing in to the console: member number and password, then an OTP number. There is no other way in."""

from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.model.member import Area, Level
from otpward.core.policy.verification import Verdict
from otpward.edges.http.console.door import told
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.words import later
from otpward.services.sign_in.enter_code import EnterCode, NotHalfWay, enter_code
from otpward.services.sign_in.enter_password import EnterPassword, PasswordAnswer, enter_password
from otpward.services.sign_in.sessions import end_session

_DONE: Final = {
    "signed_out": later("You are signed out."),
    "again": later("Too much time has passed. Enter your password again."),
}
_FLOOR_S: Final = 0.3


def show_sign_in(visit: Visit) -> Response:
    """Ask for number and password, unless somebody sits here already."""
    if visit.seat is not None and visit.seat.session.level is Level.FULL and visit.seat.operator is not None:
        return visit.go("/console")
    return visit.page("console/sign_in/password.html", done=told(visit, _DONE))


def send_sign_in(visit: Visit) -> Response:
    """Half way in, or the same refusal whatever was wrong."""
    _ = visit.words._
    login, password = visit.form.get("login", ""), visit.form.get("password", "")
    errors: dict[str, str] = {}
    if not login.strip():
        errors["login"] = _("Enter your member number or ID")
    if not password:
        errors["password"] = _("Enter your password")
    if errors:
        return visit.page("console/sign_in/password.html", errors=errors, done=None)
    ask = EnterPassword(
        institution_id=visit.institution.id, area=Area.CONSOLE, login=login, password=password, source=visit.source
    )
    answer, secret = enter_password(ask, house=visit.front.house)
    if answer is not PasswordAnswer.ACCEPTED:
        errors["login"] = _("The number or the password is not right, or this account has no access here")
        return visit.page("console/sign_in/password.html", errors=errors, done=None)
    visit.set_session = secret
    return visit.go("/console/sign-in/code")


def show_code(visit: Visit) -> Response:
    """Ask for the OTP number of whoever has entered a password."""
    visit.need(Level.PASSWORD)
    return visit.page("console/sign_in/code.html")


def send_code(visit: Visit) -> Response:
    """In, with a new session; or what is wrong with the number."""
    visit.need(Level.PASSWORD)
    secret = visit.front.cookies.session(visit.request, Area.CONSOLE)
    code = visit.form.get("code", "")
    if not code.strip():
        return _again(visit, Verdict.UNKNOWN)
    ask = EnterCode(institution_id=visit.institution.id, area=Area.CONSOLE, secret=secret, code=code, source=visit.source)
    try:
        verdict, opened = visit.do(lambda desk: enter_code(ask, desk=desk))
    except NotHalfWay:
        return visit.go("/console/sign-in?done=again")
    if verdict is not Verdict.ACCEPTED:
        return _again(visit, verdict)
    visit.set_session = opened
    return visit.go("/console")


def send_sign_out(visit: Visit) -> Response:
    """The session is over, here and on the server."""
    secret = visit.front.cookies.session(visit.request, Area.CONSOLE)
    if secret:
        visit.do(lambda desk: end_session(secret, Area.CONSOLE, source=visit.source, desk=desk))
    visit.set_session = ""
    return visit.go("/console/sign-in?done=signed_out")


def _again(visit: Visit, verdict: Verdict) -> Response:
    _ = visit.words._
    match verdict:
        case Verdict.UNKNOWN:
            text = _("Enter the number that your OTP shows")
        case Verdict.REPLAYED:
            text = _("That number was used. Enter the next one")
        case Verdict.WRONG_CODE:
            text = _("That is not the right number. Wait for the next one and enter it")
        case Verdict.RESYNC_NEEDED:
            text = _("The clock of this OTP differs. Ask a colleague at a branch to adjust it")
        case _:
            text = _("This OTP cannot be used now. Ask your administrator, or call {phone}", phone=visit.institution.phone)
    return visit.page("console/sign_in/code.html", errors={"code": text}, values={})


def routes(front: Front) -> list[BaseRoute]:
    """The pages of this room."""
    area = Area.CONSOLE
    return [
        page_route(
            front,
            "/console/sign-in",
            area=area,
            get=show_sign_in,
            post=send_sign_in,
            explain=explain,
            floor_s=_FLOOR_S,
        ),
        page_route(front, "/console/sign-in/code", area=area, get=show_code, post=send_code, explain=explain, floor_s=_FLOOR_S),
        page_route(front, "/console/sign-out", area=area, post=send_sign_out, explain=explain),
    ]
