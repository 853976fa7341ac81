"""Found again: the member shows who they are, then the device shows its next number, and the report is cancelled."""

from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.lifecycle.token import Hold
from otpward.core.model.loss import LossReport
from otpward.core.model.member import Member
from otpward.core.model.proof import Act
from otpward.core.policy.proofs import ProofNeeded, member_may_lift
from otpward.core.policy.verification import Verdict
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.portal import phone_codes
from otpward.edges.http.portal.own_devices import own_devices
from otpward.edges.http.portal.purposes import errand_of_report, progress
from otpward.edges.http.portal.report_loss import FLOOR_S, own_report
from otpward.edges.http.portal.verdicts import refusal
from otpward.services.report_loss.lift_report import LiftReport, OnlyAtABranch, lift_report

_PROVE: Final = "portal/report_loss/lift.html"
_TEST: Final = "portal/report_loss/test.html"
_BRANCH: Final = "portal/report_loss/only_branch.html"


def show_lift(visit: Visit) -> Response:
    """The next question: the phone code, then the number of the device; or that only a branch can do this."""
    report = own_report(visit)
    if report.lifted_at is not None:
        return visit.page("portal/report_loss/lifted.html", report=report)
    if not member_may_lift(report):
        return visit.page(_BRANCH, report=report)
    so_far = progress(visit, Act.LIFT_LOSS, report)
    if so_far.standing.enough:
        return visit.page(_TEST, report=report)
    if so_far.standing.shown:  # something else is needed beside it
        return visit.go(errand_of_report(visit, report, Act.LIFT_LOSS).at("/prove"))
    return phone_codes.show(visit, report, Act.LIFT_LOSS, _PROVE)


def send_lift(visit: Visit) -> Response:
    """A phone code is sent or judged; after that, the number of the device."""
    report = own_report(visit)
    if report.lifted_at is not None or not member_may_lift(report):
        return visit.go(_here(report))
    so_far = progress(visit, Act.LIFT_LOSS, report)
    if so_far.member is None or not so_far.standing.enough:
        return phone_codes.take(visit, report, Act.LIFT_LOSS, _PROVE)
    return _test(visit, report, so_far.member) if "otp" in visit.form else visit.go(_here(report))


def _test(visit: Visit, report: LossReport, member: Member) -> Response:
    typed = visit.form["otp"]
    if not typed.strip():
        return visit.page(_TEST, report=report, errors={"otp": visit.words._("Enter the number that your OTP shows")})
    ask = LiftReport(report_id=report.id, member_id=member.id, browser=visit.browser, code=typed, source=visit.source)
    try:
        verdict = visit.do(lambda desk: lift_report(ask, desk=desk))
    except ProofNeeded:
        return visit.go(_here(report))
    except OnlyAtABranch:
        return visit.page(_BRANCH, report=report, status=409)
    if verdict is Verdict.ACCEPTED:
        return visit.go(_here(report))
    tokens = [own.token for own in own_devices(visit, member.id)]
    sentence = refusal(visit, verdict, tokens, despite=frozenset({Hold.LOST}))
    return visit.page(_TEST, report=report, errors={"otp": sentence})


def _here(report: LossReport) -> str:
    return f"/report-loss/{report.number}/lift"


def routes(front: Front) -> list[BaseRoute]:
    """The one address, where each question follows the last."""
    return [page_route(front, "/report-loss/{no}/lift", get=show_lift, post=send_lift, explain=explain, floor_s=FLOOR_S)]
