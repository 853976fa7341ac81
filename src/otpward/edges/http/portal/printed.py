"""Receipts and passes as PDF: the same as on their pages, for whoever may see the page."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.clerk.collecting import who_collects
from otpward.clerk.fees import due_fee
from otpward.core.errors import NotFound, Unavailable
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.others import PickUpState
from otpward.core.model.case import Case
from otpward.core.model.delivery import PickUp
from otpward.core.model.institution import Branch
from otpward.core.model.proof import Act
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.portal.own import own_case, proven
from otpward.edges.http.portal.receipts import (
    application_receipt,
    applied_for,
    loss_receipt,
    pass_code,
    pick_up_pass,
    sheet_of,
)
from otpward.edges.http.portal.report_loss import own_report
from otpward.edges.http.portal.terms import asked_here
from otpward.edges.http.prints import Printed
from otpward.ports.printer import PrinterBusy, Sheet
from otpward.ports.unit_of_work import UnitOfWork


def print_loss(visit: Visit) -> Response:
    """The receipt of a report, in the browser that made it."""
    report = own_report(visit)
    return _printed(visit, sheet_of(visit, loss_receipt(visit, report)), report.number, f"/report-loss/{report.number}")


def print_application(visit: Visit) -> Response:
    """The receipt of an application that was sent."""
    case = own_case(visit, proven(visit, Act.FOLLOW), visit.path("no"))
    if case.submitted_at is None:
        raise NotFound("not sent yet")
    asked = asked_here(visit, case)
    said = application_receipt(visit, case, case.submitted_at, asked)
    sheet = sheet_of(visit, said, more=applied_for(visit, case, asked))
    return _printed(visit, sheet, case.number, f"/cases/{case.number}")


def print_pass(visit: Visit) -> Response:
    """The pass for the counter, while something waits there."""
    case = own_case(visit, proven(visit, Act.FOLLOW), visit.path("no"))
    waiting, now = visit.look(lambda uow: _waiting(case, uow)), visit.front.house.clock.now()
    if waiting is None or now >= waiting[0].until:
        return visit.go(f"/cases/{case.number}")
    pick_up, branch = waiting
    collector, due = visit.look(lambda uow: (who_collects(case, uow=uow, now=now), due_fee(case, uow=uow)))
    said = pick_up_pass(visit, pick_up, branch, collector, due)
    sheet = sheet_of(visit, said, code=pass_code(visit, pick_up.code.reveal()))
    return _printed(visit, sheet, f"{case.number}-pick-up", f"/cases/{case.number}/pick-up")


def _waiting(case: Case, uow: UnitOfWork) -> tuple[PickUp, Branch] | None:
    if case.state is not CaseState.READY_TO_COLLECT:
        return None
    pick_up = uow.pick_ups.first(case_id=case.id, state=PickUpState.READY)
    return None if pick_up is None else (pick_up, uow.branches.get(pick_up.branch_id))


def _printed(visit: Visit, sheet: Sheet, name: str, back: str) -> Response:
    prints = visit.front.prints
    if prints is None:
        raise NotFound("no PDFs are made here")

    def otherwise(error: Unavailable) -> Response:
        busy = isinstance(error, PrinterBusy)
        return visit.page("portal/printed/not_now.html", status=503, values={}, busy=busy, back=back)

    return Printed(prints, sheet, name, otherwise)


def routes(front: Front) -> list[BaseRoute]:
    """Three sheets."""
    return [
        page_route(front, "/report-loss/{no}/receipt.pdf", get=print_loss, explain=explain),
        page_route(front, "/cases/{no}/receipt.pdf", get=print_application, explain=explain),
        page_route(front, "/cases/{no}/pick-up.pdf", get=print_pass, explain=explain),
    ]
