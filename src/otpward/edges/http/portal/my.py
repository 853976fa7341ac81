"""A member's own page: each device with its state, each open case with its next act."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.errors import Invalid, NotFound
from otpward.core.ids import MemberId
from otpward.core.lifecycle.case import OPEN, CaseState
from otpward.core.model.case import Case
from otpward.core.model.device_name import NAME_LETTERS
from otpward.core.model.member import Level
from otpward.core.model.reminder import Occasion
from otpward.core.model.temporary_pass import TemporaryPass
from otpward.core.policy.verification import LIMITS
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.portal.backup import backup_of
from otpward.edges.http.portal.own_devices import OwnDevice, own_devices
from otpward.edges.http.portal.verdicts import locked_until
from otpward.edges.http.words import later
from otpward.ports.unit_of_work import Among
from otpward.services.health.reminders_due import reminders_due
from otpward.services.register.name_device import NameDevice, name_device

_NEXT_ACTS: Final[Mapping[CaseState, tuple[str, str]]] = {
    CaseState.REPORTED: (later("Apply for a new OTP"), "/apply"),
    CaseState.DRAFT: (later("Go on with your application"), "/apply/tasks"),
    CaseState.READY_TO_COLLECT: (later("Show the pick-up pass"), "/cases/{no}/pick-up"),
    CaseState.RECEIVED: (later("Register your new OTP"), "/register?case={no}"),
    CaseState.REGISTERED: (later("Finish with one number"), "/activate?case={no}"),
}
"""What the member can do now; in the other states they can follow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Banner:
    """One device that is worth a minute, why, and by when."""

    own: OwnDevice
    why: Occasion
    on: date | None


def show_my(visit: Visit) -> Response:
    """Devices, cases, and what asks for attention."""
    member = visit.need(Level.FULL).member
    devices = own_devices(visit, member.id)
    cases = visit.look(lambda uow: uow.cases.find(member_id=member.id, state=Among(OPEN), order="-opened_at"))
    due = _due(visit, member.id, devices)
    told = {one.own.token.id for one in due if one.why is Occasion.EXPIRY}
    return visit.page(
        "portal/my/my.html",
        devices=devices,
        due=due,
        passes=_passes(visit, member.id),
        ending=[own for own in devices if own.expires_soon and own.token.id not in told],
        cases=[(case, *next_act(visit, case)) for case in cases],
        backed_up=backup_of(visit).enough,
    )


def show_device(visit: Visit) -> Response:
    """One device: what it is, how it stands, and what can be done with it."""
    return _device_page(visit, _own_device(visit))


def send_device(visit: Visit) -> Response:
    """It is called something else from now on."""
    own, by = _own_device(visit), visit.actor()
    name, member_id = visit.form.get("name", ""), own.registration.member_id
    ask = NameDevice(token_id=own.token.id, member_id=member_id, name=name, by=by)
    try:
        visit.do(lambda desk: name_device(ask, desk=desk))
    except Invalid:
        return _device_page(visit, own, {"name": visit.words._("Use {n} letters at most", n=NAME_LETTERS)})
    return visit.go(f"/my/devices/{quote(own.serial, safe='')}?done=named")


def _own_device(visit: Visit) -> OwnDevice:
    member = visit.need(Level.FULL).member
    own = next((one for one in own_devices(visit, member.id) if one.serial == visit.path("serial")), None)
    if own is None:
        raise NotFound("no such device of this member")
    return own


def _device_page(visit: Visit, own: OwnDevice, errors: Mapping[str, str] | None = None) -> Response:
    now = visit.front.house.clock.now()
    until = locked_until([own.token], now)
    values = visit.form if errors else {"name": own.name if own.name != own.kind else ""}
    return visit.page(
        "portal/my/device.html",
        errors=errors,
        values=values,
        own=own,
        locked_until=until,
        limit=LIMITS.in_a_row,
        longest=NAME_LETTERS,
        done=visit.query.get("done") == "named",
    )


def next_act(visit: Visit, case: Case) -> tuple[str, str]:
    """The button of an open case: its words and where it leads."""
    words, where = _NEXT_ACTS.get(case.state, (later("Follow your application"), "/cases/{no}"))
    return visit.words._(words), where.format(no=case.number)


def _passes(visit: Visit, member_id: MemberId) -> list[TemporaryPass]:
    """The temporary passes that are good now."""
    now = visit.front.house.clock.now()
    found = visit.look(lambda uow: uow.passes.find(member_id=member_id, ended_at=None))
    return [one for one in found if now < one.expires_at]


def _due(visit: Visit, member_id: MemberId, devices: Sequence[OwnDevice]) -> list[Banner]:
    """What the policy's reminders would write about, whether they were written or not."""
    now = visit.front.house.clock.now()
    found = visit.look(lambda uow: reminders_due(member_id, uow=uow, now=now))
    by_token = {own.token.id: own for own in devices}
    return [Banner(own=by_token[one.token_id], why=one.occasion, on=one.on) for one in found if one.token_id in by_token]


def routes(front: Front) -> list[BaseRoute]:
    """The page, and a page per device."""
    return [
        page_route(front, "/my", get=show_my, explain=explain),
        page_route(front, "/my/devices/{serial}", get=show_device, post=send_device, explain=explain),
    ]
