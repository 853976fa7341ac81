"""Applying for a new OTP: what it takes, the list of parts, the last look before it is sent, and the receipt."""

from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.clerk.policy import facts_of
from otpward.clerk.tokens import live_tokens
from otpward.core.errors import Conflict, Invalid
from otpward.core.lifecycle.case import OPEN, CaseState
from otpward.core.model.case import Case, Reason
from otpward.core.model.member import Member
from otpward.core.model.proof import Act
from otpward.core.policy.applicants import WrongKind, acting_for, kinds_for, misfit_of
from otpward.core.policy.document.requirement import NOTHING_KNOWN, Facts
from otpward.core.policy.proofs import ProofNeeded
from otpward.core.policy.versions import day_of
from otpward.edges.http.applicant_words import ACTING, MISFITS, acted_for
from otpward.edges.http.faults import explain
from otpward.edges.http.fee_words import fee_asked
from otpward.edges.http.front import Front, SignInFirst, Visit, page_route
from otpward.edges.http.portal import apply_delivery, apply_for, apply_kind, apply_papers, apply_parts
from otpward.edges.http.portal.apply_for import kind_of
from otpward.edges.http.portal.apply_kind import fitting_kinds
from otpward.edges.http.portal.apply_papers import papers_done, papers_told
from otpward.edges.http.portal.apply_parts import draft_of, reason_is_given
from otpward.edges.http.portal.own import own_case, proven
from otpward.edges.http.portal.progress import REASONS
from otpward.edges.http.portal.purposes import progress
from otpward.edges.http.portal.receipts import application_receipt
from otpward.edges.http.portal.terms import asked_here, names_of, papers_in_words, policy_here, ways
from otpward.ports.unit_of_work import Among, UnitOfWork
from otpward.services.apply.start_application import StartApplication, start_application
from otpward.services.apply.submit_application import SubmitApplication, submit_application
from otpward.services.sign_in.sessions import Seat

_PROVE: Final = f"/prove?for={Act.APPLY}"


def show_start(visit: Visit) -> Response:
    """What it takes, before one begins, for anyone to read; who has begun goes on where they were."""
    kind = visit.query.get("kind", "")
    try:
        seat = proven(visit, Act.APPLY)
    except SignInFirst:
        return _start_page(visit, kind)
    case = visit.look(lambda uow: uow.cases.first(member_id=seat.member.id, state=Among(OPEN), order="-opened_at"))
    if case is None or case.state is CaseState.REPORTED:
        return _start_page(visit, kind, reported=case, seat=seat)
    if case.state is CaseState.DRAFT:
        return visit.go("/apply/review" if _is_filled_in(visit, case) else "/apply/tasks")
    return visit.page("portal/apply/open.html", case=case)


def send_start(visit: Visit) -> Response:
    """An application begins, or the open one goes on."""
    seat = proven(visit, Act.APPLY)
    ask = StartApplication(
        institution_id=visit.institution.id,
        member_id=seat.member.id,
        browser=visit.browser,
        source=visit.source,
        applicant=visit.form.get("kind") or "individual",
    )
    try:
        case = visit.do(lambda desk: start_application(ask, desk=desk))
    except WrongKind:
        return visit.go(f"/apply?{urlencode({'kind': ask.applicant})}")
    except Invalid:
        return visit.go("/apply")
    return visit.go("/apply/tasks" if case.state is CaseState.DRAFT else f"/cases/{case.number}")


def _start_page(visit: Visit, kind: str, *, reported: Case | None = None, seat: Seat | None = None) -> Response:
    """What it takes for this kind of applicant; of somebody known, only what can be their reason."""
    policy, now = policy_here(visit), visit.front.house.clock.now()
    kinds = policy.offered_kinds
    fitting, misfit, reasons, facts = kinds, None, list(Reason), NOTHING_KNOWN
    if seat is not None:
        member = seat.member
        fitting = kinds_for(policy, member.birth_date.reveal(), day_of(now)) or kinds
        reasons, facts = visit.look(lambda uow: _known(member, reported, uow, now))
    chosen = next((one for one in kinds if one.name == kind), fitting[0])
    if chosen not in fitting and seat is not None:
        misfit = misfit_of(chosen, seat.member.birth_date.reveal(), day_of(now))
    offered = ways(policy, chosen.name, reasons, facts)
    asked = [terms.asked for way in offered for terms in way.terms]
    papers = [paper for one in asked for paper in one.papers]
    return visit.page(
        "portal/apply/start.html",
        proven=seat is not None and _is_proven(visit),
        kind=chosen,
        kinds=fitting,
        several=len(kinds) > 1,
        misfit=visit.words._(MISFITS[misfit]) if misfit is not None else "",
        ways=offered,
        reasons=REASONS,
        fees=sorted({one.fee_won for one in asked}),
        papers=names_of(papers, visit.words),
        in_words=papers_in_words,
    )


