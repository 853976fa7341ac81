"""The first number of the new OTP: it proves that it works, and only then the old one goes."""

from collections.abc import Mapping

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.clerk.recovery import live_code
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.token import Hold, TokenState
from otpward.core.model.case import Case, Delivery
from otpward.core.model.member import Level
from otpward.core.model.proof import Act
from otpward.core.model.token import Token
from otpward.core.oath.typed_code import normalise_code
from otpward.core.policy.verification import LIMITS, Examined, Verdict
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.portal.own import own_case, proven
from otpward.edges.http.portal.register import app_page, case_at_hand, new_token, why_stopped
from otpward.services.activate.activate import Activate, activate
from otpward.services.sign_in.sessions import Seat


def show_activate(visit: Visit) -> Response:
    """The place for the first number, or why none can be taken now."""
    case = case_at_hand(visit, proven(visit, Act.FOLLOW))
    if case is None or case.state is not CaseState.REGISTERED:
        return _elsewhere(visit, case)
    token = new_token(visit, case)
    stopped = why_stopped(visit, token)
    if stopped is Verdict.RESYNC_NEEDED:
        return _apart(visit, case, token, {})
    if stopped is not None:
        return _stopped_page(visit, case, token, stopped)
    return _form(visit, case, token)


def send_activate(visit: Visit) -> Response:
    """The number is judged; a right one puts the new OTP into use at once. Wrong and used ones are told apart, since the
    member has shown who they are."""
    seat = proven(visit, Act.FOLLOW)
    case = case_at_hand(visit, seat)
    if case is None or case.state is not CaseState.REGISTERED:
        return _elsewhere(visit, case)
    token = new_token(visit, case)
    if why_stopped(visit, token) is Verdict.RESYNC_NEEDED:
        return _send_pair(visit, seat, case, token)
    code = visit.form.get("code", "")
    if normalise_code(code, token.digits) is None:
        return _again(visit, seat, case, token, visit.words._("Enter the {n}-digit OTP number", n=token.digits))
    examined, case = _activate(visit, seat, case, code, "")
    if examined.verdict is Verdict.ACCEPTED:
        return visit.go(f"/activate/done?case={case.number}")
    if why_stopped(visit, examined.token) is not None:
        return visit.go(f"/activate?case={case.number}")
    return _again(visit, seat, case, token, _sentence(visit, examined))


def _send_pair(visit: Visit, seat: Seat, case: Case, token: Token) -> Response:
    """Two numbers in a row, of a device whose clock differs."""
    first, second = visit.form.get("code", ""), visit.form.get("second", "")
    sentence = visit.words._("Enter the {n}-digit OTP number", n=token.digits)
    typed = {"code": first, "second": second}
    errors = {name: sentence for name, text in typed.items() if normalise_code(text, token.digits) is None}
    if errors:
        return _apart(visit, case, token, errors)
    examined, case = _activate(visit, seat, case, first, second)
    if examined.verdict is Verdict.ACCEPTED:
        return visit.go(f"/activate/done?case={case.number}")
    if why_stopped(visit, examined.token) is Verdict.RESYNC_NEEDED:
        return _apart(visit, case, token, {"code": _sentence(visit, examined)})
    return visit.go(f"/activate?case={case.number}")


def _activate(visit: Visit, seat: Seat, case: Case, code: str, second: str) -> tuple[Examined, Case]:
    ask = Activate(case_id=case.id, member_id=seat.member.id, code=code, second=second, source=visit.source)
    return visit.do(lambda desk: activate(ask, desk=desk))


def show_done(visit: Visit) -> Response:
    """The new OTP can be used; what became of the old one."""
    seat = proven(visit, Act.FOLLOW)
    case = own_case(visit, seat, visit.query.get("case", ""))
    if case.state is not CaseState.DONE:
        return visit.go(f"/cases/{case.number}")
    old = visit.look(lambda uow: uow.tokens.first(id=case.old_token_id)) if case.old_token_id else None
    return visit.page(
        "portal/activate/done.html",
        case=case,
        token=new_token(visit, case),
        old_ended=old is not None and old.state is TokenState.RETIRED,
        signed_in=seat.session.level is Level.FULL,
        has_code=visit.look(lambda uow: live_code(seat.member.id, uow)) is not None,
    )


def _elsewhere(visit: Visit, case: Case | None) -> Response:
    if case is None:
        return visit.go("/register")
    match case.state:
        case CaseState.DONE:
            return visit.go(f"/activate/done?case={case.number}")
        case CaseState.RECEIVED:
            return visit.go(f"/register?case={case.number}")
        case _:
            return visit.go(f"/cases/{case.number}")


def _sentence(visit: Visit, examined: Examined) -> str:
    _ = visit.words._
    if examined.verdict is Verdict.REPLAYED:
        left = _("{left} tries left", left=examined.tries_left)
        return f"{_('That number was used. Enter the next one')}. {left}"
    return _("That is not the right number. {left} tries left", left=examined.tries_left)


def _again(visit: Visit, seat: Seat, case: Case, token: Token, sentence: str) -> Response:
    if case.delivery is Delivery.APP and visit.query.get("on") == "app":
        return app_page(visit, seat, case, errors={"code": sentence})
    return _form(visit, case, token, sentence)


def _form(visit: Visit, case: Case, token: Token, sentence: str = "") -> Response:
    errors = {"code": sentence} if sentence else None
    return visit.page("portal/activate/form.html", errors=errors, case=case, token=token)


def _apart(visit: Visit, case: Case, token: Token, errors: Mapping[str, str]) -> Response:
    """The device is real but its clock differs: two numbers in a row test it and set it right."""
    return visit.page("portal/activate/two_numbers.html", errors=errors, case=case, token=token)


def _stopped_page(visit: Visit, case: Case, token: Token, stopped: Verdict) -> Response:
    left_s = (token.locked_until - visit.front.house.clock.now()).total_seconds() if token.locked_until else 0.0
    return visit.page(
        "portal/activate/stopped.html",
        case=case,
        stopped=stopped,
        until=token.locked_until if Hold.LOCKED in token.holds else None,
        minutes=max(1, -(-int(left_s) // 60)),
        limit=LIMITS.in_a_row,
    )


def routes(front: Front) -> list[BaseRoute]:
    """Every page of activating."""
    return [
        page_route(front, "/activate", get=show_activate, post=send_activate, explain=explain),
        page_route(front, "/activate/done", get=show_done, explain=explain),
    ]
