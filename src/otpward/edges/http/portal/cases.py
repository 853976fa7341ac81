"""A member's applications: the list, each one's timeline, whose turn it is, the pass for the counter, the way out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.clerk.collecting import who_collects
from otpward.clerk.fees import due_fee
from otpward.core.errors import Conflict, Invalid
from otpward.core.lifecycle.case import OPEN, CaseState
from otpward.core.lifecycle.others import PickUpState, ShipmentState
from otpward.core.model.case import Case, CaseStep
from otpward.core.model.delivery import PickUp
from otpward.core.model.institution import Branch
from otpward.core.model.member import Level
from otpward.core.model.proof import Act
from otpward.edges.http.applicant_words import acted_for
from otpward.edges.http.faults import explain
from otpward.edges.http.fee_words import fee_told
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.portal.apply_for import kind_of
from otpward.edges.http.portal.apply_papers import paper_links
from otpward.edges.http.portal.own import looking, own_case, proven
from otpward.edges.http.portal.parcel import parcel_of
from otpward.edges.http.portal.progress import REASONS, timeline
from otpward.edges.http.portal.receipts import pick_up_pass
from otpward.edges.http.portal.terms import asked_here
from otpward.edges.http.qr import draw_qr
from otpward.ports.unit_of_work import Among, UnitOfWork
from otpward.services.apply.answer_request import AnswerRequest, answer_request, was_sent_since
from otpward.services.apply.cancel_application import TOO_LATE, CancelApplication, TooLateToCancel, cancel_application

_SHOWN: Final = 50
_UNSENT: Final = frozenset({CaseState.REPORTED, CaseState.DRAFT})
_ON_ITS_WAY: Final = Among(frozenset({ShipmentState.DISPATCHED, ShipmentState.DELIVERED}))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Story:
    """What the page of a case is told from."""

    steps: list[CaseStep]
    branch: Branch | None
    pick_up: PickUp | None
    tracking: str


def show_cases(visit: Visit) -> Response:
    """The member's own applications, newest first; `?no=` leads to one of them."""
    seat = looking(visit)
    number = visit.query.get("no", "").strip().upper()
    if number and visit.look(lambda uow: uow.cases.first(number=number, member_id=seat.member.id)) is not None:
        return visit.go(f"/cases/{number}")
    cases = visit.look(lambda uow: uow.cases.find(member_id=seat.member.id, order="-opened_at", limit=_SHOWN))
    return visit.page("portal/cases/list.html", cases=cases, reasons=REASONS, missed=number)


def show_case(visit: Visit) -> Response:
    """Where one application stands, what comes next, and what the member can do."""
    seat = looking(visit)
    case = own_case(visit, seat, visit.path("no"))
    story = visit.look(lambda uow: _story(case, uow))
    now = visit.front.house.clock.now()
    asked = asked_here(visit, case)
    return visit.page(
        "portal/cases/case.html",
        only_looking=seat.session.level is Level.SEEN,
        case=case,
        branch=story.branch,
        pick_up=story.pick_up,
        steps=timeline(case, story.steps, visit.words, working_days=asked.working_days, now=now, tracking=story.tracking),
        reasons=REASONS,
        kind=kind_of(visit, case),
        acting=acted_for(case, visit.words),
        asked=asked,
        fee=fee_told(visit, case, asked),
        parcel=parcel_of(visit, case),
        sent=case.state not in _UNSENT and case.submitted_at is not None,
        may_cancel=_may_cancel(case),
        pdf=visit.front.prints is not None,
    )


def show_cancel(visit: Visit) -> Response:
    """The last question before an application is taken back."""
    case = own_case(visit, proven(visit, Act.FOLLOW), visit.path("no"))
    if case.state not in OPEN:
        return visit.go(f"/cases/{case.number}")
    return _cancel_page(visit, case)


def send_cancel(visit: Visit) -> Response:
    """The application is cancelled; a second press changes nothing."""
    seat = proven(visit, Act.FOLLOW)
    case = own_case(visit, seat, visit.path("no"))
    ask = CancelApplication(case_id=case.id, member_id=seat.member.id, source=visit.source)
    try:
        visit.do(lambda desk: cancel_application(ask, desk=desk))
    except TooLateToCancel:
        return _cancel_page(visit, own_case(visit, seat, case.number))
    except Conflict:
        if own_case(visit, seat, case.number).state in OPEN:
            raise
    return visit.go(f"/cases/{case.number}")


