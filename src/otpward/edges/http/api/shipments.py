"""`/v1/shipments`: parcels and their batches. What staff do is done in the name of one of them; a carrier may only say what
happened to a parcel."""

from datetime import timedelta
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.responses import Response

from otpward.core.errors import Invalid, NotFound
from otpward.core.formats.tracking import check_tracking_number
from otpward.core.ids import CaseId
from otpward.core.lifecycle.others import ShipmentState
from otpward.core.lifecycle.parcel import ParcelState
from otpward.core.model.delivery import Shipment
from otpward.core.model.member import Operator
from otpward.core.model.shipping import Source
from otpward.core.policy.keys import SHIPMENTS_EVENTS, SHIPMENTS_READ, SHIPMENTS_WRITE
from otpward.edges.http.api.case_decisions import Once
from otpward.edges.http.api.keys import Caller, caller_with
from otpward.edges.http.api.once import Asked, once
from otpward.edges.http.api.problems import declare, problem
from otpward.edges.http.api.said import KEY, Moment, cursor_of, key_in, read_cursor, said
from otpward.edges.http.api.shipment_answers import (
    BatchAnswer,
    EventAnswer,
    ShipmentAnswer,
    ShipmentListAnswer,
    batch_told,
    event_told,
    parcel_told,
)
from otpward.edges.http.api.staff import Login, operator_named
from otpward.edges.http.envelopes import box_of, envelopes_of
from otpward.edges.http.front import Front
from otpward.edges.http.gathering import gather
from otpward.ports.unit_of_work import Among, Behind, UnitOfWork
from otpward.services.deliver.confirm_delivery import ConfirmDelivery, confirm_delivery
from otpward.services.deliver.hand_in import HandIn, hand_in
from otpward.services.deliver.number_parcel import NumberParcel, number_parcel
from otpward.services.deliver.print_labels import PrintLabels, print_labels
from otpward.services.deliver.scan_in import ScanIn, WrongEnvelope, scan_in

MOST: Final = 100
_READS: Final = declare(400, 401, 403, 404, 422, 500, 503)
_WRITES: Final = declare(400, 401, 403, 404, 409, 413, 415, 422, 500, 503)
_AHEAD: Final = timedelta(hours=1)
"""Carriers' clocks differ; what lies further ahead is no event but a mistake."""
_WORDS: Final = r"^[^\x00-\x1f\x7f]*$"

Number = Annotated[str, Path(max_length=40, description="The registered number, or the parcel's `id`")]
BatchNumber = Annotated[str, Path(max_length=20)]
Code = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=40)]


class _Ask(BaseModel):
    model_config = ConfigDict(extra="forbid")


class GatherAsk(_Ask):
    """Which applications go together from which branch; without `cases`, all that wait for the post."""

    by: Login
    branch: Code
    cases: Annotated[list[Code], Field(max_length=500)] = []


class ScanAsk(_Ask):
    """What was scanned at this place of the pick list: the device, the registered number, or both."""

    by: Login
    position: Annotated[int, Field(strict=True, ge=1, le=500)]
    serial: Annotated[str, StringConstraints(strict=True, max_length=128)] = ""
    number: Annotated[str, StringConstraints(strict=True, max_length=40)] = ""


class ByAsk(_Ask):
    """In whose name."""

    by: Login


class EventAsk(_Ask):
    """What happened to a parcel, where and when (RFC 3339). The same may be said again."""

    state: ParcelState
    at: Moment
    place: Annotated[str, StringConstraints(strict=True, max_length=200, pattern=_WORDS)] = ""


def router(front: Front) -> APIRouter:
    """The routes of this room."""
    routes = APIRouter(prefix="/v1/shipments", tags=["deliver"])
    _add_batches(routes, front)
    _add_parcels(routes, front)
    return routes


