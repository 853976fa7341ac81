"""The queue of applications. Its filters are the address, so that a colleague can be sent what one sees, and kept as views."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.lifecycle.case import CaseState
from otpward.core.model.member import Area, Operator, SingleKeys
from otpward.core.model.review import SavedView
from otpward.core.policy.roles import Permission
from otpward.edges.http.badges import CASES
from otpward.edges.http.console import case_acts, case_page, case_presence, queue_bulk, queue_views
from otpward.edges.http.console.door import admit, allowed
from otpward.edges.http.console.labels import DELIVERIES, REASONS, Labels
from otpward.edges.http.console.queue_query import (
    AGES,
    FILTERS,
    MINE,
    NOBODYS,
    PATH,
    TO_DO,
    Asked,
    address,
    behind,
    find_page,
    kept,
    place_of,
    read_query,
    spelled,
)
from otpward.edges.http.console.rows import CaseRow, case_rows, reviewers
from otpward.edges.http.console.spreadsheet import csv_stream
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.words import Words
from otpward.ports.unit_of_work import UnitOfWork
from otpward.services.apply.export_cases import export_cases
from otpward.services.oversee.see_work import MOST

CSV_ROWS: Final = 10_000
_CSV_AT_A_TIME: Final = 500


def show_cases(visit: Visit) -> Response:
    """The applications that meet every filter: what waits, longest first; or all, newest first."""
    operator = admit(visit, Permission.SEE_CASES)
    now = visit.front.house.clock.now()
    if visit.query.get("format") == "csv":
        return _as_csv(visit, operator)
    views = visit.look(lambda uow: uow.saved_views.find(operator_id=operator.member_id, dropped=False, order="name"))
    first = next((view for view in views if view.first), None)
    if first is not None and not visit.query:
        return visit.go(f"{PATH}?{first.query or 'state='}")

    def read(uow: UnitOfWork) -> dict[str, Any]:
        asked = read_query(visit.query, operator, uow=uow, now=now)
        found = find_page(asked, uow=uow)
        places = [place_of(case) for case in found.cases]
        return {
            "rows": case_rows(found.cases, uow),
            "total": len(places) if found.whole else uow.queue.count(asked.wanted, most=MOST + 1),
            "before": address(visit.query, before=spelled(places[0])) if found.earlier and places else None,
            "after": address(visit.query, after=spelled(places[-1])) if found.later and places else None,
            "branches": [(str(branch.id), branch.name(visit.lang)) for branch in uow.branches.find(order="code")],
            "staff": reviewers(uow),
        }

    return visit.page(
        "console/cases/queue.html",
        values=visit.query,
        **visit.look(read),
        **_choices(visit.words),
        views=_views(views, visit.query),
        filtered=any(visit.query.get(name) for name in FILTERS),
        kept=address(visit.query).partition("?")[2],
        csv=address(visit.query, format="csv"),
        label=Labels(visit.words),
        acts=queue_bulk.acts(visit.words) if allowed(operator, Permission.REVIEW) else [],
        keys=operator.keys is SingleKeys.ON,
        mine=(MINE, NOBODYS),
        csv_rows=CSV_ROWS,
        now=now,
    )


def _choices(words: Words) -> dict[str, Any]:
    return {
        "states": [(TO_DO, words._("Waiting for staff")), *((one.value, words._(CASES[one][0])) for one in CaseState)],
        "reasons": [(reason.value, words._(text)) for reason, text in REASONS.items()],
        "deliveries": [(delivery.value, words._(text)) for delivery, text in DELIVERIES.items()],
        "ages": [(str(days), words._("{n} days or more", n=days)) for days in AGES],
    }


def _views(views: Sequence[SavedView], query: Mapping[str, str]) -> list[tuple[SavedView, str, bool]]:
    """Each with its address, and whether it is what is shown."""
    here = address(query).partition("?")[2]
    return [(view, f"{PATH}?{view.query or 'state='}", view.query == here) for view in views]


def _as_csv(visit: Visit, operator: Operator) -> Response:
    inside, words, label = visit.institution.id, visit.words, Labels(visit.words)
    visit.do(lambda desk: export_cases(inside, operator, desk=desk))
    head = ["Number", "Member number", "Reason", "Receive by", "State", "Taken by", "Opened", "Sent", "Closed"]
    rows = ([*_cells(row, words, label)] for row in _all_rows(visit, operator))
    return csv_stream("applications.csv", [words._(title) for title in head], rows)


def _all_rows(visit: Visit, operator: Operator) -> Iterator[CaseRow]:
    """Row after row, a few hundred in a transaction, so that a slow reader holds none open."""
    now = visit.front.house.clock.now()
    asked: Asked = visit.look(lambda uow: read_query(kept(visit.query), operator, uow=uow, now=now))
    for _ in range(CSV_ROWS // _CSV_AT_A_TIME):
        here = asked
        rows: list[CaseRow] = visit.look(
            lambda uow, here=here: case_rows(find_page(here, uow=uow, limit=_CSV_AT_A_TIME).cases, uow)  # type: ignore[misc]
        )
        yield from rows
        if len(rows) < _CSV_AT_A_TIME:
            return
        asked = behind(asked, rows[-1].case)


def _cells(row: CaseRow, words: Words, label: Labels) -> Iterator[str]:
    case = row.case
    yield from (case.number, row.member.login, label(case.reason), label(case.delivery), words._(CASES[case.state][0]))
    yield row.assignee.login if row.assignee else ""
    for at in (case.opened_at, case.submitted_at, case.closed_at):
        yield at.isoformat(timespec="seconds") if at else ""


def routes(front: Front) -> list[BaseRoute]:
    """The pages of this room."""
    area = Area.CONSOLE
    return [
        page_route(front, PATH, area=area, get=show_cases, explain=explain),
        page_route(front, PATH + "/views", area=area, post=queue_views.send_view, explain=explain),
        page_route(front, PATH + "/bulk", area=area, post=queue_bulk.send_bulk, explain=explain),
        page_route(front, PATH + "/{no}", area=area, get=case_page.show_case, post=case_acts.send_act, explain=explain),
        page_route(front, PATH + "/{no}/presence", area=area, get=case_presence.show_presence, explain=explain),
    ]