def show_answer(visit: Visit) -> Response:
    """What staff asked for, and the place to answer it."""
    case = own_case(visit, proven(visit, Act.FOLLOW), visit.path("no"))
    if case.state is not CaseState.MORE_NEEDED:
        return visit.go(f"/cases/{case.number}")
    return _answer_page(visit, case)


def send_answer(visit: Visit) -> Response:
    """The case goes back to whoever checks it."""
    seat = proven(visit, Act.FOLLOW)
    case = own_case(visit, seat, visit.path("no"))
    if case.state is not CaseState.MORE_NEEDED:
        return visit.go(f"/cases/{case.number}")
    answer = visit.form.get("answer", "")
    ask = AnswerRequest(case_id=case.id, member_id=seat.member.id, answer=answer, source=visit.source)
    try:
        visit.do(lambda desk: answer_request(ask, desk=desk))
    except Invalid:
        return _answer_page(visit, case, errors={"answer": visit.words._("Write your answer")})
    return visit.go(f"/cases/{case.number}")


def _answer_page(visit: Visit, case: Case, *, errors: Mapping[str, str] | None = None) -> Response:
    """What was asked for, the papers that can be sent again, and room for words."""
    papers = paper_links(visit, case)
    sent = visit.look(lambda uow: was_sent_since(case, uow=uow))
    wanted = [one for one in papers if one["item"] == case.asked_item]
    others = [one for one in papers if one["item"] != case.asked_item]
    return visit.page("portal/cases/answer.html", errors=errors, case=case, sent=sent, wanted=wanted, others=others)


def show_pick_up(visit: Visit) -> Response:
    """The pass that is shown at the counter, while something waits there."""
    case = own_case(visit, proven(visit, Act.FOLLOW), visit.path("no"))
    story = visit.look(lambda uow: _story(case, uow))
    if case.state is not CaseState.READY_TO_COLLECT or story.pick_up is None or story.branch is None:
        return visit.go(f"/cases/{case.number}")
    code, now = story.pick_up.code.reveal(), visit.front.house.clock.now()
    collector, due = visit.look(lambda uow: (who_collects(case, uow=uow, now=now), due_fee(case, uow=uow)))
    return visit.page(
        "portal/cases/pick_up.html",
        case=case,
        said=pick_up_pass(visit, story.pick_up, story.branch, collector, due),
        over=now >= story.pick_up.until,
        code=code,
        qr=draw_qr(code),
        pdf=visit.front.prints is not None,
    )


def _story(case: Case, uow: UnitOfWork) -> _Story:
    pick_up = uow.pick_ups.first(case_id=case.id, state=PickUpState.READY)
    shipment = uow.shipments.first(case_id=case.id, state=_ON_ITS_WAY, order="-planned_at")
    branch_id = pick_up.branch_id if pick_up is not None else case.branch_id
    return _Story(
        steps=uow.steps.find(case_id=case.id, order="at"),
        branch=uow.branches.first(id=branch_id) if branch_id is not None else None,
        pick_up=pick_up,
        tracking=shipment.tracking_number if shipment is not None else "",
    )


def _may_cancel(case: Case) -> bool:
    return case.state in OPEN and case.state not in TOO_LATE


def _cancel_page(visit: Visit, case: Case) -> Response:
    late = not _may_cancel(case)
    return visit.page("portal/cases/cancel.html", case=case, late=late, status=409 if late and visit.form else None)


def routes(front: Front) -> list[BaseRoute]:
    """Every page of a member's applications."""
    return [
        page_route(front, "/cases", get=show_cases, explain=explain),
        page_route(front, "/cases/{no}", get=show_case, explain=explain),
        page_route(front, "/cases/{no}/cancel", get=show_cancel, post=send_cancel, explain=explain),
        page_route(front, "/cases/{no}/answer", get=show_answer, post=send_answer, explain=explain),
        page_route(front, "/cases/{no}/pick-up", get=show_pick_up, explain=explain),
    ]
