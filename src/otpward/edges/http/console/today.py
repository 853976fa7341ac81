"""My work today: what waits for this role, since when, and what has waited too long."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.model.member import Area, Operator
from otpward.core.policy.roles import Permission
from otpward.edges.http.console.campaigns import CAMPAIGNS
from otpward.edges.http.console.door import allowed
from otpward.edges.http.console.forecast import PATH as FORECAST
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.words import later
from otpward.ports.unit_of_work import UnitOfWork
from otpward.services.oversee.count_stock import BranchStock, count_stock
from otpward.services.oversee.see_work import QUEUES, Queue, Work, see_work


@dataclass(frozen=True, slots=True, kw_only=True)
class _Card:
    title: str
    href: str
    icon: str


CARDS: Final[Mapping[Queue, _Card]] = {
    Queue.REPORTED: _Card(title=later("Reported, no application yet"), href="/console/cases?state=reported", icon="alert"),
    Queue.SUBMITTED: _Card(title=later("New applications"), href="/console/cases?state=submitted", icon="tray"),
    Queue.CHECKING: _Card(title=later("Being checked"), href="/console/cases?state=checking", icon="search"),
    Queue.AWAITING_APPROVAL: _Card(
        title=later("Awaiting approval"), href="/console/cases?state=awaiting_approval", icon="shield"
    ),
    Queue.MORE_NEEDED: _Card(title=later("Waiting for the member"), href="/console/cases?state=more_needed", icon="clock"),
    Queue.APPROVED: _Card(title=later("To prepare"), href="/console/cases?state=approved", icon="device"),
    Queue.TO_SET_OUT: _Card(
        title=later("To set out at a branch"), href="/console/cases?state=preparing&delivery=branch", icon="branch"
    ),
    Queue.TO_SEND: _Card(title=later("To pack and send"), href="/console/shipments", icon="box"),
    Queue.READY_TO_COLLECT: _Card(title=later("Ready to collect"), href="/console/cases?state=ready_to_collect", icon="person"),
    Queue.ON_ITS_WAY: _Card(title=later("On its way"), href="/console/shipments#on-the-way", icon="truck"),
}


def show_today(visit: Visit) -> Response:
    """The queues of this role, devices that end soon, and shelves that run low."""
    operator = visit.operator()
    now = visit.front.house.clock.now()
    work, low, ending = visit.look(lambda uow: (_work(operator, visit, uow), _low(operator, uow), _ending(operator, uow)))
    cards = [(CARDS[one.queue], one) for one in work]
    return visit.page("console/today/today.html", values={}, cards=cards, low=low, ending=ending, forecast=FORECAST, now=now)


def _work(operator: Operator, visit: Visit, uow: UnitOfWork) -> list[Work]:
    now = visit.front.house.clock.now()
    mine = [queue for queue, permissions in QUEUES.items() if allowed(operator, *permissions)]
    return [see_work(queue, branch_id=operator.branch_id, uow=uow, now=now) for queue in mine]


def _ending(operator: Operator, uow: UnitOfWork) -> int:
    """How many devices end within weeks and wait for their renewal: counted among the plans, which are few, not among all
    devices. Plans have no branch, so who works for one sees the forecast of theirs alone."""
    if operator.branch_id is not None or not allowed(operator, *CAMPAIGNS):
        return 0
    return uow.renewals.count(closed=False)


def _low(operator: Operator, uow: UnitOfWork) -> list[BranchStock]:
    if not allowed(operator, Permission.SEE_STOCK):
        return []
    return [stock for stock in count_stock(uow=uow) if stock.low and operator.branch_id in {None, stock.branch.id}]


def routes(front: Front) -> list[BaseRoute]:
    """The page of this room."""
    return [page_route(front, "/console", area=Area.CONSOLE, get=show_today, explain=explain)]
