"""Is it broken? One test number; if the clock differs, two in a row; otherwise the way to a new device."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.ids import MemberId
from otpward.core.model.member import Level
from otpward.core.oath.model import TokenKind
from otpward.core.oath.typed_code import normalise_code
from otpward.core.policy.verification import LIMITS, Verdict
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Handler, Visit, page_route
from otpward.edges.http.portal.own_devices import OwnDevice, own_devices
from otpward.edges.http.portal.verdicts import locked_until, refusal
from otpward.services.resync.resync import Resync, resync
from otpward.services.verify.verify import Verify, verify

JUST_NOW: Final = timedelta(minutes=10)
"""So long a result can be looked at again."""
_WORTH_SAYING_STEPS: Final = 2
"""A number typed a moment late looks like one step of drift; two are the clock's."""


@dataclass(frozen=True, slots=True)
class Owned:
    """The member's devices, and the one that is checked."""

    every: list[OwnDevice]
    chosen: OwnDevice


def show_check(visit: Visit) -> Response:
    """What is wrong?"""
    return visit.page("portal/check/check.html")


def with_device(handle: Callable[[Visit, Owned], Response]) -> Handler:
    """A handler for a member who has shown who they are and has a device that takes numbers now; for others, why not."""

    def answer(visit: Visit) -> Response:
        if visit.seat is None or visit.seat.session.level not in {Level.PROVEN, Level.FULL}:
            return visit.go("/prove?for=check")
        owned = _owned(visit, visit.seat.member.id)
        if owned is None:
            return visit.page("portal/check/none.html")
        token = owned.chosen.token
        if not owned.chosen.works and not owned.chosen.drifted:
            until = locked_until([token], _now(visit))
            return visit.page("portal/check/stopped.html", own=owned.chosen, locked_until=until, limit=LIMITS.in_a_row)
        return handle(visit, owned)

    return answer


def show_test(visit: Visit, owned: Owned) -> Response:
    """One number; a device whose clock is known to differ goes on to two."""
    return _test(visit, owned) if owned.chosen.works else visit.go(_address("resync", owned))


def send_test(visit: Visit, owned: Owned) -> Response:
    """The number is judged, as at any other door."""
    if normalise_code(visit.form.get("code", ""), owned.chosen.token.digits) is None:
        return _test(visit, owned, {"code": _missing(visit, owned)})
    ask = Verify(institution_id=visit.institution.id, code=visit.form["code"], by=visit.actor(), serial=owned.chosen.serial)
    verdict = visit.do(lambda desk: verify(ask, desk=desk)).verdict
    if verdict is Verdict.ACCEPTED:
        return visit.go(_address("result", owned))
    after = _again(visit, owned)
    if not after.works:
        return visit.go(_address("test", owned))
    return _test(visit, owned, {"code": refusal(visit, verdict, [after.token])})


def show_resync(visit: Visit, owned: Owned) -> Response:
    """Two numbers in a row."""
    return _pair(visit, owned)


def send_resync(visit: Visit, owned: Owned) -> Response:
    """Both are judged together, and both are spent."""
    digits = owned.chosen.token.digits
    first, second = (normalise_code(visit.form.get(name, ""), digits) for name in ("first", "second"))
    errors = {name: _missing(visit, owned) for name, code in (("first", first), ("second", second)) if code is None}
    if not errors and first == second:
        errors["second"] = visit.words._("Both numbers are the same. Wait until the number changes")
    if errors or first is None or second is None:
        return _pair(visit, owned, errors)
    ask = Resync(token_id=owned.chosen.token.id, first=first, second=second, by=visit.actor())
    verdict = visit.do(lambda desk: resync(ask, desk=desk)).verdict
    if verdict is Verdict.ACCEPTED:
        return visit.go(_address("result", owned) + "&by=resync")
    after = _again(visit, owned)
    if not after.works and not after.drifted:
        return visit.go(_address("test", owned))
    if verdict is Verdict.WRONG_CODE:
        return _pair(visit, owned, {"": visit.words._("We could not adjust it. You may need a new device")})
    return _pair(visit, owned, {"first": refusal(visit, verdict, [after.token])})


def show_result(visit: Visit, owned: Owned) -> Response:
    """What the test found, told from how the device stands now."""
    token = owned.chosen.token
    if token.used_at is None or _now(visit) - token.used_at > JUST_NOW:
        return visit.go(_address("test", owned))
    has_clock = token.kind is TokenKind.TOTP
    drift_s = token.drift_steps * token.period_s if has_clock and abs(token.drift_steps) >= _WORTH_SAYING_STEPS else 0
    adjusted = has_clock and visit.query.get("by") == "resync"
    return visit.page("portal/check/result.html", own=owned.chosen, drift_s=drift_s, adjusted=adjusted)


def _test(visit: Visit, owned: Owned, errors: Mapping[str, str] | None = None) -> Response:
    return visit.page("portal/check/test.html", errors=errors, owned=owned, values=_values(visit, owned))


def _pair(visit: Visit, owned: Owned, errors: Mapping[str, str] | None = None) -> Response:
    return visit.page("portal/check/resync.html", errors=errors, owned=owned, values=_values(visit, owned))


def _values(visit: Visit, owned: Owned) -> Mapping[str, str]:
    return {**visit.form, "device": owned.chosen.serial}


def _owned(visit: Visit, member_id: MemberId) -> Owned | None:
    """The device named in the form or the address, else the newest that works, else the newest."""
    every = own_devices(visit, member_id)
    if not every:
        return None
    named = visit.form.get("device") or visit.query.get("device")
    best = next((own for own in every if own.works), every[0])
    return Owned(every, next((own for own in every if own.serial == named), best))


def _again(visit: Visit, owned: Owned) -> OwnDevice:
    """The device as it is now, after a number was judged."""
    member_id = owned.chosen.registration.member_id
    return next((own for own in own_devices(visit, member_id) if own.serial == owned.chosen.serial), owned.chosen)


def _address(page: str, owned: Owned) -> str:
    return f"/check/{page}?device={quote(owned.chosen.serial)}"


def _missing(visit: Visit, owned: Owned) -> str:
    return visit.words._("Enter the {n}-digit OTP number", n=owned.chosen.token.digits)


def _now(visit: Visit) -> datetime:
    return visit.front.house.clock.now()


def routes(front: Front) -> list[BaseRoute]:
    """What is wrong, one number, two numbers, the result."""
    test, sent_test = with_device(show_test), with_device(send_test)
    pair, sent_pair = with_device(show_resync), with_device(send_resync)
    return [
        page_route(front, "/check", get=show_check, explain=explain),
        page_route(front, "/check/test", get=test, post=sent_test, explain=explain),
        page_route(front, "/check/resync", get=pair, post=sent_pair, explain=explain),
        page_route(front, "/check/result", get=with_device(show_result), explain=explain),
    ]
