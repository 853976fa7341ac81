"""Parcels: what is to be packed and handed in, what is on its way, what came back. The acts are on each application's page."""

from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.others import ShipmentState
from otpward.core.model.case import Delivery
from otpward.core.model.member import Area
from otpward.edges.http.console.door import SHIPMENTS, admit
from otpward.edges.http.console.labels import Labels
from otpward.edges.http.console.rows import PackRow, ShipmentRow, pack_rows, shipment_rows
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.ports.unit_of_work import Among, UnitOfWork

_ROWS: Final = 50
_BACK: Final = Among(frozenset({ShipmentState.RETURNED, ShipmentState.MISSING}))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parcels:
    """The three lists of the page, each the longest waiting first, and how many there are in all."""

    to_pack: list[PackRow]
    to_pack_in_all: int
    on_the_way: list[ShipmentRow]
    on_the_way_in_all: int
    back: list[ShipmentRow]


def show_shipments(visit: Visit) -> Response:
    """The parcels of the day."""
    admit(visit, *SHIPMENTS)
    parcels = visit.look(_read)
    return visit.page(
        "console/shipments/list.html",
        values={},
        parcels=parcels,
        label=Labels(visit.words),
        now=visit.front.house.clock.now(),
    )


def _read(uow: UnitOfWork) -> _Parcels:
    to_pack: dict[str, Any] = {"state": CaseState.PREPARING, "delivery": Delivery.POST}
    on_the_way: dict[str, Any] = {"state": ShipmentState.DISPATCHED}
    return _Parcels(
        to_pack=pack_rows(uow.cases.find(order="submitted_at", limit=_ROWS, **to_pack), uow),
        to_pack_in_all=uow.cases.count(**to_pack),
        on_the_way=shipment_rows(uow.shipments.find(order="dispatched_at", limit=_ROWS, **on_the_way), uow),
        on_the_way_in_all=uow.shipments.count(**on_the_way),
        back=shipment_rows(uow.shipments.find(state=_BACK, order="-ended_at", limit=_ROWS), uow),
    )


def routes(front: Front) -> list[BaseRoute]:
    """The page of this room."""
    return [page_route(front, "/console/shipments", area=Area.CONSOLE, get=show_shipments, explain=explain)]
