"""The papers of an application, one line each: sent, shown when the device is handed over, or still missing."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.clerk.documents import sent_items
from otpward.core.lifecycle.case import CaseState
from otpward.core.model.case import Case, Delivery
from otpward.core.model.proof import Act
from otpward.core.policy.asked_papers import AskedPaper, DayFlaw, asked_papers, settled
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.portal.apply_parts import reason_is_given
from otpward.edges.http.portal.own import proven
from otpward.edges.http.portal.terms import asked_here
from otpward.edges.http.words import later
from otpward.ports.unit_of_work import Among
from otpward.services.apply.send_document import WRITABLE
from otpward.services.sign_in.sessions import Seat

LISTED: Final = "/apply/documents"
WAYS: Final[Mapping[Delivery, str]] = {
    Delivery.BRANCH: later("Show it at the branch"),
    Delivery.POST: later("Show it on delivery"),
}
_DAY_DIGITS: Final = 8
_OPEN: Final = Among(WRITABLE)


def show_papers(visit: Visit) -> Response:
    """Every paper with how far it is. Which they are depends on how the device travels, so that comes first."""
    case = for_papers(visit, proven(visit, Act.APPLY))
    if case is None or case.state is not CaseState.DRAFT:
        return visit.go("/apply/tasks")
    if case.delivery is None:
        return visit.go("/apply/delivery")
    return visit.page(
        "portal/apply/documents.html",
        tasks=paper_tasks(visit, case),
        missing=not papers_done(visit, case),
        unsendable=visit.front.uploads is None,
    )


def papers_done(visit: Visit, case: Case) -> bool:
    """Whether no paper is missing."""
    return case.delivery is not None and settled(asked_here(visit, case), _sent(visit, case)) is not None


def paper_tasks(visit: Visit, case: Case) -> list[dict[str, str]]:
    """The papers as the `task_list` macro takes them."""
    sent = _sent(visit, case)
    return [_task(visit, case, one, one.item in sent) for one in asked_papers(asked_here(visit, case))]


def papers_told(visit: Visit, case: Case) -> list[dict[str, str]]:
    """Each paper with how it is shown, as rows of the last look before it is sent."""
    tasks = paper_tasks(visit, case)
    if not tasks:
        return [{"key": visit.words._("Documents"), "value": visit.words._("No papers are needed")}]
    return [{"key": one["title"], "value": one["hint"], "href": LISTED} for one in tasks]


def paper_links(visit: Visit, case: Case) -> list[dict[str, str]]:
    """The papers of which a picture can be sent here, each with where to; of one that was sent already, another."""
    if visit.front.uploads is None:
        return []
    papers = [one for one in asked_papers(asked_here(visit, case)) if one.sent]
    return [{"item": one.item, "title": one.title.text(visit.lang), "href": f"{LISTED}/{one.item}"} for one in papers]


def for_papers(visit: Visit, seat: Seat) -> Case | None:
    """The member's application to which papers can be added: a draft that has its reason, or one of which more was asked."""
    case = visit.look(lambda uow: uow.cases.first(member_id=seat.member.id, state=_OPEN, order="-opened_at"))
    return case if case is not None and reason_is_given(case) else None


def day_typed(text: str) -> date | None:
    """The day as a browser's field or a hand writes it: 2026-05-01, 2026.5.1, 20260501."""
    parts = text.replace(".", "-").replace("/", "-").split("-")
    digits = "".join(part.strip().zfill(2) for part in parts)
    try:
        return date.fromisoformat(digits) if len(digits) == _DAY_DIGITS and digits.isascii() else None
    except ValueError:
        return None


def stale(visit: Visit, asked: AskedPaper, flaw: DayFlaw) -> str:
    """What is wrong with the day of issue."""
    match flaw:
        case DayFlaw.NO_DAY:
            return visit.words._("Enter the date of issue, such as 2026-05-01")
        case DayFlaw.NOT_YET:
            return visit.words._("This day is still to come. Enter the date of issue that stands on the paper")
        case DayFlaw.TOO_OLD:
            return visit.words.ngettext(
                "The paper was issued more than {n} month ago. Have a new one issued and send that",
                "The paper was issued more than {n} months ago. Have a new one issued and send that",
                asked.months,
            )


def way_to_show(case: Case, paper: AskedPaper) -> str:
    """How the paper is shown instead of being sent; empty where it cannot be."""
    return WAYS.get(case.delivery, "") if paper.shown and case.delivery is not None else ""


def _task(visit: Visit, case: Case, paper: AskedPaper, sent: bool) -> dict[str, str]:
    _ = visit.words._
    way = way_to_show(case, paper)
    if sent:
        hint = _("A picture was sent")
    elif way:
        hint = _(way) + _freshness(visit, paper)
    elif visit.front.uploads is None:
        hint = _("It cannot be sent here. Choose to collect the OTP at a branch")
    else:
        hint = _("A picture of it is needed") + _freshness(visit, paper)
    sendable = paper.sent and visit.front.uploads is not None
    status = "done" if sent or way else "todo"
    return {
        "title": _headed(paper.title.text(visit.lang)),
        "status": status,
        "hint": hint,
        "href": f"{LISTED}/{paper.item}" if sendable else "",
    }


def _freshness(visit: Visit, paper: AskedPaper) -> str:
    if not paper.months:
        return ""
    return f" ({visit.words.ngettext('issued within {n} month', 'issued within {n} months', paper.months)})"


def _headed(title: str) -> str:
    """What a policy calls as after “bring”, as the head of a line."""
    return title[:1].upper() + title[1:]


def _sent(visit: Visit, case: Case) -> frozenset[str]:
    asked, now = asked_here(visit, case), visit.front.house.clock.now()
    return visit.look(lambda uow: sent_items(case, asked, uow=uow, now=now))


def routes(front: Front) -> list[BaseRoute]:
    """The list of papers."""
    return [page_route(front, LISTED, get=show_papers, explain=explain)]