def _add_batches(routes: APIRouter, front: Front) -> None:
    house = front.house
    writes = Depends(caller_with(SHIPMENTS_WRITE, house=house))
    reads = Depends(caller_with(SHIPMENTS_READ, SHIPMENTS_WRITE, house=house))
    answers: dict[str, Any] = {"response_model": BatchAnswer, "response_model_exclude_none": True, "openapi_extra": KEY}

    def told(caller: Caller, number: str, *, status: int = 200, **more: Any) -> Response:
        return said(house.look(caller.key.institution_id, lambda uow: batch_told(_box(number, uow), **more)), status=status)

    @routes.post("/batches", status_code=201, responses=_WRITES, **answers)
    def make_batch(ask: GatherAsk, caller: Annotated[Caller, writes], once_key: Once = None) -> Response:
        """Gather approved applications for the post; devices are taken from the shelf of the branch."""

        def act() -> Response:
            operator, inside = operator_named(ask.by, caller, house=house), caller.key.institution_id
            branch, keys = house.look(inside, lambda uow: _wanted(ask, uow))
            made = gather(inside, operator, branch, list(keys.values()), house=house)
            names = {key: name for name, key in keys.items()}
            left = {names[key]: why for key, why in made.left.items() if key in names}
            return told(caller, made.batch.number, status=201, left=left)

        return once(Asked(caller=caller, once=once_key, where="batch", body=ask), house, act)

    @routes.get("/batches/{batch}", responses=_READS, **answers)
    def read_batch(batch: BatchNumber, caller: Annotated[Caller, reads]) -> Response:
        """A batch and its parcels, in the order of the pick list."""
        return told(caller, batch)

    @routes.post("/batches/{batch}/scans", responses=_WRITES, **answers)
    def scan(batch: BatchNumber, ask: ScanAsk, caller: Annotated[Caller, writes], once_key: Once = None) -> Response:
        """Put a device into its envelope, and a number onto it; a wrong one stops with its `reason`."""

        def act() -> Response:
            operator, inside = operator_named(ask.by, caller, house=house), caller.key.institution_id
            if not ask.serial and not ask.number:
                raise Invalid("a device, a number, or both", field="serial")
            number = check_tracking_number(ask.number) if ask.number else ""
            if ask.serial:
                wanted = ScanIn(batch=batch, position=ask.position, serial=ask.serial, operator=operator)
                house.do(inside, lambda desk: scan_in(wanted, desk=desk))
            if number:
                label = NumberParcel(batch=batch, position=ask.position, tracking_number=number, operator=operator)
                house.do(inside, lambda desk: number_parcel(label, desk=desk))
            return told(caller, batch)

        try:
            return once(Asked(caller=caller, once=once_key, where=f"scan {batch}", body=ask), house, act)
        except WrongEnvelope as error:
            more: dict[str, Any] = {} if error.belongs is None else {"belongs": error.belongs}
            return problem(409, error.code, field="serial", reason=error.misfit.value, **more)

    @routes.post("/batches/{batch}/labels", responses=_WRITES, **answers)
    def labels(batch: BatchNumber, ask: ByAsk, caller: Annotated[Caller, writes], once_key: Once = None) -> Response:
        """Say that the labels were printed, by whoever prints them; only when every envelope is ready."""

        def act() -> Response:
            wanted = PrintLabels(batch=batch, operator=_named(ask.by, caller))
            house.do(caller.key.institution_id, lambda desk: print_labels(wanted, desk=desk))
            return told(caller, batch)

        return once(Asked(caller=caller, once=once_key, where=f"labels {batch}", body=ask), house, act)

    @routes.post("/batches/{batch}/dispatch", responses=_WRITES, **answers)
    def dispatch(batch: BatchNumber, ask: ByAsk, caller: Annotated[Caller, writes], once_key: Once = None) -> Response:
        """The carrier took the box: every parcel is on its way, and the members are told."""

        def act() -> Response:
            wanted = HandIn(batch=batch, operator=_named(ask.by, caller))
            gone = hand_in(wanted, caller.key.institution_id, house=house)
            return told(caller, batch, stuck={str(place): why for place, why in gone.stuck.items()})

        return once(Asked(caller=caller, once=once_key, where=f"dispatch {batch}", body=ask), house, act)

    def _named(login: str, caller: Caller) -> Operator:
        return operator_named(login, caller, house=house)


