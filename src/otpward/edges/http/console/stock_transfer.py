"""Boxes between branches: packed, sent and received by scan; what is missing shows until somebody says why."""

from typing import Final
from uuid import UUID

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.errors import Conflict, Invalid, NotFound
from otpward.core.lifecycle.place import Place
from otpward.core.lifecycle.stock import TransferState
from otpward.core.model.member import Area, Operator
from otpward.core.model.stock import StockTransfer
from otpward.core.policy.roles import Permission
from otpward.edges.http.console.door import admit, allowed, told
from otpward.edges.http.console.stock_words import after_scan, branch_here, branch_of, told_scan
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.words import later
from otpward.ports.unit_of_work import Among, UnitOfWork
from otpward.services.stock.pack_box import PackBox, PutIn, pack_box, put_in
from otpward.services.stock.receive_box import CloseBox, ReceiveDevice, close_box, receive_device
from otpward.services.stock.send_box import SendBox, send_box

PATH: Final = "/console/stock/transfer"
_LISTED: Final = 50
_OPEN: Final = Among(frozenset({TransferState.PACKING, TransferState.SENT}))
STATES: Final = {
    TransferState.PACKING: later("Being packed"),
    TransferState.SENT: later("On its way"),
    TransferState.RECEIVED: later("Received whole"),
    TransferState.CLOSED: later("Closed with devices missing"),
    TransferState.DROPPED: later("Unpacked again"),
}
_DONE: Final = {
    "sent": later("The box is on its way. Whoever receives it scans each device."),
    "dropped": later("Unpacked. Its devices lie on the shelf as before."),
    "closed": later("Closed. What was missing is written off."),
    "out": later("Taken out of the box."),
}


def show_boxes(visit: Visit) -> Response:
    """The boxes that are open, and the last ones that are not."""
    return _boxes(visit, admit(visit, Permission.SEE_STOCK), {})


def send_new(visit: Visit) -> Response:
    """Begin a box."""
    operator = admit(visit, Permission.KEEP_STOCK)
    branch, _branches = branch_here(visit, operator)
    to = visit.look(lambda uow: uow.branches.first(code=visit.form.get("to", "")))
    if branch is None or to is None or to.id == branch.id:
        return _boxes(visit, operator, {"to": visit.words._("Choose the branch that it goes to")})
    ask = PackBox(from_branch_id=branch.id, to_branch_id=to.id, operator=operator)
    box = visit.do(lambda desk: pack_box(ask, desk=desk))
    return visit.go(f"{PATH}/{box.id}")


def _boxes(visit: Visit, operator: Operator, errors: dict[str, str]) -> Response:
    branch, branches = branch_here(visit, operator)
    everywhere = visit.look(lambda uow: {one.id: one for one in uow.branches.find(order="code")})
    found, past = visit.look(
        lambda uow: (
            uow.transfers.find(state=_OPEN, order="-begun_at", limit=_LISTED),
            uow.transfers.find(state=Among(frozenset(STATES) - _OPEN.values), order="-begun_at", limit=10),
        )
    )
    return visit.page(
        "console/stock/boxes.html",
        errors=errors,
        values=visit.form or {"branch": branch.code if branch else ""},
        boxes=found,
        past=past,
        all=everywhere,
        branches=branches,
        state=_state(visit),
        keeps=allowed(operator, Permission.KEEP_STOCK) and len(everywhere) > 1,
        done=told(visit, _DONE),
    )


def show_box(visit: Visit) -> Response:
    """One box: a field for the scanner, and what is in it or still missing."""
    return _box(visit, admit(visit, Permission.SEE_STOCK), {})


def send_box_act(visit: Visit) -> Response:
    """Scan a device in, out or home; send, unpack or close the box."""
    operator = admit(visit, Permission.KEEP_STOCK)
    box_id, act, _ = _key(visit), visit.form.get("act"), visit.words._
    where, serial = f"{PATH}/{box_id}", visit.form.get("serial", "")
    if act in {"in", "receive"} and not serial.strip():
        return _box(visit, operator, {"serial": _("Scan a device, or type its serial number")})
    try:
        match act:
            case "in" | "out":
                put = PutIn(box_id=box_id, serial=serial, operator=operator, out=act == "out")
                scan = visit.do(lambda desk: put_in(put, desk=desk))
                return visit.go(f"{where}?done=out" if act == "out" else after_scan(scan, where, branch_of(scan, visit)))
            case "receive":
                ask = ReceiveDevice(box_id=box_id, serial=serial, operator=operator)
                scan = visit.do(lambda desk: receive_device(ask, desk=desk))
                return visit.go(after_scan(scan, where, branch_of(scan, visit)))
            case "send" | "drop":
                left = SendBox(box_id=box_id, operator=operator, drop=act == "drop")
                visit.do(lambda desk: send_box(left, desk=desk))
                return visit.go(f"{where}?done=sent" if act == "send" else f"{PATH}?done=dropped")
            case "close":
                closing = CloseBox(box_id=box_id, reason=visit.form.get("reason", ""), operator=operator)
                visit.do(lambda desk: close_box(closing, desk=desk))
                return visit.go(f"{where}?done=closed")
            case _:
                raise Invalid("no such act", field="act")
    except Invalid as error:
        if error.field != "reason":
            raise
        return _box(visit, operator, {"reason": _("Write where the missing devices are")})
    except Conflict as error:
        if error.field != "serial":
            raise
        return _box(visit, operator, {"serial": _("The box is empty. Scan at least one device")})


def _box(visit: Visit, operator: Operator, errors: dict[str, str]) -> Response:
    box = visit.look(lambda uow: uow.transfers.get(_key(visit)))
    inside, branches = visit.look(lambda uow: (_inside(box, uow), {one.id: one for one in uow.branches.find()}))
    keeps = allowed(operator, Permission.KEEP_STOCK)
    packs = keeps and box.state is TransferState.PACKING and operator.branch_id in {None, box.from_branch_id}
    receives = keeps and box.state is TransferState.SENT and operator.branch_id in {None, box.to_branch_id}
    sentence = (
        later("{serial} is in the box.") if box.state is TransferState.PACKING else later("{serial} is on this shelf now.")
    )
    return visit.page(
        "console/stock/box.html",
        errors=errors,
        values={"reason": visit.form.get("reason", "")},
        box=box,
        inside=inside,
        branches=branches,
        packs=packs,
        receives=receives,
        state=_state(visit),
        scan=None if errors else told_scan(visit, sentence),
        done=None if errors else told(visit, _DONE),
        action=f"{PATH}/{box.id}",
    )


def _inside(box: StockTransfer, uow: UnitOfWork) -> list[tuple[str, str]]:
    """The serials that are in it, or still to be received, with their models."""
    place = Place.BRANCH if box.state is TransferState.PACKING else Place.TRANSFER
    devices = uow.devices.find(place=place, transfer_id=box.id, limit=1000)
    return sorted((uow.tokens.get(device.id).serial, device.model) for device in devices)


def _state(visit: Visit) -> dict[TransferState, str]:
    return {state: visit.words._(word) for state, word in STATES.items()}


def _key(visit: Visit) -> UUID:
    try:
        return UUID(visit.path("box"))
    except ValueError:
        raise NotFound("no such box") from None


def routes(front: Front) -> list[BaseRoute]:
    """The pages of this room."""
    area = Area.CONSOLE
    return [
        page_route(front, PATH, area=area, get=show_boxes, post=send_new, explain=explain),
        page_route(front, PATH + "/{box}", area=area, get=show_box, post=send_box_act, explain=explain),
    ]
