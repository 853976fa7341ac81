"""A member's own page: each device with its state, each open case with its next act."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.errors import NotFound
from otpward.core.lifecycle.case import OPEN, CaseState
from otpward.core.model.case import Case
from otpward.core.model.member import Level
from otpward.core.policy.verification import LIMITS
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.portal.backup import backup_of
from otpward.edges.http.portal.own_devices import OwnDevice, own_devices
from otpward.edges.http.portal.verdicts import locked_until
from otpward.edges.http.words import later
from otpward.ports.unit_of_work import Among

CHECK_EVERY: Final = timedelta(days=365)
"""A device that was not used for so long is worth a minute's check."""

_NEXT_ACTS: Final[Mapping[CaseState, tuple[str, str]]] = {
    CaseState.REPORTED: (later("Apply for a new OTP"), "/apply"),
    CaseState.DRAFT: (later("Go on with your application"), "/apply/tasks"),
    CaseState.READY_TO_COLLECT: (later("Show the pick-up pass"), "/cases/{no}/pick-up"),
    CaseState.RECEIVED: (later("Register your new OTP"), "/register?case={no}"),
    CaseState.REGISTERED: (later("Finish with one number"), "/activate?case={no}"),
}
"""What the member can do now; in the other states they can follow."""


def show_my(visit: Visit) -> Response:
    """Devices, cases, and what asks for attention."""
    member = visit.need(Level.FULL).member
    devices = own_devices(visit, member.id)
    cases = visit.look(lambda uow: uow.cases.find(member_id=member.id, state=Among(OPEN), order="-opened_at"))
    return visit.page(
        "portal/my/my.html",
        devices=devices,
        due=[own for own in devices if own.works and _check_is_due(visit, own)],
        cases=[(case, *next_act(visit, case)) for case in cases],
        backed_up=backup_of(visit).enough,
    )


def show_device(visit: Visit) -> Response:
    """One device: what it is, how it stands, and what can be done with it."""
    member = visit.need(Level.FULL).member
    own = next((one for one in own_devices(visit, member.id) if one.serial == visit.path("serial")), None)
    if own is None:
        raise NotFound("no such device of this member")
    now = visit.front.house.clock.now()
    return visit.page("portal/my/device.html", own=own, locked_until=locked_until([own.token], now), limit=LIMITS.in_a_row)


def next_act(visit: Visit, case: Case) -> tuple[str, str]:
    """The button of an open case: its words and where it leads."""
    words, where = _NEXT_ACTS.get(case.state, (later("Follow your application"), "/cases/{no}"))
    return visit.words._(words), where.format(no=case.number)


def _check_is_due(visit: Visit, own: OwnDevice) -> bool:
    since = own.token.used_at or own.registration.live_at or own.registration.begun_at
    return visit.front.house.clock.now() - since > CHECK_EVERY


def routes(front: Front) -> list[BaseRoute]:
    """The page, and a page per device."""
    return [
        page_route(front, "/my", get=show_my, explain=explain),
        page_route(front, "/my/devices/{serial}", get=show_device, explain=explain),
    ]
