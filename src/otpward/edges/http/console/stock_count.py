"""Counts of a branch by scanning, and their differences, each settled by somebody who says why."""

from typing import Final
from uuid import UUID

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.errors import Invalid, NotFound
from otpward.core.ids import BranchId
from otpward.core.lifecycle.stock import CountState
from otpward.core.model.member import Area, Operator
from otpward.core.model.stock import CountLine, Finding, StockCount
from otpward.core.policy.roles import Permission
from otpward.core.policy.stock import Scan, scanned
from otpward.edges.http.console.door import admit, allowed, told
from otpward.edges.http.console.stock_words import after_scan, branch_here, branch_of, told_scan
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.words import later
from otpward.ports.unit_of_work import UnitOfWork
from otpward.services.stock.count_shelf import BeginCount, CountDevice, EndCount, begin_count, count_device, end_count
from otpward.services.stock.settle_line import SHELVABLE, SetAside, SettleLine, Settlement, settle_line

PATH: Final = "/console/stock/count"
_LISTED: Final = 20
_LINES: Final = 200
STATES: Final = {
    CountState.OPEN: later("Being counted"),
    CountState.SETTLING: later("Differences to settle"),
    CountState.DONE: later("Done"),
}
FINDINGS: Final = {
    Finding.FOUND: later("Was there"),
    Finding.MISSING: later("Not there"),
    Finding.SURPLUS: later("Surplus"),
    Finding.UNKNOWN: later("Unknown"),
}
_DONE: Final = {"ended": later("The count is over."), "settled": later("Settled.")}


def show_counts(visit: Visit) -> Response:
    """The last counts, and a button for a new one."""
    operator = admit(visit, Permission.SEE_STOCK)
    branch, branches = branch_here(visit, operator)
    counts, everywhere = visit.look(
        lambda uow: (
            uow.stock_counts.find(order="-begun_at", limit=_LISTED),
            {one.id: one for one in uow.branches.find()},
        )
    )
    return visit.page(
        "console/stock/counts.html",
        values={"branch": branch.code if branch else ""},
        counts=counts,
        all=everywhere,
        branches=branches,
        state=_words(visit, STATES),
        keeps=allowed(operator, Permission.KEEP_STOCK) and branch is not None,
    )


def send_new(visit: Visit) -> Response:
    """Begin one, or go on with the one that is open."""
    operator = admit(visit, Permission.KEEP_STOCK)
    branch, _branches = branch_here(visit, operator)
    if branch is None:
        raise NotFound("no branch yet")
    ask = BeginCount(branch_id=branch.id, operator=operator)
    return visit.go(f"{PATH}/{visit.do(lambda desk: begin_count(ask, desk=desk)).id}")


def show_count(visit: Visit) -> Response:
    """One count: a field for the scanner; or its differences."""
    return _count(visit, admit(visit, Permission.SEE_STOCK), {})


def send_act(visit: Visit) -> Response:
    """Scan a device, end the count, or settle a difference."""
    operator = admit(visit, Permission.KEEP_STOCK)
    count_id, _ = _key(visit.path("count")), visit.words._
    where, serial = f"{PATH}/{count_id}", visit.form.get("serial", "")
    match visit.form.get("act"):
        case "scan":
            if not serial.strip():
                return _count(visit, operator, {"serial": _("Scan a device, or type its serial number")})
            ask = CountDevice(count_id=count_id, serial=serial, operator=operator)
            scan = visit.do(lambda desk: count_device(ask, desk=desk))
            return visit.go(after_scan(scan, where, branch_of(scan, visit)))
        case "end":
            ending = EndCount(count_id=count_id, operator=operator)
            visit.do(lambda desk: end_count(ending, desk=desk))
            return visit.go(f"{where}?done=ended")
        case "settle":
            return _settle(visit, operator, where)
        case _:
            raise Invalid("no such act", field="act")


def _settle(visit: Visit, operator: Operator, where: str) -> Response:
    _, line, how = visit.words._, visit.form.get("line", ""), visit.form.get("how", "")
    field = f"reason-{line}"
    if how not in set(Settlement):
        raise Invalid("no such settlement", field="how")
    reason = visit.form.get(field, "")
    ask = SettleLine(line_id=_key(line), settlement=Settlement(how), reason=reason, operator=operator)
    try:
        visit.do(lambda desk: settle_line(ask, desk=desk))
    except SetAside:
        return _count(visit, operator, {field: _("It is set aside for an application. Give that one another device first")})
    except Invalid as error:
        if error.field != "reason":
            raise
        return _count(visit, operator, {field: _("Write why")})
    return visit.go(f"{where}?done=settled")


def _count(visit: Visit, operator: Operator, errors: dict[str, str]) -> Response:
    count = visit.look(lambda uow: uow.stock_counts.get(_key(visit.path("count"))))
    branch, lines, last = visit.look(lambda uow: (uow.branches.get(count.branch_id), _lines(count, uow), _last(count, uow)))
    scans = allowed(operator, Permission.KEEP_STOCK) and operator.branch_id in {None, count.branch_id}
    return visit.page(
        "console/stock/count.html",
        errors=errors,
        values=visit.form,
        count=count,
        branch=branch,
        lines=lines,
        last=last,
        scans=scans,
        state=_words(visit, STATES),
        finding=_words(visit, FINDINGS),
        scan=None if errors else told_scan(visit, later("Found: {serial}")),
        done=None if errors else told(visit, _DONE),
        action=f"{PATH}/{count.id}",
    )


def _lines(count: StockCount, uow: UnitOfWork) -> list[tuple[CountLine, bool]]:
    """The differences, those to be settled first, and whether each can be put on this shelf."""
    found = [
        line
        for finding in (Finding.MISSING, Finding.SURPLUS, Finding.UNKNOWN)
        for line in uow.count_lines.find(count_id=count.id, finding=finding, order="settled_at", limit=_LINES)
    ]
    found.sort(key=lambda line: line.settled_at is not None)
    return [(line, _shelvable(line, count.branch_id, uow)) for line in found[:_LINES]]


def _shelvable(line: CountLine, branch_id: BranchId, uow: UnitOfWork) -> bool:
    if line.finding is not Finding.SURPLUS or line.token_id is None or line.settled_at is not None:
        return False
    seen: Scan = scanned(uow.tokens.get(line.token_id), uow.devices.get(line.token_id), branch_id)
    return seen in SHELVABLE


def _last(count: StockCount, uow: UnitOfWork) -> list[CountLine]:
    """What was scanned last, while it is counted."""
    if count.state is not CountState.OPEN:
        return []
    return uow.count_lines.find(count_id=count.id, order="-at", limit=10)


def _words(visit: Visit, words: dict[CountState, str] | dict[Finding, str]) -> dict[str, str]:
    return {str(key): visit.words._(word) for key, word in words.items()}


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("no such count") from None


def routes(front: Front) -> list[BaseRoute]:
    """The pages of this room."""
    area = Area.CONSOLE
    return [
        page_route(front, PATH, area=area, get=show_counts, post=send_new, explain=explain),
        page_route(front, PATH + "/{count}", area=area, get=show_count, post=send_act, explain=explain),
    ]
