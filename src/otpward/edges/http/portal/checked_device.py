"""Which device a check is about, and who may check it: nobody learns anything of a device before they have shown who they
are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from starlette.responses import Response

from otpward.clerk.checks import Checking
from otpward.core.ids import MemberId
from otpward.core.model.device_check import CheckDoor, Complaint
from otpward.core.model.member import Level
from otpward.core.model.token import Form
from otpward.core.policy.checks import PHONE_WORTH_SAYING_S, phone_off_s
from otpward.core.policy.verification import LIMITS
from otpward.edges.http.front import Handler, Visit
from otpward.edges.http.portal.own_devices import OwnDevice, own_devices
from otpward.edges.http.portal.verdicts import locked_until


@dataclass(frozen=True, slots=True)
class Owned:
    """The member's devices, and the one that is checked."""

    every: list[OwnDevice]
    chosen: OwnDevice


def with_device(handle: Callable[[Visit, Owned], Response]) -> Handler:
    """A handler for a member who has shown who they are and has a device that takes numbers now; for others, why not."""

    def answer(visit: Visit, owned: Owned) -> Response:
        token = owned.chosen.token
        if not owned.chosen.works and not owned.chosen.drifted:
            until = locked_until([token], now_of(visit))
            return visit.page("portal/check/stopped.html", own=owned.chosen, locked_until=until, limit=LIMITS.in_a_row)
        return handle(visit, owned)

    return with_any_device(answer)


def with_any_device(handle: Callable[[Visit, Owned], Response]) -> Handler:
    """The same, whether the device takes numbers or not."""

    def answer(visit: Visit) -> Response:
        if visit.seat is None or visit.seat.session.level not in {Level.PROVEN, Level.FULL}:
            complaint = complaint_of(visit)
            return visit.go(f"/prove?for={'check' if complaint is Complaint.NONE else complaint}")
        owned = _owned(visit, visit.seat.member.id)
        return visit.page("portal/check/none.html") if owned is None else handle(visit, owned)

    return answer


def complaint_of(visit: Visit) -> Complaint:
    """What is said to be wrong, in the address or the form."""
    said = visit.form.get("why") or visit.query.get("why", "")
    return next((one for one in Complaint if one == said), Complaint.NONE)


def checking(visit: Visit) -> Checking:
    """The check that this form is a part of."""
    off_s = phone_off_s(visit.form.get("clock", ""), now_of(visit))
    return Checking(door=CheckDoor.PORTAL, complaint=complaint_of(visit), phone_off_s=off_s)


def phone_minutes(own: OwnDevice, off_s: int | None) -> int:
    """By how many minutes the clock beside an app is off, negative if it is slow; 0 where that is of no account. It is the
    browser's word: worth a hint to the member, and nothing more."""
    if own.device.form is not Form.APP or off_s is None or abs(off_s) < PHONE_WORTH_SAYING_S:
        return 0
    return round(off_s / 60)


def again(visit: Visit, owned: Owned) -> OwnDevice:
    """The device as it is now, after a number was judged."""
    member_id = owned.chosen.registration.member_id
    return next((own for own in own_devices(visit, member_id) if own.serial == owned.chosen.serial), owned.chosen)


def address(visit: Visit, page: str, owned: Owned) -> str:
    """Where this check goes on."""
    complaint = complaint_of(visit)
    said = {} if complaint is Complaint.NONE else {"why": complaint.value}
    return f"/check/{page}?{urlencode({'device': owned.chosen.serial, **said})}"


def kept(visit: Visit, owned: Owned) -> Mapping[str, str]:
    """What stands in the form again; never a number."""
    return {"device": owned.chosen.serial, "why": complaint_of(visit).value}


def missing(visit: Visit, owned: Owned) -> str:
    """That a number is missing."""
    return visit.words._("Enter the {n}-digit OTP number", n=owned.chosen.token.digits)


def now_of(visit: Visit) -> datetime:
    """This moment."""
    return visit.front.house.clock.now()


def _owned(visit: Visit, member_id: MemberId) -> Owned | None:
    """The device named in the form or the address, else the newest that works, else the newest."""
    every = own_devices(visit, member_id)
    if not every:
        return None
    named = visit.form.get("device") or visit.query.get("device")
    best = next((own for own in every if own.works), every[0])
    return Owned(every, next((own for own in every if own.serial == named), best))