def _add_parcels(routes: APIRouter, front: Front) -> None:
    house = front.house
    reads = Depends(caller_with(SHIPMENTS_READ, SHIPMENTS_WRITE, house=house))
    says = Depends(caller_with(SHIPMENTS_EVENTS, SHIPMENTS_WRITE, house=house))

    @routes.get("", response_model=ShipmentListAnswer, response_model_exclude_none=False, responses=_READS, openapi_extra=KEY)
    def list_shipments(
        caller: Annotated[Caller, reads],
        state: ShipmentState | None = None,
        batch: Annotated[str | None, Query(max_length=20)] = None,
        cursor: Annotated[str | None, Query(max_length=200)] = None,
        limit: Annotated[int, Query(ge=1, le=MOST)] = MOST,
    ) -> Response:
        """Parcels, the oldest first."""
        behind = key_in(read_cursor(cursor, 1)[0]) if cursor else None
        return said(house.look(caller.key.institution_id, lambda uow: _page(uow, state, batch, behind, limit)))

    @routes.get(
        "/{number}", response_model=ShipmentAnswer, response_model_exclude_none=True, responses=_READS, openapi_extra=KEY
    )
    def read_shipment(number: Number, caller: Annotated[Caller, reads]) -> Response:
        """One parcel, with everything that was said of it."""
        return said(house.look(caller.key.institution_id, lambda uow: _whole(_parcel(number, uow), uow)))

    @routes.get("/{number}/events", response_model=list[EventAnswer], responses=_READS, openapi_extra=KEY)
    def read_events(number: Number, caller: Annotated[Caller, reads]) -> list[dict[str, Any]]:
        """What was said of it, the first first."""
        found = house.look(caller.key.institution_id, lambda uow: _whole(_parcel(number, uow), uow)["events"])
        return list(found)

    @routes.post(
        "/{number}/events",
        response_model=ShipmentAnswer,
        response_model_exclude_none=True,
        responses=_WRITES,
        openapi_extra=KEY,
    )
    def say_event(number: Number, ask: EventAsk, caller: Annotated[Caller, says], once_key: Once = None) -> Response:
        """Say what happened. Late, repeated and contradictory events are kept, and do what the table of readings says."""

        def act() -> Response:
            inside = caller.key.institution_id
            if ask.at > house.clock.now() + _AHEAD:
                raise Invalid("it has not happened yet", field="at")
            parcel = house.look(inside, lambda uow: _parcel(number, uow))
            wanted = ConfirmDelivery(
                shipment_id=parcel.id, state=ask.state, at=ask.at, place=ask.place, by=caller.actor, source=Source.TOLD
            )
            house.do(inside, lambda desk: confirm_delivery(wanted, desk=desk))
            return said(house.look(inside, lambda uow: _whole(uow.shipments.get(parcel.id), uow)))

        return once(Asked(caller=caller, once=once_key, where=f"event {number}", body=ask), house, act)


def _box(number: str, uow: UnitOfWork) -> Any:
    batch = uow.batches.first(number=number)
    if batch is None:
        raise NotFound("no such batch")
    return box_of(batch, uow=uow)


def _wanted(ask: GatherAsk, uow: UnitOfWork) -> tuple[Any, dict[str, CaseId]]:
    """The branch, and the applications by number; raises `Invalid`."""
    branch = uow.branches.first(code=ask.branch)
    if branch is None:
        raise Invalid("no branch has this code", field="branch")
    found = uow.cases.find(number=Among(frozenset(ask.cases))) if ask.cases else []
    keys = {one.number: one.id for one in found}
    missing = [one for one in ask.cases if one not in keys]
    if missing:
        raise Invalid("one of these applications does not exist", field="cases")
    return branch.id, keys


def _parcel(number: str, uow: UnitOfWork) -> Shipment:
    """The parcel of this number or key; raises `NotFound`."""
    try:
        found = uow.shipments.first(id=UUID(number))
    except ValueError:
        try:
            found = uow.shipments.first(tracking_number=check_tracking_number(number))
        except Invalid:
            found = None
    if found is None:
        raise NotFound("no such parcel")
    return found


def _page(uow: UnitOfWork, state: ShipmentState | None, batch: str | None, behind: UUID | None, limit: int) -> dict[str, Any]:
    where: dict[str, Any] = {} if state is None else {"state": state}
    if batch is not None:
        where["batch_id"] = _box(batch, uow).batch.id
    if behind is not None:
        where["id"] = Behind(behind)
    found = uow.shipments.find(order="id", limit=limit + 1, **where)
    shown = found[:limit]
    return {
        "shipments": [_told(one, uow) for one in shown],
        "next": cursor_of(shown[-1].id) if len(found) > limit else None,
    }


def _told(parcel: Shipment, uow: UnitOfWork) -> dict[str, Any]:
    batch = uow.batches.first(id=parcel.batch_id) if parcel.batch_id is not None else None
    return parcel_told(envelopes_of([parcel], uow=uow)[0], batch.number if batch is not None else None)


def _whole(parcel: Shipment, uow: UnitOfWork) -> dict[str, Any]:
    events = uow.parcel_events.find(shipment_id=parcel.id, order="at")
    return {**_told(parcel, uow), "events": [event_told(one) for one in events]}
