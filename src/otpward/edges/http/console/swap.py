"""A broken device is swapped in one sitting: found by a scan, checked, its holder compared with their papers, the application
taken and approved, a new one taken from this shelf. The counter's own test and receipt end it. What is done stays done: whoever
comes back goes on where the case stands."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.clerk.checks import Checking
from otpward.core.errors import Denied
from otpward.core.lifecycle.case import CaseState
from otpward.core.model.device_check import CheckDoor, Complaint, Outcome
from otpward.core.model.member import Area, Operator
from otpward.core.policy.checks import CHECK_LIFE
from otpward.core.policy.roles import Permission
from otpward.core.policy.verification import Verdict
from otpward.edges.http.address import key_of, pick
from otpward.edges.http.check_words import COMPLAINTS
from otpward.edges.http.console import swap_case
from otpward.edges.http.console.door import admit
from otpward.edges.http.console.swap_view import PATH, Step, Swap, find_swap, read_swap
from otpward.edges.http.console.tokens import verdict_text
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.services.resync.check_device import CheckDevice, check_device
from otpward.services.resync.give_up import GiveUp, give_up

_BROKEN: Final = (Complaint.DARK, Complaint.DAMAGED, Complaint.REFUSED)


def show_find(visit: Visit) -> Response:
    """The broken device is scanned, or its holder named."""
    admit(visit, Permission.HAND_OVER)
    return _find(visit)


def send_find(visit: Visit) -> Response:
    """On to the device; or which of several it is; or why there is nothing to swap."""
    operator = admit(visit, Permission.HAND_OVER)
    typed, _ = visit.form.get("found", "").strip()[:128], visit.words._
    if not typed:
        return _find(visit, {"found": _("Scan the broken OTP, or type the member number")})
    try:
        scanned = visit.look(lambda uow: find_swap(typed, operator=operator, uow=uow))
    except Denied:
        return _find(visit, {"found": _("This is your own OTP. A colleague swaps it")})
    if scanned.idle is not None:
        idle = _("{serial} is not a device in use, so there is nothing to swap", serial=scanned.idle.serial)
        return _find(visit, {"found": idle})
    if not scanned.tokens:
        return _find(visit, {"found": _("No device and no member with a device in use has this number")})
    if len(scanned.tokens) > 1:
        return visit.page("console/swap/which.html", step=Step.FIND, tokens=scanned.tokens, path=PATH)
    return visit.go(f"{PATH}/{scanned.tokens[0].id}")


def show_check(visit: Visit) -> Response:
    """What is wrong with it."""
    swap = _open(visit, admit(visit, Permission.HAND_OVER))
    return swap_case.go_on(visit, swap) if swap_case.is_taken(swap.case) else _check(visit, swap)


def send_check(visit: Visit) -> Response:
    """On to the papers if it is broken; if its number is right, it is not."""
    operator = admit(visit, Permission.HAND_OVER)
    swap, _ = _open(visit, operator), visit.words._
    if swap_case.is_taken(swap.case) or swap.stopped or swap.acted_for:
        return visit.go(swap.here)
    complaint = pick(Complaint, visit.form.get("complaint"))
    if complaint not in _BROKEN:
        return _check(visit, swap, {"complaint": _("Choose what fits")})
    where, code = Checking(door=CheckDoor.CONSOLE, complaint=complaint), visit.form.get("code", "").strip()
    if complaint is Complaint.REFUSED and visit.form.get("sure") != "yes":
        if not code:
            return _check(visit, swap, {"code": _("Enter the number that the OTP shows")})
        ask = CheckDevice(token_id=swap.token.id, code=code, where=where, by=operator.actor)
        examined = visit.do(lambda desk: check_device(ask, desk=desk)).examined
        if examined.verdict is Verdict.ACCEPTED:
            return visit.page("console/swap/works.html", step=Step.CHECK, swap=swap, values={})
        said = verdict_text(examined.verdict, examined.tries_left, visit.words)
        return _check(visit, _open(visit, operator), {"code": said}, refused=examined.verdict)
    over = GiveUp(token_id=swap.token.id, member_id=swap.member.id, where=where, by=operator.actor)
    visit.do(lambda desk: give_up(over, desk=desk))
    return visit.go(f"{swap.here}/person")


def show_person(visit: Visit) -> Response:
    """The holder is compared with their papers."""
    swap = _open(visit, admit(visit, Permission.HAND_OVER))
    if swap_case.is_taken(swap.case):
        return swap_case.go_on(visit, swap)
    return visit.go(swap.here) if _checked(visit, swap) is None else swap_case.person_page(visit, swap)


def send_person(visit: Visit) -> Response:
    """The application is taken and approved, as far as this operator may; on to the new device."""
    operator = admit(visit, Permission.HAND_OVER)
    swap = _open(visit, operator)
    if swap_case.is_taken(swap.case):
        return swap_case.go_on(visit, swap)
    check = _checked(visit, swap)
    return visit.go(swap.here) if check is None else swap_case.send_person(visit, swap, operator, check)


def show_device(visit: Visit) -> Response:
    """The new device is scanned; or what it waits for."""
    swap = _open(visit, admit(visit, Permission.HAND_OVER))
    return swap_case.go_on(visit, swap) if swap_case.is_taken(swap.case) else visit.go(swap.here)


def send_device(visit: Visit) -> Response:
    """The new device is taken from the shelf; on to the test."""
    operator = admit(visit, Permission.HAND_OVER)
    swap = _open(visit, operator)
    if swap.case is None or swap.case.state not in {CaseState.APPROVED, CaseState.PREPARING}:
        return swap_case.go_on(visit, swap) if swap_case.is_taken(swap.case) else visit.go(swap.here)
    return swap_case.send_device(visit, swap, operator)


def _open(visit: Visit, operator: Operator) -> Swap:
    key, now = key_of(visit.path("id")), visit.front.house.clock.now()
    return visit.look(lambda uow: read_swap(key, operator=operator, uow=uow, now=now))


def _checked(visit: Visit, swap: Swap) -> UUID | None:
    """The check that showed, a little while ago, that a new device is needed."""
    lines = visit.look(lambda uow: uow.checks.find(token_id=swap.token.id, outcome=Outcome.REPLACE, order="-begun_at", limit=1))
    return lines[0].id if lines and swap.now < (lines[0].ended_at or lines[0].begun_at) + CHECK_LIFE else None


def _find(visit: Visit, errors: Mapping[str, str] | None = None) -> Response:
    return visit.page("console/swap/find.html", errors=errors, step=Step.FIND, path=PATH, camera=True)


def _check(visit: Visit, swap: Swap, errors: Mapping[str, str] | None = None, refused: Verdict | None = None) -> Response:
    return visit.page(
        "console/swap/check.html",
        errors=errors,
        step=Step.CHECK,
        swap=swap,
        complaints=[{"value": one.value, "label": visit.words._(COMPLAINTS[one])} for one in _BROKEN],
        refused=refused,
    )


def routes(front: Front) -> list[BaseRoute]:
    """The pages of a swap."""
    area, one = Area.CONSOLE, PATH + "/{id}"
    return [
        page_route(front, PATH, area=area, get=show_find, post=send_find, explain=explain),
        page_route(front, one, area=area, get=show_check, post=send_check, explain=explain),
        page_route(front, f"{one}/person", area=area, get=show_person, post=send_person, explain=explain),
        page_route(front, f"{one}/device", area=area, get=show_device, post=send_device, explain=explain),
    ]
