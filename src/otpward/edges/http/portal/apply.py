"""Applying for a new OTP: what it takes, the list of parts, the last look before it is sent, and the receipt."""

from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.errors import Conflict, Invalid
from otpward.core.lifecycle.case import OPEN, CaseState
from otpward.core.lifecycle.others import ProofState
from otpward.core.model.case import Case
from otpward.core.model.proof import Act
from otpward.core.policy.proofs import ProofNeeded
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, SignInFirst, Visit, page_route
from otpward.edges.http.portal import apply_delivery, apply_parts
from otpward.edges.http.portal.apply_parts import DOCUMENTS, draft_of, reason_is_given
from otpward.edges.http.portal.own import own_case, proven
from otpward.edges.http.portal.progress import REASONS, expected
from otpward.ports.unit_of_work import Among
from otpward.services.apply.start_application import StartApplication, start_application
from otpward.services.apply.submit_application import SubmitApplication, submit_application
from otpward.services.sign_in.sessions import Seat

_PROVE: Final = f"/prove?for={Act.APPLY}"


def show_start(visit: Visit) -> Response:
    """What it takes, before one begins, for anyone to read; who has begun goes on where they were."""
    try:
        seat = proven(visit, Act.APPLY)
    except SignInFirst:
        return visit.page("portal/apply/start.html", proven=False)
    case = visit.look(lambda uow: uow.cases.first(member_id=seat.member.id, state=Among(OPEN), order="-opened_at"))
    if case is None or case.state is CaseState.REPORTED:
        return visit.page("portal/apply/start.html", proven=_is_proven(visit, seat))
    if case.state is CaseState.DRAFT:
        return visit.go("/apply/review" if _is_filled_in(case) else "/apply/tasks")
    return visit.page("portal/apply/open.html", case=case)


def send_start(visit: Visit) -> Response:
    """An application begins, or the open one goes on."""
    seat = proven(visit, Act.APPLY)
    ask = StartApplication(institution_id=visit.institution.id, member_id=seat.member.id, source=visit.source)
    case = visit.do(lambda desk: start_application(ask, desk=desk))
    return visit.go("/apply/tasks" if case.state is CaseState.DRAFT else f"/cases/{case.number}")


def show_tasks(visit: Visit) -> Response:
    """The parts of the application, and how far each is."""
    seat = proven(visit, Act.APPLY)
    case = draft_of(visit, seat)
    if case is None:
        return visit.go("/apply")
    reason = reason_is_given(case)
    proof = _is_proven(visit, seat)
    all_done = reason and proof and case.documents is not None and case.delivery is not None
    _ = visit.words._
    rest = "todo" if reason else "locked"
    tasks: list[dict[str, str]] = [
        {"title": _("Reason"), "status": "done" if reason else "todo", "href": "/apply/reason"},
        {"title": _("Who you are"), "status": "done" if proof else "todo", "href": "" if proof else _PROVE},
        {"title": _("Documents"), "status": "done" if case.documents else rest, "href": "/apply/documents"},
        {"title": _("How you receive it"), "status": "done" if case.delivery else rest, "href": "/apply/delivery"},
        {"title": _("Check and send"), "status": "todo" if all_done else "locked", "href": "/apply/review"},
    ]
    return visit.page("portal/apply/tasks.html", case=case, tasks=tasks)


def show_review(visit: Visit) -> Response:
    """Everything once more, each line with a way to change it."""
    seat = proven(visit, Act.APPLY)
    case = draft_of(visit, seat)
    if case is None or not _is_filled_in(case):
        return visit.go("/apply/tasks")
    return _review_page(visit, seat, case)


def send_review(visit: Visit) -> Response:
    """The application is sent. Without a proof of identity for it, that comes first and the draft stays."""
    seat = proven(visit, Act.APPLY)
    case = draft_of(visit, seat)
    if case is None:
        return _sent_already(visit, seat)
    ask = SubmitApplication(case_id=case.id, member_id=seat.member.id, browser=visit.browser, source=visit.source)
    try:
        sent = visit.do(lambda desk: submit_application(ask, desk=desk))
    except ProofNeeded:
        return visit.go("/prove?for=review")
    except Invalid:
        return visit.go("/apply/tasks")
    except Conflict:
        return _sent_already(visit, seat)
    return visit.go(f"/apply/done?case={sent.number}")


def show_done(visit: Visit) -> Response:
    """The receipt: number, time, the day to expect it."""
    seat = proven(visit, Act.APPLY)
    case = own_case(visit, seat, visit.query.get("case", ""))
    if case.submitted_at is None:
        return visit.go("/apply")
    day = expected(case.submitted_at, case.delivery, now=case.submitted_at)
    return visit.page("portal/apply/done.html", case=case, expected=day)


def _sent_already(visit: Visit, seat: Seat) -> Response:
    case = visit.look(lambda uow: uow.cases.first(member_id=seat.member.id, state=Among(OPEN), order="-opened_at"))
    sent = case is not None and case.submitted_at is not None
    return visit.go(f"/apply/done?case={case.number}" if case is not None and sent else "/apply")


def _review_page(visit: Visit, seat: Seat, case: Case) -> Response:
    branch = visit.look(lambda uow: uow.branches.first(id=case.branch_id)) if case.branch_id else None
    old = visit.look(lambda uow: uow.tokens.first(id=case.old_token_id)) if case.old_token_id else None
    return visit.page(
        "portal/apply/review.html",
        case=case,
        branch=branch,
        old_serial=case.old_serial or (old.serial if old else ""),
        reason=visit.words._(REASONS[case.reason]),
        documents=visit.words._(DOCUMENTS[case.documents]) if case.documents else "",
        proven=_is_proven(visit, seat),
    )


def _is_filled_in(case: Case) -> bool:
    return reason_is_given(case) and case.documents is not None and case.delivery is not None


def _is_proven(visit: Visit, seat: Seat) -> bool:
    """Whether this browser holds a proof that `submit_application` will take."""
    proof = visit.look(
        lambda uow: uow.proofs.first(browser=visit.browser, member_id=seat.member.id, act=Act.APPLY, order="-started_at")
    )
    return proof is not None and proof.state is ProofState.PASSED and visit.front.house.clock.now() < proof.expires_at


def routes(front: Front) -> list[BaseRoute]:
    """Every page of an application."""
    return [
        page_route(front, "/apply", get=show_start, post=send_start, explain=explain),
        page_route(front, "/apply/tasks", get=show_tasks, explain=explain),
        *apply_parts.routes(front),
        *apply_delivery.routes(front),
        page_route(front, "/apply/review", get=show_review, post=send_review, explain=explain),
        page_route(front, "/apply/done", get=show_done, explain=explain),
    ]
