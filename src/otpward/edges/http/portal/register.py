"""Registering the new OTP: a device by the serial on its back, an app by QR code and key beside its first number."""

from collections.abc import Mapping
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.errors import Conflict
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.case import Case, Delivery
from otpward.core.model.member import Area
from otpward.core.model.proof import Act
from otpward.core.model.token import Token
from otpward.core.policy.verification import Verdict, standing
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.photos import photo_routes
from otpward.edges.http.portal.own import own_case, proven
from otpward.edges.http.qr import draw_qr
from otpward.ports.unit_of_work import Among
from otpward.services.register.register_device import NotYourDevice, RegisterDevice, register_device
from otpward.services.register.show_key import ShowKey, show_key
from otpward.services.sign_in.sessions import Seat

ARRIVED: Final = frozenset({CaseState.RECEIVED, CaseState.REGISTERED})
"""The new OTP is in the member's hands, and not in use yet."""

_TESTED_NEXT: Final = frozenset({TokenState.ISSUED, TokenState.REGISTERED})


def case_at_hand(visit: Visit, seat: Seat) -> Case | None:
    """The application that `?case=` names, or the one whose OTP has arrived; raises `NotFound` for somebody else's."""
    number = visit.query.get("case", "")
    if number:
        return own_case(visit, seat, number)
    return visit.look(lambda uow: uow.cases.first(member_id=seat.member.id, state=Among(ARRIVED), order="-opened_at"))


def new_token(visit: Visit, case: Case) -> Token:
    """The token of a case that has one."""
    assert case.new_token_id is not None, "a case that was prepared has its token"
    token_id = case.new_token_id
    return visit.look(lambda uow: uow.tokens.get(token_id))


def why_stopped(visit: Visit, token: Token) -> Verdict | None:
    """Why no first number of this token would be taken now, or None."""
    return standing(token, now=visit.front.house.clock.now(), awake=_TESTED_NEXT)


def show_register(visit: Visit) -> Response:
    """Leads to where this application's OTP is registered, or says that there is none to register."""
    case = case_at_hand(visit, proven(visit, Act.FOLLOW))
    if case is None:
        return visit.page("portal/register/nothing.html")
    if case.state not in ARRIVED:
        return visit.go(f"/cases/{case.number}")
    if case.delivery is Delivery.APP:
        return visit.go(f"/register/app?case={case.number}")
    return visit.go(f"/{'register/device' if case.state is CaseState.RECEIVED else 'activate'}?case={case.number}")


def show_device(visit: Visit) -> Response:
    """The place for the serial."""
    case = case_at_hand(visit, proven(visit, Act.FOLLOW))
    return _device_page(visit, case) if _is_device_to_register(case) else _to_register(visit, case)


def send_device(visit: Visit) -> Response:
    """The device is tied to its member, and its first number comes next."""
    seat = proven(visit, Act.FOLLOW)
    case = case_at_hand(visit, seat)
    if case is None or not _is_device_to_register(case):
        return _to_register(visit, case)
    serial = visit.form.get("serial", "").strip()
    if not serial:
        return _device_page(visit, case, errors={"serial": visit.words._("Enter the serial number on the back")})
    ask = RegisterDevice(case_id=case.id, member_id=seat.member.id, serial=serial, source=visit.source)
    try:
        visit.do(lambda desk: register_device(ask, desk=desk))
    except NotYourDevice:
        return _device_page(visit, case, errors={"serial": visit.words._("This is not the device sent for your application")})
    except Conflict:
        return _to_register(visit, case)
    return visit.go(f"/activate?case={case.number}")


def show_app(visit: Visit) -> Response:
    """QR code, key and the field for the first number, until that number was right; never after."""
    seat = proven(visit, Act.FOLLOW)
    case = case_at_hand(visit, seat)
    if case is None or case.delivery is not Delivery.APP or case.state not in ARRIVED:
        return _to_register(visit, case)
    if why_stopped(visit, new_token(visit, case)) is not None:
        return visit.go(f"/activate?case={case.number}")
    return app_page(visit, seat, case)


def app_page(visit: Visit, seat: Seat, case: Case, *, errors: Mapping[str, str] | None = None) -> Response:
    """The one screen for an app; each showing of its key is on record."""
    ask = ShowKey(case_id=case.id, member_id=seat.member.id, source=visit.source)
    shown = visit.do(lambda desk: show_key(ask, desk=desk))
    uri = shown.uri.reveal().decode("ascii")
    second = int(visit.front.house.clock.now().timestamp())
    return visit.page(
        "portal/register/app.html",
        errors=errors,
        case=case,
        uri=uri,
        qr=draw_qr(uri),
        key=shown.grouped.reveal().decode("ascii"),
        digits=shown.digits,
        period_s=shown.period_s,
        left_s=shown.period_s - second % shown.period_s,
    )


def _is_device_to_register(case: Case | None) -> bool:
    return case is not None and case.delivery is not Delivery.APP and case.state is CaseState.RECEIVED


def _to_register(visit: Visit, case: Case | None) -> Response:
    return visit.go(f"/register?case={case.number}" if case is not None else "/register")


def _device_page(visit: Visit, case: Case | None, *, errors: Mapping[str, str] | None = None) -> Response:
    return visit.page("portal/register/device.html", errors=errors, case=case, camera=True)


def routes(front: Front) -> list[BaseRoute]:
    """Every page of registering."""
    return [
        page_route(front, "/register", get=show_register, explain=explain),
        page_route(front, "/register/device", get=show_device, post=send_device, explain=explain),
        page_route(front, "/register/app", get=show_app, explain=explain),
        *photo_routes(front, Area.PORTAL, lambda visit: proven(visit, Act.FOLLOW)),
    ]
