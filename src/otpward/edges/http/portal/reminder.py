"""Behind the link of a reminder: one check of one device, without signing in. Nothing else opens; looking changes nothing."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.lifecycle.token import Hold
from otpward.core.model.reminder import Occasion, Outcome
from otpward.core.model.token import Form
from otpward.core.oath.model import TokenKind
from otpward.core.oath.typed_code import normalise_code
from otpward.core.policy.reminding import RENEW_DAYS_BEFORE, WRONG_MOST
from otpward.core.policy.renewal import objection_until
from otpward.core.policy.verification import Verdict, standing
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.portal.own_devices import KINDS
from otpward.edges.http.portal.verdicts import refusal
from otpward.services.health.check_by_link import CheckByLink, check_by_link
from otpward.services.health.give_up_by_link import GiveUpByLink, give_up_by_link
from otpward.services.health.object_to_renewal import ObjectToRenewal, TooLate, object_to_renewal
from otpward.services.health.open_link import LinkOver, Opened, open_link
from otpward.services.health.snooze import Snooze, snooze

_FLOOR_S: Final = 0.3


def show_reminder(visit: Visit) -> Response:
    """What is asked, or what came of it."""
    try:
        return _page(visit, _opened(visit))
    except LinkOver:
        return visit.page("portal/reminder/over.html", status=404)


def send_answer(visit: Visit) -> Response:
    """A number, two, next week, a device that stays dark, or no."""
    link, source = visit.path("link"), visit.source
    try:
        found = _opened(visit)
        match visit.form.get("act"):
            case "later":
                visit.do(lambda desk: snooze(Snooze(link=link, source=source), desk=desk))
            case "broken":
                visit.do(lambda desk: give_up_by_link(GiveUpByLink(link=link, source=source), desk=desk))
            case "no":
                visit.do(lambda desk: object_to_renewal(ObjectToRenewal(link=link, source=source), desk=desk))
            case _:
                errors = _try(visit, found)
                if errors:
                    return _page(visit, _opened(visit), errors)
    except TooLate:
        return visit.page("portal/reminder/over.html", status=409)
    except LinkOver:
        return visit.page("portal/reminder/over.html", status=404)
    return visit.go(_address(visit))


def _opened(visit: Visit) -> Opened:
    return open_link(visit.path("link"), desk=visit.front.house.desk(visit.institution.id, writes=False))


def _address(visit: Visit) -> str:
    return f"/r/{visit.path('link')}"


def _try(visit: Visit, found: Opened) -> dict[str, str]:
    """Judge what was typed; the errors, or none if it is answered."""
    _, digits = visit.words._, found.token.digits
    names = ("first", "second") if _asks_two(found) else ("code",)
    missing = {
        name: _("Enter the {n}-digit OTP number", n=digits)
        for name in names
        if normalise_code(visit.form.get(name, ""), digits) is None
    }
    if missing:
        return missing
    typed = [visit.form[name] for name in names]
    if len(typed) == 2 and normalise_code(typed[0], digits) == normalise_code(typed[1], digits):
        return {"second": _("Both numbers are the same. Wait until the number changes")}
    ask = CheckByLink(link=visit.path("link"), first=typed[0], second=(typed[1:] or [""])[0], source=visit.source)
    checked = visit.do(lambda desk: check_by_link(ask, desk=desk))
    if checked.reminder.outcome is not None:
        return {}
    if checked.verdict is Verdict.RESYNC_NEEDED and len(names) == 1:
        return {"first": _("Its clock differs from ours. Enter two numbers in a row to set it right.")}
    if checked.verdict is Verdict.WRONG_CODE:
        left = WRONG_MOST - checked.reminder.wrong
        if found.device.form is Form.APP:
            return {
                names[0]: _(
                    "That is not the right number. Set the time of the phone to automatic and try again. {left} tries left",
                    left=left,
                )
            }
        return {names[0]: _("That is not the right number. {left} tries left", left=left)}
    return {names[0]: refusal(visit, checked.verdict, [_opened(visit).token])}


def _asks_two(found: Opened) -> bool:
    return Hold.DRIFTED in found.token.holds


def _page(visit: Visit, found: Opened, errors: Mapping[str, str] | None = None) -> Response:
    reminder, now = found.reminder, visit.front.house.clock.now()
    kind, icon = KINDS[found.device.form]
    common: dict[str, Any] = {"found": found, "kind": visit.words._(kind), "icon": icon, "action": _address(visit)}
    match reminder.outcome:
        case Outcome.GOOD | Outcome.FIXED:
            return visit.page("portal/reminder/good.html", fixed=reminder.outcome is Outcome.FIXED, **common)
        case Outcome.FAILED:
            return visit.page("portal/reminder/failed.html", **common)
        case Outcome.OBJECTED:
            return visit.page("portal/reminder/objected.html", ends_on=_ends_on(found), **common)
        case _:
            pass
    if reminder.occasion is Occasion.RENEWAL:
        return _renewal(visit, found, common)
    stopped = standing(found.token, now=now, despite=frozenset({Hold.DRIFTED})) is not None
    return visit.page(
        "portal/reminder/check.html",
        errors=errors,
        values={"code": "", "first": "", "second": ""},
        stopped=stopped or found.token.kind is TokenKind.OCRA,
        two=_asks_two(found),
        counts=found.token.kind is TokenKind.HOTP,
        ends_on=_ends_on(found),
        **common,
    )


def _renewal(visit: Visit, found: Opened, common: Mapping[str, Any]) -> Response:
    plan = found.plan
    until = None if plan is None or plan.told_on is None else objection_until(plan.told_on)
    return visit.page("portal/reminder/renewal.html", plan=plan, until=until, days=RENEW_DAYS_BEFORE, **common)


def _ends_on(found: Opened) -> date | None:
    """Said only where the letter was about it: the link tells a stranger nothing more."""
    return found.device.expires_on if found.reminder.occasion in {Occasion.EXPIRY, Occasion.RENEWAL} else None


def routes(front: Front) -> list[BaseRoute]:
    """The link."""
    return [page_route(front, "/r/{link}", get=show_reminder, post=send_answer, explain=explain, floor_s=_FLOOR_S)]
