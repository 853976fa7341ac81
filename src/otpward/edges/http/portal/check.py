"""Is it broken? What is wrong, one test number, two in a row if the clock differs, and what was found."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.model.device_check import CheckDoor, DeviceCheck, Outcome
from otpward.core.oath.typed_code import normalise_code
from otpward.core.policy.verification import Verdict
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.portal.checked_device import (
    Owned,
    address,
    again,
    checking,
    complaint_of,
    kept,
    missing,
    now_of,
    phone_minutes,
    with_device,
)
from otpward.edges.http.portal.verdicts import refusal
from otpward.ports.unit_of_work import Among
from otpward.services.resync.check_device import CheckDevice, check_device
from otpward.services.resync.resync import Resync, resync

JUST_NOW: Final = timedelta(minutes=10)
"""So long a result can be looked at again."""
_TOLD: Final = Among(frozenset({Outcome.WORKS, Outcome.ADJUSTED, Outcome.RESYNCED}))


def show_check(visit: Visit) -> Response:
    """What is wrong?"""
    return visit.page("portal/check/check.html")


def show_test(visit: Visit, owned: Owned) -> Response:
    """One number; a device whose clock is known to differ goes on to two."""
    return _test(visit, owned) if owned.chosen.works else visit.go(address(visit, "resync", owned))


def send_test(visit: Visit, owned: Owned) -> Response:
    """The number is judged, as at any other door, and what it tells is noted."""
    if normalise_code(visit.form.get("code", ""), owned.chosen.token.digits) is None:
        return _test(visit, owned, {"code": missing(visit, owned)})
    token_id, where, by = owned.chosen.token.id, checking(visit), visit.actor()
    ask = CheckDevice(token_id=token_id, code=visit.form["code"], where=where, by=by, client=visit.source)
    checked = visit.do(lambda desk: check_device(ask, desk=desk))
    verdict = checked.examined.verdict
    if verdict is Verdict.ACCEPTED:
        return visit.go(address(visit, "result", owned))
    after = again(visit, owned)
    if not after.works:
        return visit.go(address(visit, "test", owned))
    said = {"code": refusal(visit, verdict, [after.token])}
    return _test(visit, Owned(owned.every, after), said, found=checked.check)


def show_resync(visit: Visit, owned: Owned) -> Response:
    """Two numbers in a row."""
    return _pair(visit, owned)


def send_resync(visit: Visit, owned: Owned) -> Response:
    """Both are judged together, and both are spent."""
    digits = owned.chosen.token.digits
    first, second = (normalise_code(visit.form.get(name, ""), digits) for name in ("first", "second"))
    errors = {name: missing(visit, owned) for name, code in (("first", first), ("second", second)) if code is None}
    if not errors and first == second:
        errors["second"] = visit.words._("Both numbers are the same. Wait until the number changes")
    if errors or first is None or second is None:
        return _pair(visit, owned, errors)
    ask = Resync(token_id=owned.chosen.token.id, first=first, second=second, by=visit.actor(), where=checking(visit))
    verdict = visit.do(lambda desk: resync(ask, desk=desk)).verdict
    if verdict is Verdict.ACCEPTED:
        return visit.go(address(visit, "result", owned))
    after = again(visit, owned)
    if not after.works and not after.drifted:
        return visit.go(address(visit, "test", owned))
    if verdict is Verdict.WRONG_CODE:
        said = visit.words._("We could not adjust it. You may need a new device")
        return _pair(visit, owned, {"": said}, hopeless=True)
    return _pair(visit, owned, {"first": refusal(visit, verdict, [after.token])})


def show_result(visit: Visit, owned: Owned) -> Response:
    """What the check found."""
    token_id = owned.chosen.token.id
    found = visit.look(lambda uow: uow.checks.first(token_id=token_id, door=CheckDoor.PORTAL, outcome=_TOLD, order="-ended_at"))
    if found is None or found.ended_at is None or now_of(visit) - found.ended_at > JUST_NOW:
        return visit.go(address(visit, "test", owned))
    minutes = phone_minutes(owned.chosen, found.phone_off_s)
    return visit.page("portal/check/result.html", own=owned.chosen, found=found, phone_minutes=minutes)


def _test(visit: Visit, owned: Owned, errors: Mapping[str, str] | None = None, *, found: DeviceCheck | None = None) -> Response:
    return visit.page(
        "portal/check/test.html",
        errors=errors,
        owned=owned,
        values=kept(visit, owned),
        why=complaint_of(visit),
        found=found,
        phone_minutes=phone_minutes(owned.chosen, None if found is None else found.phone_off_s),
    )


def _pair(visit: Visit, owned: Owned, errors: Mapping[str, str] | None = None, *, hopeless: bool = False) -> Response:
    minutes = phone_minutes(owned.chosen, checking(visit).phone_off_s)
    return visit.page(
        "portal/check/resync.html",
        errors=errors,
        owned=owned,
        values=kept(visit, owned),
        why=complaint_of(visit),
        hopeless=hopeless,
        phone_minutes=minutes,
    )


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
