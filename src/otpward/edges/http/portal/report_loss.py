"""Room 1 for members: one form stops the OTP; its receipt leads on to the details and a new OTP, without signing in."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.errors import Invalid, NotFound, Taken
from otpward.core.model.loss import LossKind, LossReport
from otpward.core.model.member import Level
from otpward.core.model.proof import Act
from otpward.core.policy.phones import to_e164
from otpward.core.policy.proofs import member_may_lift, phone_may_prove
from otpward.core.policy.rates import RECEIPT_LIFE
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.portal import phone_codes
from otpward.edges.http.portal.own_devices import own_devices
from otpward.edges.http.portal.receipts import loss_receipt
from otpward.services.report_loss.report_loss import ReportLoss, report_loss

SAME_REPORT: Final = timedelta(hours=1)
"""Within this time a browser is first shown the receipt it has; another report is one link further."""
FLOOR_S: Final = 0.3
"""No form of a stranger is answered faster."""
_KEY_OCTETS: Final = 16
_KEY_LONGEST: Final = 64


def show_form(visit: Visit) -> Response:
    """The form; or the receipt that this browser has just been given."""
    since = visit.front.house.clock.now() - SAME_REPORT
    last = visit.look(lambda uow: uow.losses.first(browser=visit.browser, lifted_at=None, order="-reported_at"))
    if last is not None and last.reported_at > since and "again" not in visit.query and _goes_on(visit, last):
        return visit.go(f"/report-loss/{last.number}")
    return _form(visit, {"kind": LossKind.LOST.value})


def _goes_on(visit: Visit, report: LossReport) -> bool:
    """Whether what was reported is still so: not once a new OTP works, nor for somebody who has signed in since."""
    if visit.seat is not None and visit.seat.session.level is Level.FULL:
        return False
    case = visit.look(lambda uow: uow.cases.first(id=report.case_id)) if report.case_id is not None else None
    return case is None or case.closed_at is None


def send_form(visit: Visit) -> Response:
    """The OTP is stopped and the receipt shown; to a stranger, the same receipt."""
    errors = _faults(visit)
    if errors:
        return _form(visit, visit.form, errors)
    form, key = visit.form, visit.form.get("key", "")
    ask = ReportLoss(
        institution_id=visit.institution.id,
        login=form["member"],
        phone=form["phone"],
        kind=LossKind(form["kind"]),
        phone_lost=bool(form.get("phone_lost")),
        browser=visit.browser,
        once=key if 0 < len(key) <= _KEY_LONGEST else _new_key(visit),
        source=visit.source,
    )
    visit.fresh = True  # the receipt can be seen for 30 days from now, so the browser's number is set to last as long
    return visit.go(f"/report-loss/{_report(visit, ask).number}")


def show_receipt(visit: Visit) -> Response:
    """The receipt, in the browser that made the report."""
    report = own_report(visit)
    return visit.page(
        "portal/report_loss/receipt.html",
        report=report,
        said=loss_receipt(visit, report),
        pdf=visit.front.prints is not None,
        may_lift=member_may_lift(report),
        phone_proves=phone_may_prove(report),
        kept_until=report.reported_at + RECEIPT_LIFE,
    )


def show_confirm(visit: Visit) -> Response:
    """Before the proof, the field for the phone code; after it, what was stopped."""
    report = own_report(visit)
    if not phone_may_prove(report):
        return visit.page("portal/report_loss/phone_lost.html", report=report)
    seat = visit.seat
    if seat is not None and seat.session.level in {Level.PROVEN, Level.FULL} and seat.member.id == report.member_id:
        every = own_devices(visit, seat.member.id)
        return visit.page(
            "portal/report_loss/stopped.html",
            report=report,
            devices=[own for own in every if own.stopped],
            others=[own for own in every if not own.stopped],
            may_lift=member_may_lift(report),
        )
    return phone_codes.show(visit, report, Act.APPLY, "portal/report_loss/confirm.html")


def send_confirm(visit: Visit) -> Response:
    """A code is sent, sent again, or judged."""
    report = own_report(visit)
    if not phone_may_prove(report):
        return visit.go(f"/report-loss/{report.number}/confirm")
    return phone_codes.take(visit, report, Act.APPLY, "portal/report_loss/confirm.html")


def own_report(visit: Visit) -> LossReport:
    """The report of this number, if it was made in this browser and its receipt still keeps; raises `NotFound`."""
    report = visit.look(lambda uow: uow.losses.first(number=visit.path("no"), browser=visit.browser))
    if report is None or visit.front.house.clock.now() >= report.reported_at + RECEIPT_LIFE:
        raise NotFound("no such report in this browser")
    return report


def _report(visit: Visit, ask: ReportLoss) -> LossReport:
    try:
        return visit.do(lambda desk: report_loss(ask, desk=desk))
    except Taken:  # the second press of a double one arrived while the first was being written
        first = visit.look(lambda uow: uow.losses.first(once=ask.once, browser=visit.browser))
        if first is None:
            raise
        return first


def _faults(visit: Visit) -> dict[str, str]:
    """What is wrong with the form as it was typed; nobody is looked up for it."""
    _, form, errors = visit.words._, visit.form, dict[str, str]()
    if form.get("kind") not in set(LossKind):
        errors["kind"] = _("Choose what happened")
    if not form.get("member", "").strip():
        errors["member"] = _("Enter your member number or ID")
    try:
        to_e164(form.get("phone", ""))
    except Invalid:
        errors["phone"] = _("Check the mobile number. A digit may be missing")
    return errors


def _form(visit: Visit, values: Mapping[str, str], errors: Mapping[str, str] | None = None) -> Response:
    key = values.get("key") or _new_key(visit)
    return visit.page("portal/report_loss/form.html", errors=errors, values=values, key=key)


def _new_key(visit: Visit) -> str:
    return visit.front.house.entropy.octets(_KEY_OCTETS).hex()


def routes(front: Front) -> list[BaseRoute]:
    """The form, its receipt, and the details behind a phone code."""
    return [
        page_route(front, "/report-loss", get=show_form, post=send_form, explain=explain, floor_s=FLOOR_S),
        page_route(front, "/report-loss/{no}", get=show_receipt, explain=explain),
        page_route(front, "/report-loss/{no}/confirm", get=show_confirm, post=send_confirm, explain=explain, floor_s=FLOOR_S),
    ]
