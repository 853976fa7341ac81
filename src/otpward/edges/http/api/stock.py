"""`/v1/stock`: where each device is, and who answers for it there. What moves one is done in the name of a keeper of the stock,
who keeps their own branch only."""

from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.responses import Response

from otpward.core.errors import Invalid, NotFound
from otpward.core.ids import BranchId
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.member import Operator
from otpward.core.model.token import Device, Token
from otpward.core.policy.keys import STOCK_READ, STOCK_WRITE
from otpward.core.policy.stock import REASON_LONGEST
from otpward.edges.http.api.case_decisions import Once
from otpward.edges.http.api.keys import Caller, caller_with
from otpward.edges.http.api.once import Asked, once
from otpward.edges.http.api.problems import declare
from otpward.edges.http.api.said import KEY, cursor_of, key_in, moment_in, read_cursor, said, stamp
from otpward.edges.http.api.staff import Login, operator_named
from otpward.edges.http.front import Front
from otpward.ports.desk import Desk, House
from otpward.ports.shelf import Found, ShelfQuery, Spot
from otpward.ports.unit_of_work import UnitOfWork
from otpward.services.stock.quarantine import quarantine
from otpward.services.stock.restock import restock
from otpward.services.stock.shelf_act import ShelfAct
from otpward.services.stock.take_in import Scanned, TakeIn, take_in
from otpward.services.stock.transfer import Transfer, transfer

MOST: Final = 100
_READS: Final = declare(400, 401, 403, 404, 422, 500, 503)
_WRITES: Final = declare(400, 401, 403, 404, 409, 413, 415, 422, 500, 503)
_WORDS: Final = r"^[^\x00-\x1f\x7f]*$"

Code = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=40)]
Serial = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=128, pattern=_WORDS)]
Serials = Annotated[list[Serial], Field(min_length=1, max_length=MOST)]
Wanted = Annotated[str, Path(max_length=128, description="The device's serial number")]


class DeviceAnswer(BaseModel):
    """One device. `place` is `arrived`, `branch`, `transfer`, `shipment`, `member`, `quarantine`, `lost` or `destroyed`;
    `keeper` who answers for it there."""

    serial: str
    place: str
    keeper: str
    state: str
    holds: list[str]
    branch: str | None = None
    form: str
    vendor: str
    model: str
    stocked_at: str
    expires_on: str | None = None
    battery_until: str | None = None


class DeviceListAnswer(BaseModel):
    """A page of devices, those stocked last first; `next` is the cursor of the one after it."""

    devices: list[DeviceAnswer]
    next: str | None


class ScanAnswer(BaseModel):
    """What became of one serial number. `found` says what it is, seen from this branch; only what had `arrived` is taken in."""

    serial: str
    done: bool
    found: str
    device: DeviceAnswer | None = None


class ScanListAnswer(BaseModel):
    """One answer for each serial number, in the order in which they were sent."""

    scans: list[ScanAnswer]


class _Ask(BaseModel):
    model_config = ConfigDict(extra="forbid")

    by: Login


class PlaceAsk(_Ask):
    """These devices, and the branch on whose shelf they lie from now on."""

    branch: Code
    serials: Serials


class ReasonAsk(_Ask):
    """Why."""

    reason: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=REASON_LONGEST, pattern=_WORDS)]


def router(front: Front) -> APIRouter:
    """The routes of this room."""
    routes = APIRouter(prefix="/v1/stock", tags=["stock"])
    _add_goods(routes, front)
    _add_devices(routes, front)
    return routes


def _add_goods(routes: APIRouter, front: Front) -> None:
    house = front.house
    writes = Depends(caller_with(STOCK_WRITE, house=house))

    @routes.post(
        "/goods-in", response_model=ScanListAnswer, response_model_exclude_none=True, responses=_WRITES, openapi_extra=KEY
    )
    def goods_in(ask: PlaceAsk, caller: Annotated[Caller, writes], once_key: Once = None) -> Response:
        """Put devices that arrived onto the shelf of a branch, one by one as they are scanned. What is no new device stays
        where it is, and its answer says why; sent again, those that were taken in say `again`."""

        def act() -> Response:
            operator, inside = operator_named(ask.by, caller, house=house), caller.key.institution_id
            branch = house.look(inside, lambda uow: _branch(ask.branch, uow))
            scans = [
                house.do(inside, _taking(TakeIn(serial=serial, branch_id=branch, operator=operator))) for serial in ask.serials
            ]
            return said({"scans": house.look(inside, lambda uow: [_scan_told(one, uow) for one in scans])})

        return once(Asked(caller=caller, once=once_key, where="goods-in", body=ask), house, act)

    @routes.post("/transfers", response_model=DeviceListAnswer, responses=_WRITES, openapi_extra=KEY)
    def move(ask: PlaceAsk, caller: Annotated[Caller, writes], once_key: Once = None) -> Response:
        """Move devices from one shelf to another at once, without a box: all of them, or none. For who keeps both branches."""

        def act() -> Response:
            operator, inside = operator_named(ask.by, caller, house=house), caller.key.institution_id
            branch = house.look(inside, lambda uow: _branch(ask.branch, uow))
            serials = list(dict.fromkeys(ask.serials))
            wanted = Transfer(serials=serials, branch_id=branch, by=operator.actor, operator=operator)
            house.do(inside, lambda desk: transfer(wanted, desk=desk))
            moved = house.look(inside, lambda uow: [_told(*_device(serial, uow), uow) for serial in serials])
            return said({"devices": moved, "next": None})

        return once(Asked(caller=caller, once=once_key, where="transfer", body=ask), house, act)


