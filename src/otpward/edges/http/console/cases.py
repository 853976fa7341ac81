"""The queue of applications. Its filters are the address, so that a colleague can be sent what one sees."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.lifecycle.case import CaseState
from otpward.core.model.case import Case, Delivery, Reason
from otpward.core.model.institution import Branch
from otpward.core.model.member import Area, fold_login
from otpward.core.policy.roles import Permission
from otpward.edges.http.badges import CASES
from otpward.edges.http.console import case_acts, case_page
from otpward.edges.http.console.address import pick
from otpward.edges.http.console.door import admit
from otpward.edges.http.console.labels import DELIVERIES, REASONS, Labels
from otpward.edges.http.console.paging import PAGE_ROWS, offset_of, paged
from otpward.edges.http.console.rows import CaseRow, case_rows
from otpward.edges.http.console.spreadsheet import csv_response
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.ports.unit_of_work import Among, UnitOfWork

PATH: Final = "/console/cases"
TO_DO: Final = "to_do"
"""The filter for everything that waits for staff rather than for the member."""
_STAFF_TURN: Final = frozenset(
    {CaseState.SUBMITTED, CaseState.CHECKING, CaseState.AWAITING_APPROVAL, CaseState.APPROVED, CaseState.PREPARING}
)
_CSV_ROWS: Final = 5000


def show_cases(visit: Visit) -> Response:
    """The applications that meet every filter: a queue, longest waiting first, or all, newest first."""
    admit(visit, Permission.SEE_CASES)
    if visit.query.get("format") == "csv":
        return _as_csv(visit)
    rows, total, branches = visit.look(lambda uow: _page(visit.query, uow, PAGE_ROWS, offset_of(visit.query)))
    words, label = visit.words, Labels(visit.words)
    states = [(TO_DO, words._("Waiting for staff")), *((state.value, words._(CASES[state][0])) for state in CaseState)]
    kept = {key: value for key, value in visit.query.items() if key not in {"page", "lang", "format"} and value}
    return visit.page(
        "console/cases/queue.html",
        values=visit.query,
        rows=rows,
        pager=paged(PATH, visit.query, rows=len(rows), total=total),
        label=label,
        states=states,
        reasons=[(reason.value, words._(text)) for reason, text in REASONS.items()],
        deliveries=[(delivery.value, words._(text)) for delivery, text in DELIVERIES.items()],
        branches=[(str(branch.id), branch.name(visit.lang)) for branch in branches],
        csv=f"{PATH}?{urlencode({**kept, 'format': 'csv'})}",
        now=visit.front.house.clock.now(),
    )


def _page(query: Mapping[str, str], uow: UnitOfWork, limit: int, offset: int) -> tuple[list[CaseRow], int, list[Branch]]:
    branches = uow.branches.find(order="code")
    conditions = _conditions(query, branches, uow)
    cases: list[Case] = uow.cases.find(order=_order(query), limit=limit, offset=offset, **conditions)
    return case_rows(cases, uow), uow.cases.count(**conditions), branches


def _conditions(query: Mapping[str, str], branches: list[Branch], uow: UnitOfWork) -> dict[str, object]:
    conditions: dict[str, object] = {}
    if query.get("state") == TO_DO:
        conditions["state"] = Among(_STAFF_TURN)
    elif (state := pick(CaseState, query.get("state"))) is not None:
        conditions["state"] = state
    if (reason := pick(Reason, query.get("reason"))) is not None:
        conditions["reason"] = reason
    if (delivery := pick(Delivery, query.get("delivery"))) is not None:
        conditions["delivery"] = delivery
    branch = next((one for one in branches if str(one.id) == query.get("branch")), None)
    if branch is not None:
        conditions["branch_id"] = branch.id
    asked = query.get("q", "").strip()[:100]
    if asked:
        conditions |= _about(asked, uow)
    return conditions


def _about(asked: str, uow: UnitOfWork) -> dict[str, object]:
    member = uow.members.first(login=fold_login(asked))
    return {"number": asked.upper()} if member is None else {"member_id": member.id}


def _order(query: Mapping[str, str]) -> str:
    state = query.get("state")
    if state in {TO_DO, *_STAFF_TURN}:
        return "submitted_at"
    return "opened_at" if state in {CaseState.REPORTED, CaseState.DRAFT} else "-opened_at"


def _as_csv(visit: Visit) -> Response:
    rows, _total, _branches = visit.look(lambda uow: _page(visit.query, uow, _CSV_ROWS, 0))
    words, label = visit.words, Labels(visit.words)
    head = ["Number", "Member number", "Reason", "Receive by", "State", "Opened", "Sent", "Closed"]
    return csv_response(
        "applications.csv",
        [words._(title) for title in head],
        (
            [
                row.case.number,
                row.member.login,
                label(row.case.reason),
                label(row.case.delivery),
                words._(CASES[row.case.state][0]),
                row.case.opened_at.isoformat(timespec="seconds"),
                row.case.submitted_at.isoformat(timespec="seconds") if row.case.submitted_at else "",
                row.case.closed_at.isoformat(timespec="seconds") if row.case.closed_at else "",
            ]
            for row in rows
        ),
    )


def routes(front: Front) -> list[BaseRoute]:
    """The pages of this room."""
    area = Area.CONSOLE
    return [
        page_route(front, PATH, area=area, get=show_cases, explain=explain),
        page_route(front, PATH + "/{no}", area=area, get=case_page.show_case, post=case_acts.send_act, explain=explain),
    ]
