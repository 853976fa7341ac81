"""Quarantine: what lies there, and the acts on one device, found by scan."""

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.clerk.places import find_scanned
from otpward.core.errors import Conflict, Denied, Invalid, NotFound
from otpward.core.lifecycle.place import Place
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.member import Area, Operator
from otpward.core.model.token import Device, Token
from otpward.core.policy.roles import Permission
from otpward.core.policy.stock import Scan, scanned
from otpward.edges.http.console.door import admit, allowed, told
from otpward.edges.http.console.stock_words import branch_here, sentence_of
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.words import later
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import Among, UnitOfWork
from otpward.services.stock.destroy import destroy
from otpward.services.stock.hand_back import hand_back
from otpward.services.stock.quarantine import quarantine
from otpward.services.stock.restock import restock
from otpward.services.stock.shelf_act import ShelfAct
from otpward.services.stock.write_off import WriteOff, write_off

PATH: Final = "/console/stock/quarantine"
_LISTED: Final = 100
_DONE: Final = {
    "quarantine": later("In quarantine. Nobody can be given it."),
    "restock": later("Back on the shelf."),
    "write_off": later("Written off. It lies here until it is destroyed."),
    "gone": later("Written off as missing."),
    "destroy": later("Destroyed. Its seed is erased."),
    "hand_back": later("Taken back, into quarantine."),
}
_ACTS: Final[Mapping[str, Callable[[ShelfAct, Desk], Any]]] = {
    "quarantine": lambda act, desk: quarantine(act, desk=desk),
    "restock": lambda act, desk: restock(act, desk=desk),
    "write_off": lambda act, desk: write_off(WriteOff(act=act), desk=desk),
    "gone": lambda act, desk: write_off(WriteOff(act=act, gone=True), desk=desk),
    "destroy": lambda act, desk: destroy(act, desk=desk),
}


def acts_of(token: Token, device: Device) -> list[str]:
    """What can be done with a device where it is."""
    if device.transfer_id is not None:
        return []
    match token.state, device.place:
        case TokenState.IN_STOCK, _:
            return ["quarantine", "write_off", "gone"]
        case TokenState.QUARANTINED, _:
            return ["restock", "write_off", "gone"]
        case TokenState.RETIRED, Place.QUARANTINE:
            return ["destroy"]
        case ((TokenState.RETIRED | TokenState.ISSUED), Place.MEMBER):
            return ["hand_back"]
        case _:
            return []


def show_quarantine(visit: Visit) -> Response:
    """What lies there, and the scanned device."""
    return _page(visit, admit(visit, Permission.SEE_STOCK), visit.query.get("serial", ""), {})


def send_act(visit: Visit) -> Response:
    """Do something with the scanned device; without an act, only look for it."""
    operator = admit(visit, Permission.KEEP_STOCK)
    serial, act, _ = visit.form.get("serial", "").strip()[:128], visit.form.get("act", ""), visit.words._
    if act == "find":
        if not serial:
            return _page(visit, operator, "", {"serial": _("Scan a device, or type its serial number")})
        return visit.go(f"{PATH}?serial={quote(serial, safe='')}")
    ask = ShelfAct(serial=serial, reason=visit.form.get("reason", ""), operator=operator)
    try:
        if act == "hand_back":
            branch, _branches = branch_here(visit, operator)
            if branch is None:
                raise NotFound("no branch yet")
            visit.do(lambda desk: hand_back(ask, branch_id=branch.id, desk=desk))
        elif act in _ACTS:
            visit.do(lambda desk: _ACTS[act](ask, desk))
        else:
            raise Invalid("no such act", field="act")
    except Invalid as error:
        if error.field != "reason":
            raise
        return _page(visit, operator, serial, {"reason": _("Write why")})
    except Denied:
        return _page(visit, operator, serial, {"reason": _("It belongs to another branch. Only they can do this.")})
    except (Conflict, NotFound):
        return _page(visit, operator, serial, {"reason": _("That is not possible with this device now.")})
    return visit.go(f"{PATH}?done={act}")


def _page(visit: Visit, operator: Operator, serial: str, errors: dict[str, str]) -> Response:
    view = visit.look(lambda uow: find_scanned(serial, uow=uow)) if serial else (None, None)
    token, device = view
    rows, branches = visit.look(lambda uow: (_rows(operator, uow), {one.id: one for one in uow.branches.find()}))
    finding = scanned(token, device, None)
    at = branches.get(device.branch_id) if device is not None and device.branch_id is not None else None
    shown = token.serial if token else serial
    return visit.page(
        "console/stock/quarantine.html",
        errors=errors,
        values={"reason": visit.form.get("reason", "")},
        rows=rows,
        branches=branches,
        token=token,
        device=device,
        branch=at,
        scan=sentence_of(visit, finding, shown, at) if serial and (token is None or finding is not Scan.HERE) else None,
        acts=acts_of(token, device) if token is not None and device is not None else [],
        keeps=allowed(operator, Permission.KEEP_STOCK),
        done=None if errors else told(visit, _DONE),
        action=PATH,
    )


def _rows(operator: Operator, uow: UnitOfWork) -> list[tuple[Token, Device]]:
    """What lies in quarantine here, or anywhere for who sits nowhere in particular."""
    where: dict[str, Any] = {"place": Place.QUARANTINE}
    if operator.branch_id is not None:
        where["branch_id"] = Among(frozenset({operator.branch_id}))
    return [(uow.tokens.get(one.id), one) for one in uow.devices.find(**where, limit=_LISTED)]


def routes(front: Front) -> list[BaseRoute]:
    """The page of this room."""
    return [page_route(front, PATH, area=Area.CONSOLE, get=show_quarantine, post=send_act, explain=explain)]
