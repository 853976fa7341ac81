"""Parcels: what is to be packed and handed in, batch by batch; what is on its way, what came back, what needs a look."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.errors import Conflict, Invalid
from otpward.core.ids import BranchId, CaseId
from otpward.core.lifecycle.batch import BatchState
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.others import ShipmentState
from otpward.core.lifecycle.parcel import Reading
from otpward.core.lifecycle.place import Place
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.case import Delivery
from otpward.core.model.delivery import Shipment
from otpward.core.model.institution import Branch
from otpward.core.model.member import Area, Operator
from otpward.core.model.shipping import Batch
from otpward.core.policy.roles import Permission
from otpward.edges.http.address import key_of
from otpward.edges.http.console.batch_words import BATCHES
from otpward.edges.http.console.door import SHIPMENTS, admit, allowed, told
from otpward.edges.http.console.labels import Labels
from otpward.edges.http.console.rows import PackRow, ShipmentRow, named, pack_rows, shipment_rows
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.gathering import gather, waiting_for_post
from otpward.edges.http.words import Words, later
from otpward.ports.unit_of_work import Among, Before, UnitOfWork
from otpward.services.deliver.make_batch import EmptyBatch
from otpward.services.deliver.scan_in import WrongEnvelope
from otpward.services.deliver.settle import Settle, settle

PATH: Final = "/console/shipments"
_ROWS: Final = 50
_BATCHES: Final = 12
_TO_SEND: Final = Among(frozenset({CaseState.APPROVED, CaseState.PREPARING}))
_BACK: Final = Among(frozenset({ShipmentState.RETURNED, ShipmentState.MISSING}))
_ACTIVE: Final = Among(frozenset({BatchState.PACKING, BatchState.LABELLED, BatchState.HANDED_IN}))
_GONE: Final = Among(frozenset(ShipmentState) - {ShipmentState.PLANNED, ShipmentState.PACKED})
_EVER: Final = Before(datetime(9999, 1, 1, tzinfo=UTC))
"""Set at all."""
_DONE: Final = {"settled": later("Noted. The parcel needs no look any more.")}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parcels:
    """The lists of the page, each the longest waiting first, and how many there are in all."""

    look: list[ShipmentRow]
    silent: int
    silent_since: datetime | None
    to_pack: list[PackRow]
    to_pack_in_all: int
    can_gather: bool
    batches: list[tuple[Batch, Branch]]
    on_the_way: list[ShipmentRow]
    on_the_way_in_all: int
    back: list[ShipmentRow]


def show_shipments(visit: Visit) -> Response:
    """The parcels of the day."""
    return _page(visit, admit(visit, *SHIPMENTS))


def send_shipments(visit: Visit) -> Response:
    """A batch is made, or a parcel was looked at."""
    operator = admit(visit, Permission.SHIP)
    match visit.form.get("act"):
        case "gather":
            return _gather(visit, operator)
        case "settle":
            return _settle(visit, operator)
        case _:
            raise Invalid("no such act", field="act")


def _gather(visit: Visit, operator: Operator) -> Response:
    _ = visit.words._
    branch = visit.form.get("branch", "")
    wanted = [CaseId(key_of(one)) for one in visit.form.get("cases", "").split(",") if one]
    if not branch:
        return _page(visit, operator, errors={"branch": _("Choose a branch")})
    try:
        made = gather(visit.institution.id, operator, BranchId(key_of(branch)), wanted, house=visit.front.house)
    except EmptyBatch:
        nothing = _("None of these can be sent from there: no device on the shelf, a fee due, or in another batch")
        return _page(visit, operator, errors={"branch": nothing})
    codes = list(made.left.values())
    left = ",".join(f"{code}.{codes.count(code)}" for code in dict.fromkeys(codes))
    return visit.go(f"{PATH}/{made.batch.number}?done=made" + (f"&left={left}" if left else ""))


def _settle(visit: Visit, operator: Operator) -> Response:
    _, key = visit.words._, key_of(visit.form.get("parcel", ""))
    ask = Settle(shipment_id=key, operator=operator, serial=visit.form.get("serial", ""))
    try:
        visit.do(lambda desk: settle(ask, desk=desk))
    except WrongEnvelope:
        return _page(visit, operator, errors={"serial": _("This is not the device of that parcel")}, wrong=key)
    except Conflict as error:
        if error.field != "serial":
            raise
        in_use = _("This device is registered already. Stop it on its page, if it must not be used")
        return _page(visit, operator, errors={"serial": in_use}, wrong=key)
    return visit.go(f"{PATH}?done=settled")


def _page(visit: Visit, operator: Operator, *, errors: Mapping[str, str] | None = None, wrong: UUID | None = None) -> Response:
    parcels = visit.look(_read)
    label = Labels(visit.words)
    words = visit.look(lambda uow: {one.shipment.id: _contradiction(one.shipment, label, uow) for one in parcels.look})
    return visit.page(
        "console/shipments/list.html",
        values=visit.form,
        errors=errors,
        wrong=str(wrong),
        parcels=parcels,
        branches=visit.look(lambda uow: _branches(operator, visit.words, uow)),
        said=lambda shipment: words.get(shipment.id, ""),
        states=BATCHES,
        may=allowed(operator, Permission.SHIP),
        told=told(visit, _DONE),
        label=label,
        now=visit.front.house.clock.now(),
    )


def _contradiction(shipment: Shipment, label: Labels, uow: UnitOfWork) -> str:
    """The newest word that did not go with what was known."""
    event = uow.parcel_events.first(shipment_id=shipment.id, did=Reading.LOOK, order="-heard_at")
    return "–" if event is None else label(event.state)


def _branches(operator: Operator, words: Words, uow: UnitOfWork) -> list[tuple[str, str]]:
    """From where this operator may send, the fullest shelf first."""
    branches = [one for one in uow.branches.find(order="code") if operator.branch_id in {None, one.id}]
    lying: dict[str, Any] = {"state": TokenState.IN_STOCK, "place": Place.BRANCH, "case_id": None}
    counted = [(uow.devices.count(branch_id=one.id, **lying), one) for one in branches]
    counted.sort(key=lambda pair: -pair[0])
    return [(str(one.id), words._("{branch} ({n} in stock)", branch=one.name(words.lang), n=count)) for count, one in counted]


def _read(uow: UnitOfWork) -> _Parcels:
    to_pack: dict[str, Any] = {"state": _TO_SEND, "delivery": Delivery.POST}
    on_the_way: dict[str, Any] = {"state": ShipmentState.DISPATCHED}
    waiting = waiting_for_post(uow, limit=_ROWS)
    silent: dict[str, Any] = {**on_the_way, "silent_since": _EVER}
    first = uow.shipments.first(order="silent_since", **silent)
    batches = uow.batches.find(state=_ACTIVE, order="-made_at", limit=_BATCHES)
    branches = named(uow.branches, (one.branch_id for one in batches))
    return _Parcels(
        look=shipment_rows(uow.shipments.find(look_at=_EVER, state=_GONE, order="look_at", limit=_ROWS), uow),
        silent=uow.shipments.count(**silent),
        silent_since=first.silent_since if first is not None else None,
        to_pack=pack_rows(waiting, uow),
        to_pack_in_all=uow.cases.count(**to_pack),
        can_gather=any(not one.batched and not one.choice_open for one in waiting),
        batches=[(one, branches[one.branch_id]) for one in batches],
        on_the_way=shipment_rows(uow.shipments.find(order="dispatched_at", limit=_ROWS, **on_the_way), uow),
        on_the_way_in_all=uow.shipments.count(**on_the_way),
        back=shipment_rows(uow.shipments.find(state=_BACK, order="-ended_at", limit=_ROWS), uow),
    )


def routes(front: Front) -> list[BaseRoute]:
    """The page of this room."""
    return [page_route(front, PATH, area=Area.CONSOLE, get=show_shipments, post=send_shipments, explain=explain)]
