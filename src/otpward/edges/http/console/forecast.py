"""What will end when: devices in use by month, branch and cause; a chart, the same numbers as a table, and the way to ask."""

from calendar import monthrange
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.ids import BranchId
from otpward.core.model.member import Area
from otpward.core.policy.forecast import Cause
from otpward.core.policy.renewal import months_before
from otpward.core.policy.roles import Permission
from otpward.core.policy.versions import day_of
from otpward.edges.http.console.campaign_form import branches_of
from otpward.edges.http.console.campaigns import CAMPAIGNS
from otpward.edges.http.console.campaigns import PATH as ASK
from otpward.edges.http.console.door import admit, allowed
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.words import later
from otpward.ports.roll import Ending
from otpward.ports.unit_of_work import UnitOfWork

PATH: Final = "/console/campaigns/forecast"
MONTHS: Final = 12
_SOON: Final = 3
CAUSES: Final = {Cause.EXPIRY: later("Expiry"), Cause.BATTERY: later("Battery"), Cause.DRIFT: later("Clock")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """One column of the chart, one row of the table."""

    month: date
    label: str
    counts: tuple[tuple[Cause, int], ...]
    whole: int
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AtBranch:
    """One branch."""

    name: str
    soon: int
    year: int


def show_forecast(visit: Visit) -> Response:
    """The next twelve months."""
    operator = admit(visit, *CAMPAIGNS)
    today = day_of(visit.front.house.clock.now())
    first = today.replace(day=1)
    months = [months_before(first, -n) for n in range(MONTHS)]
    last = months[-1].replace(day=monthrange(months[-1].year, months[-1].month)[1])

    def read(uow: UnitOfWork) -> tuple[list[tuple[BranchId, str]], BranchId | None, list[Ending]]:
        branches = [(one.id, one.name(visit.lang)) for one in branches_of(operator, uow=uow)]
        asked = next((key for key, _ in branches if str(key) == visit.query.get("branch")), None)
        asked = branches[0][0] if asked is None and len(branches) == 1 else asked
        return branches, asked, list(uow.roll.endings(today, last, asked))

    branches, branch, endings = visit.look(read)
    may = allowed(operator, Permission.CAMPAIGN)
    rows = [_month(visit, one, endings, branch if may else None, today) for one in months]
    return visit.page(
        "console/campaigns/forecast.html",
        values={"branch": str(branch or "")},
        branches=[(str(key), name) for key, name in branches],
        months=rows,
        most=max((one.whole for one in rows), default=0),
        causes=[(cause, visit.words._(label)) for cause, label in CAUSES.items()],
        by_branch=_by_branch(visit, branches, endings, months) if branch is None else [],
        may_propose=may,
    )


def _month(visit: Visit, month: date, endings: list[Ending], branch: BranchId | None, today: date) -> Month:
    here = Counter[Cause]()
    for one in endings:
        if one.month == month:
            here[one.cause] += one.count
    whole = sum(here.values())
    last = month.replace(day=monthrange(month.year, month.month)[1])
    label = visit.words._("{month}/{year}", month=month.month, year=month.year)
    asked = {
        "expires_from": max(month, today).isoformat(),
        "expires_until": last.isoformat(),
        "branch": str(branch or ""),
        "name": visit.words._("Ends in {month}", month=label),
    }
    return Month(
        month=month,
        label=label,
        counts=tuple((cause, here[cause]) for cause in CAUSES),
        whole=whole,
        href=f"{ASK}/new?{urlencode(asked)}" if here[Cause.EXPIRY] else "",
    )


def _by_branch(visit: Visit, branches: list[tuple[BranchId, str]], endings: list[Ending], months: list[date]) -> list[AtBranch]:
    soon, year = Counter[BranchId | None](), Counter[BranchId | None]()
    for one in endings:
        year[one.branch_id] += one.count
        if one.month in months[:_SOON]:
            soon[one.branch_id] += one.count
    named: list[tuple[BranchId | None, str]] = [*branches, (None, visit.words._("Of no branch"))]
    return [AtBranch(name=name, soon=soon[key], year=year[key]) for key, name in named if year[key]]


def routes(front: Front) -> list[BaseRoute]:
    """One page."""
    return [page_route(front, PATH, area=Area.CONSOLE, get=show_forecast, explain=explain)]
