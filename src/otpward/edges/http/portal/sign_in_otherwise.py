"""In without an OTP number: by a passkey alone, or by password and recovery code."""

from collections.abc import Mapping
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.formats.webauthn.ceremony import read_answer
from otpward.core.model.member import Area, Level
from otpward.core.policy.rates import PASSWORD_LOCK, PASSWORD_TRIES
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.passkeys import FIELD, PasskeyAsk, ask_for, signal_unknown, site
from otpward.edges.http.portal.backup_codes import APPLY, new_code_page
from otpward.services.sign_in.enter_by_passkey import EnterByPasskey, asked_to_enter, enter_by_passkey
from otpward.services.sign_in.enter_by_recovery_code import EnterByRecoveryCode, enter_by_recovery_code
from otpward.services.sign_in.enter_code import NotHalfWay
from otpward.services.sign_in.enter_password import EnterPassword, PasswordAnswer, enter_password
from otpward.services.sign_in.sessions import find_seat

_FLOOR_S: Final = 0.3
_UNKNOWN: Final = frozenset({"unknown", "removed"})


def ask_to_enter(visit: Visit) -> PasskeyAsk | None:
    """Any passkey of this site."""
    return ask_for(visit, asked_to_enter(Area.PORTAL, visit.browser))


def send_passkey(visit: Visit) -> Response:
    """In, or not; why not is told to nobody. A browser that showed a passkey we do not know is told so, since it knows that
    passkey itself."""
    answer, inside = visit.form.get(FIELD, ""), visit.institution.id
    ask = EnterByPasskey(institution_id=inside, area=Area.PORTAL, answer=answer, browser=visit.browser, source=visit.source)
    secret, result = visit.do(lambda desk: enter_by_passkey(ask, site=site(visit), desk=desk))
    if secret:
        visit.set_session = secret
        return visit.go("/my")
    read, _ = read_answer(answer), visit.words._
    late = _("That took too long. Try again")
    refused = _("That passkey was not accepted. Try again, or choose another way")
    return visit.page(
        "portal/sign_in/password.html",
        errors={"": late if result == "stale" else refused},
        values={},
        ended=False,
        proven=False,
        ask=ask_to_enter(visit),
        signal=signal_unknown(visit, read.credential_id) if read is not None and result in _UNKNOWN else "",
    )


def show_recovery(visit: Visit) -> Response:
    """The code; and the password first, unless it was entered just now."""
    return _recovery(visit)


def send_recovery(visit: Visit) -> Response:
    """Password and code are judged. A right code is spent, and the one in its place is shown."""
    _, form, errors = visit.words._, visit.form, dict[str, str]()
    half_way = _is_half_way(visit)
    if not half_way and not form.get("member", "").strip():
        errors["member"] = _("Enter your member number or ID")
    if not half_way and not form.get("password"):
        errors["password"] = _("Enter your password")
    if not form.get("code", "").strip():
        errors["code"] = _("Enter the recovery code")
    if errors:
        return _recovery(visit, errors)
    secret = visit.front.cookies.session(visit.request, Area.PORTAL) if half_way else _by_password(visit)
    if not secret:
        minutes = int(PASSWORD_LOCK.total_seconds()) // 60
        text = _(
            "The ID or the password is not right. After {tries} wrong tries you can sign in again {n} minutes later",
            tries=PASSWORD_TRIES,
            n=minutes,
        )
        return _recovery(visit, {"": text})
    ask = EnterByRecoveryCode(institution_id=visit.institution.id, secret=secret, code=form["code"], source=visit.source)
    try:
        done = enter_by_recovery_code(ask, house=visit.front.house)
    except NotHalfWay:
        return visit.go("/sign-in/recovery-code")
    if done is None:
        return _recovery(visit, {"code": _("That is not your recovery code, or it was used. Try again or choose another way")})
    visit.set_session = done.secret
    seat = find_seat(visit.institution.id, done.secret, Area.PORTAL, house=visit.front.house)
    assert seat is not None, "it was opened just now"
    return new_code_page(visit, seat.member, done.new_code, APPLY, used=True)


def _by_password(visit: Visit) -> str:
    form, inside = visit.form, visit.institution.id
    ask = EnterPassword(
        institution_id=inside, area=Area.PORTAL, login=form["member"], password=form["password"], source=visit.source
    )
    answer, secret = enter_password(ask, house=visit.front.house)
    if answer is not PasswordAnswer.ACCEPTED:
        return ""
    visit.set_session = secret
    return secret


def _is_half_way(visit: Visit) -> bool:
    return visit.seat is not None and visit.seat.session.level is Level.PASSWORD


def _recovery(visit: Visit, errors: Mapping[str, str] | None = None) -> Response:
    """After a right password with a wrong code, only the code is asked for again."""
    half_way = _is_half_way(visit) or bool(visit.set_session)
    return visit.page("portal/sign_in/recovery_code.html", errors=errors, half_way=half_way)


def routes(front: Front) -> list[BaseRoute]:
    """The two ways."""
    return [
        page_route(front, "/sign-in/passkey", post=send_passkey, explain=explain, floor_s=_FLOOR_S),
        page_route(front, "/sign-in/recovery-code", get=show_recovery, post=send_recovery, explain=explain, floor_s=_FLOOR_S),
    ]