def _add_devices(routes: APIRouter, front: Front) -> None:
    house = front.house
    reads = Depends(caller_with(STOCK_READ, STOCK_WRITE, house=house))
    writes = Depends(caller_with(STOCK_WRITE, house=house))
    one: dict[str, Any] = {"response_model": DeviceAnswer, "response_model_exclude_none": True, "openapi_extra": KEY}

    @routes.get("", response_model=DeviceListAnswer, response_model_exclude_none=True, responses=_READS, openapi_extra=KEY)
    def list_devices(
        caller: Annotated[Caller, reads],
        state: TokenState | None = None,
        branch: Annotated[str | None, Query(max_length=40, description="The branch's code")] = None,
        cursor: Annotated[str | None, Query(max_length=200)] = None,
        limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
    ) -> Response:
        """Devices, those stocked last first."""

        def page(uow: UnitOfWork) -> dict[str, Any]:
            wanted = ShelfQuery(state=state, branch_id=_branch(branch, uow) if branch is not None else None)
            found = uow.shelf.page(wanted, limit=limit + 1, after=_spot(cursor))
            more = _cursor(found[limit - 1]) if len(found) > limit else None
            return {"devices": [_told(each.token, each.device, uow) for each in found[:limit]], "next": more}

        return said(house.look(caller.key.institution_id, page))

    @routes.get("/{serial}", responses=_READS, **one)
    def read_device(serial: Wanted, caller: Annotated[Caller, reads]) -> Response:
        """One device."""
        return said(house.look(caller.key.institution_id, lambda uow: _told(*_device(serial, uow), uow)))

    @routes.post("/{serial}/quarantine", responses=_WRITES, **one)
    def set_aside(serial: Wanted, ask: ReasonAsk, caller: Annotated[Caller, writes], once_key: Once = None) -> Response:
        """Set a device of the shelf aside, to be looked at: nobody is given it."""
        return once(
            Asked(caller=caller, once=once_key, where=f"quarantine {serial}", body=ask),
            house,
            lambda: _on_the_shelf(serial, ask, caller, quarantine, house=house),
        )

    @routes.post("/{serial}/release", responses=_WRITES, **one)
    def put_back(serial: Wanted, ask: ReasonAsk, caller: Annotated[Caller, writes], once_key: Once = None) -> Response:
        """Put a device that was set aside back onto its shelf."""
        return once(
            Asked(caller=caller, once=once_key, where=f"release {serial}", body=ask),
            house,
            lambda: _on_the_shelf(serial, ask, caller, restock, house=house),
        )


def _taking(ask: TakeIn) -> Callable[[Desk], Scanned]:
    return lambda desk: take_in(ask, desk=desk)


def _on_the_shelf(serial: str, ask: ReasonAsk, caller: Caller, act: Callable[..., Device], *, house: House) -> Response:
    operator: Operator = operator_named(ask.by, caller, house=house)
    inside, wanted = caller.key.institution_id, ShelfAct(serial=serial, reason=ask.reason, operator=operator)
    house.do(inside, lambda desk: act(wanted, desk=desk))
    return said(house.look(inside, lambda uow: _told(*_device(serial, uow), uow)))


def _branch(code: str, uow: UnitOfWork) -> BranchId:
    """The branch of this code; raises `Invalid`."""
    found = uow.branches.first(code=code)
    if found is None:
        raise Invalid("no branch has this code", field="branch")
    return found.id


def _device(serial: str, uow: UnitOfWork) -> tuple[Token, Device]:
    """The device of this serial number; raises `NotFound`."""
    token = uow.tokens.first(serial=serial) or uow.tokens.first(serial=serial.upper())
    if token is None:
        raise NotFound("no such device", field="serial")
    return token, uow.devices.get(token.id)


def _cursor(last: Found) -> str:
    return cursor_of(last.device.stocked_at, last.device.id)


def _spot(cursor: str | None) -> Spot | None:
    if cursor is None:
        return None
    at, key = read_cursor(cursor, 2)
    return Spot(moment_in(at), key_in(key))


def _scan_told(scan: Scanned, uow: UnitOfWork) -> dict[str, Any]:
    known = scan.token is not None and scan.device is not None
    told = {"serial": scan.serial, "done": scan.done, "found": scan.finding.value}
    return {**told, "device": _told(*_device(scan.token.serial, uow), uow)} if known and scan.token else told


def _told(token: Token, device: Device, uow: UnitOfWork) -> dict[str, Any]:
    branch = uow.branches.first(id=device.branch_id) if device.branch_id is not None else None
    told = {
        "serial": token.serial,
        "place": device.place.value,
        "keeper": device.custodian.kind.value,
        "state": token.state.value,
        "holds": sorted(token.holds),
        "branch": None if branch is None else branch.code,
        "form": device.form.value,
        "vendor": device.vendor,
        "model": device.model,
        "stocked_at": stamp(device.stocked_at),
        "expires_on": device.expires_on.isoformat() if device.expires_on else None,
        "battery_until": device.battery_until.isoformat() if device.battery_until else None,
    }
    return {name: value for name, value in told.items() if value is not None}
