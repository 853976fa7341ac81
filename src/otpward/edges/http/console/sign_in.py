"""Signing in to the console: member number and password, or the institution's sign-on; then an OTP number."""

from collections.abc import Mapping
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.model.member import Area, Level
from otpward.core.policy.backup import lets_in
from otpward.core.policy.verification import Verdict
from otpward.edges.http.console.door import told
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.passkeys import FIELD, ask_for, site
from otpward.edges.http.words import later
from otpward.services.sign_in.enter_by_passkey import EnterByPasskey, asked_to_enter, enter_by_passkey
from otpward.services.sign_in.enter_code import EnterCode, NotHalfWay, enter_code
from otpward.services.sign_in.enter_password import EnterPassword, PasswordAnswer, enter_password
from otpward.services.sign_in.sessions import end_session

_DONE: Final = {
    "signed_out": later("You are signed out."),
    "again": later("Too much time has passed. Enter your password again."),
}
_WARNINGS: Final = {
    "sign_on_stopped": later("You stopped before the end. Sign in here, or try again."),
    "sign_on_refused": later("That sign-on does not open the console. Sign in here, or ask your administrator."),
    "sign_on_silent": later("The sign-on does not answer now. Sign in here with your number and password."),
}
_FLOOR_S: Final = 0.3


def show_sign_in(visit: Visit) -> Response:
    """Ask for number and password, unless somebody sits here already."""
    if visit.seat is not None and visit.seat.session.level is Level.FULL and visit.seat.operator is not None:
        return visit.go("/console")
    return _ask(visit)


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
        return _ask(visit, errors)
    ask = EnterPassword(
        institution_id=visit.institution.id, area=Area.CONSOLE, login=login, password=password, source=visit.source
    )
    answer, secret = enter_password(ask, house=visit.front.house)
    if answer is not PasswordAnswer.ACCEPTED:
        errors["login"] = _("The number or the password is not right, or this account has no access here")
        return _ask(visit, errors)
    visit.set_session = secret
    return visit.go("/console/sign-in/code")


def show_code(visit: Visit) -> Response:
    """Ask for the OTP number of whoever has entered a password, or for a passkey if they have one."""
    visit.need(Level.PASSWORD)
    return _code(visit)


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


def send_passkey(visit: Visit) -> Response:
    """In, by a passkey after the password."""
    visit.need(Level.PASSWORD)
    ask = EnterByPasskey(
        institution_id=visit.institution.id,
        area=Area.CONSOLE,
        answer=visit.form.get(FIELD, ""),
        browser=visit.browser,
        source=visit.source,
        secret=visit.front.cookies.session(visit.request, Area.CONSOLE),
    )
    try:
        opened, _result = visit.do(lambda desk: enter_by_passkey(ask, site=site(visit), desk=desk))
    except NotHalfWay:
        return visit.go("/console/sign-in?done=again")
    if not opened:
        return _code(visit, {"": visit.words._("That passkey was not accepted. Try again, or choose another way")})
    visit.set_session = opened
    return visit.go("/console")


def send_sign_out(visit: Visit) -> Response:
    """The session is over, here and on the server."""
    secret = visit.front.cookies.session(visit.request, Area.CONSOLE)
    if secret:
        visit.do(lambda desk: end_session(secret, Area.CONSOLE, source=visit.source, desk=desk))
    visit.set_session = ""
    return visit.go("/console/sign-in?done=signed_out")


def _ask(visit: Visit, errors: Mapping[str, str] | None = None) -> Response:
    door, _ = visit.front.staff_sign_on, visit.words._
    title = "" if door is None else door.title(visit.lang)
    return visit.page(
        "console/sign_in/password.html",
        errors=errors,
        done=None if errors else told(visit, _DONE),
        warning=None if errors else told(visit, _WARNINGS),
        sign_on=None
        if door is None
        else _("Sign in with {provider}", provider=title)
        if title
        else _("Sign in with your company account"),
    )


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
    return _code(visit, {"code": text})


def _code(visit: Visit, errors: Mapping[str, str] | None = None) -> Response:
    member = visit.need(Level.PASSWORD).member
    passkeys = [one for one in visit.look(lambda uow: uow.passkeys.find(member_id=member.id)) if lets_in(one, member)]
    ask = ask_for(visit, asked_to_enter(Area.CONSOLE, visit.browser), passkeys) if passkeys else None
    return visit.page("console/sign_in/code.html", errors=errors, values={}, ask=ask)


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
        page_route(front, "/console/sign-in/passkey", area=area, post=send_passkey, explain=explain, floor_s=_FLOOR_S),
        page_route(front, "/console/sign-out", area=area, post=send_sign_out, explain=explain),
    ]
