"""The stock of each branch: on the shelf, set aside, travelling, quarantined."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.model.member import Area
from otpward.core.policy.roles import Permission
from otpward.edges.http.console.door import admit
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.services.oversee.count_stock import LOW_BELOW, count_stock


def show_stock(visit: Visit) -> Response:
    """How many devices lie where."""
    admit(visit, Permission.SEE_STOCK)
    rows = visit.look(lambda uow: count_stock(uow=uow))
    return visit.page("console/stock/stock.html", values={}, rows=rows, low_below=LOW_BELOW)


def routes(front: Front) -> list[BaseRoute]:
    """The page of this room."""
    return [page_route(front, "/console/stock", area=Area.CONSOLE, get=show_stock, explain=explain)]