def _known(member: Member, reported: Case | None, uow: UnitOfWork, now: datetime) -> tuple[list[Reason], Facts]:
    tokens = live_tokens(uow, member.id)
    facts = facts_of(member, tokens[0].id if tokens else None, uow=uow, now=now)
    if reported is not None:
        return [reported.reason], facts
    return ([one for one in Reason if (one is Reason.FIRST_ISSUE) != bool(tokens)]), facts


def show_tasks(visit: Visit) -> Response:
    """The parts of the application, and how far each is."""
    seat = proven(visit, Act.APPLY)
    case = draft_of(visit, seat)
    if case is None:
        return visit.go("/apply")
    return visit.page("portal/apply/tasks.html", case=case, tasks=_tasks(visit, seat, case))


def _tasks(visit: Visit, seat: Seat, case: Case) -> list[dict[str, str]]:
    """Which papers there are depends on how the device travels, so that comes before them."""
    acting = acting_for(kind_of(visit, case))
    reason, proof, way = reason_is_given(case), _is_proven(visit), case.delivery is not None
    named, papers = acting is None or bool(case.acting_name), papers_done(visit, case)
    _ = visit.words._
    rest, shown = "todo" if reason else "locked", "todo" if reason and way else "locked"
    all_done = reason and proof and named and papers
    who = {"title": _(ACTING[acting]), "status": "done" if named else rest, "href": apply_for.PATH} if acting else None
    return [
        _applicant(visit, seat, case),
        {"title": _("Reason"), "status": "done" if reason else "todo", "href": "/apply/reason"},
        {"title": _("Who you are"), "status": "done" if proof else "todo", "href": "" if proof else _PROVE},
        *([who] if who else []),
        {"title": _("How you receive it"), "status": "done" if way else rest, "href": "/apply/delivery"},
        {"title": _("Documents"), "status": "done" if papers else shown, "href": "/apply/documents"},
        {"title": _("Check and send"), "status": "todo" if all_done else "locked", "href": "/apply/review"},
    ]


def _applicant(visit: Visit, seat: Seat, case: Case) -> dict[str, str]:
    """As which kind; chosen at the start, and changed here once the application has begun in earnest."""
    several = reason_is_given(case) and len(fitting_kinds(visit, seat, case)) > 1
    title = kind_of(visit, case).title.text(visit.lang)
    return {"title": visit.words._("Applicant"), "status": "done", "hint": title, "href": apply_kind.PATH if several else ""}


def show_review(visit: Visit) -> Response:
    """Everything once more, each line with a way to change it."""
    seat = proven(visit, Act.APPLY)
    case = draft_of(visit, seat)
    if case is None or not _is_filled_in(visit, case):
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
    said = application_receipt(visit, case, case.submitted_at, asked_here(visit, case))
    return visit.page("portal/apply/done.html", case=case, said=said, pdf=visit.front.prints is not None)


def _sent_already(visit: Visit, seat: Seat) -> Response:
    case = visit.look(lambda uow: uow.cases.first(member_id=seat.member.id, state=Among(OPEN), order="-opened_at"))
    sent = case is not None and case.submitted_at is not None
    return visit.go(f"/apply/done?case={case.number}" if case is not None and sent else "/apply")


def _review_page(visit: Visit, seat: Seat, case: Case) -> Response:
    branch = visit.look(lambda uow: uow.branches.first(id=case.branch_id)) if case.branch_id else None
    asked = asked_here(visit, case)
    old = visit.look(lambda uow: uow.tokens.first(id=case.old_token_id)) if case.old_token_id else None
    return visit.page(
        "portal/apply/review.html",
        case=case,
        branch=branch,
        old_serial=case.old_serial or (old.serial if old else ""),
        reason=visit.words._(REASONS[case.reason]),
        kind=kind_of(visit, case),
        kind_href=_applicant(visit, seat, case)["href"],
        acting=acted_for(case, visit.words),
        proven=_is_proven(visit),
        asked=asked,
        fee=fee_asked(visit, asked),
        papers=papers_told(visit, case),
    )


def _is_filled_in(visit: Visit, case: Case) -> bool:
    named = acting_for(kind_of(visit, case)) is None or bool(case.acting_name)
    return reason_is_given(case) and named and papers_done(visit, case)


def _is_proven(visit: Visit) -> bool:
    """Whether what was shown in this browser is what `submit_application` will take."""
    return progress(visit, Act.APPLY).standing.enough


def routes(front: Front) -> list[BaseRoute]:
    """Every page of an application."""
    return [
        page_route(front, "/apply", get=show_start, post=send_start, explain=explain),
        page_route(front, "/apply/tasks", get=show_tasks, explain=explain),
        *apply_parts.routes(front),
        *apply_kind.routes(front),
        *apply_for.routes(front),
        *apply_delivery.routes(front),
        *apply_papers.routes(front),
        page_route(front, "/apply/review", get=show_review, post=send_review, explain=explain),
        page_route(front, "/apply/done", get=show_done, explain=explain),
    ]
