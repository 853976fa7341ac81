"""Loss reports: what was reported when, what it stopped, and which application followed."""

from dataclasses import dataclass
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.errors import NotFound
from otpward.core.model.case import Case
from otpward.core.model.loss import LossKind, LossReport
from otpward.core.model.member import Area, Member, fold_login
from otpward.core.model.token import Token, TokenHold
from otpward.core.policy.proofs import member_may_lift
from otpward.core.policy.roles import Permission
from otpward.edges.http.address import pick
from otpward.edges.http.console.door import LOSSES, MEMBERS, admit, allowed
from otpward.edges.http.console.labels import LOSS_KINDS, Labels
from otpward.edges.http.console.paging import PAGE_ROWS, offset_of, paged
from otpward.edges.http.console.rows import named
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.ports.unit_of_work import UnitOfWork

PATH: Final = "/console/losses"


@dataclass(frozen=True, slots=True, kw_only=True)
class LossRow:
    """A report with the member it matched and the application that followed, if any."""

    report: LossReport
    member: Member | None
    case: Case | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LossView:
    """One report and everything that it stopped."""

    row: LossRow
    stopped: list[tuple[TokenHold, Token]]


def show_losses(visit: Visit) -> Response:
    """The reports that meet the filters, newest first."""
    operator = admit(visit, *LOSSES)
    rows, total = visit.look(lambda uow: _rows(visit, uow))
    return visit.page(
        "console/losses/list.html",
        values=visit.query,
        rows=rows,
        pager=paged(PATH, visit.query, rows=len(rows), total=total),
        label=Labels(visit.words),
        kinds=[(kind.value, visit.words._(text)) for kind, text in LOSS_KINDS.items()],
        sees_cases=allowed(operator, Permission.SEE_CASES),
    )


def show_loss(visit: Visit) -> Response:
    """One report."""
    operator = admit(visit, *LOSSES)
    number = visit.path("no").upper()[:24]
    view = visit.look(lambda uow: _view(number, uow))
    return visit.page(
        "console/losses/loss.html",
        values={},
        view=view,
        report=view.row.report,
        label=Labels(visit.words),
        liftable=member_may_lift(view.row.report),
        sees_member=allowed(operator, *MEMBERS),
    )


def _rows(visit: Visit, uow: UnitOfWork) -> tuple[list[LossRow], int]:
    conditions: dict[str, object] = {}
    if (kind := pick(LossKind, visit.query.get("kind"))) is not None:
        conditions["kind"] = kind
    asked = visit.query.get("q", "").strip()[:100]
    if asked:
        member = uow.members.first(login=fold_login(asked))
        conditions |= {"number": asked.upper()} if member is None else {"member_id": member.id}
    reports = uow.losses.find(order="-reported_at", limit=PAGE_ROWS, offset=offset_of(visit.query), **conditions)
    members = named(uow.members, (report.member_id for report in reports))
    cases = named(uow.cases, (report.case_id for report in reports))
    rows = [
        LossRow(
            report=report,
            member=members.get(report.member_id) if report.member_id else None,
            case=cases.get(report.case_id) if report.case_id else None,
        )
        for report in reports
    ]
    return rows, uow.losses.count(**conditions)


def _view(number: str, uow: UnitOfWork) -> LossView:
    report = uow.losses.first(number=number)
    if report is None:
        raise NotFound("no such report")
    row = LossRow(
        report=report,
        member=uow.members.first(id=report.member_id) if report.member_id else None,
        case=uow.cases.first(id=report.case_id) if report.case_id else None,
    )
    holds = uow.holds.find(report_id=report.id, order="placed_at")
    return LossView(row=row, stopped=[(hold, uow.tokens.get(hold.token_id)) for hold in holds])


def routes(front: Front) -> list[BaseRoute]:
    """The pages of this room."""
    area = Area.CONSOLE
    return [
        page_route(front, PATH, area=area, get=show_losses, explain=explain),
        page_route(front, PATH + "/{no}", area=area, get=show_loss, explain=explain),
    ]
