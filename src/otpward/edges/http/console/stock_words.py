"""What the rooms of the stock have in common: which branch they are about, and what is said of a scan."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from otpward.core.model.institution import Branch
from otpward.core.model.member import Operator
from otpward.core.policy.stock import Scan
from otpward.edges.http.front import Visit
from otpward.edges.http.words import later
from otpward.ports.unit_of_work import UnitOfWork
from otpward.services.stock.take_in import Scanned

_SENTENCES: Final[Mapping[Scan, str]] = {
    Scan.HERE: later("{serial} lies on this shelf."),
    Scan.ARRIVED: later("{serial} has arrived and lies on no shelf yet. Scan it under “Goods in” first."),
    Scan.RESERVED: later("{serial} is set aside for an application."),
    Scan.BOXED: later("{serial} is packed for another branch."),
    Scan.OTHER_BOX: later("{serial} belongs to another box."),
    Scan.OTHER_BRANCH: later("{serial} belongs to {branch}, not here."),
    Scan.TRAVELLING: later("{serial} is on its way from {branch}. Receive its box first."),
    Scan.SHIPPED: later("{serial} should be in the post, on its way to a member."),
    Scan.WITH_MEMBER: later("{serial} should be in the hands of a member."),
    Scan.QUARANTINED: later("{serial} is in quarantine. Look at it there first."),
    Scan.RETIRED: later("{serial} is retired. It can only be destroyed."),
    Scan.LOST: later("{serial} was given up as missing. It can only be destroyed."),
    Scan.UNKNOWN: later("No device has the serial number {serial}. Scan it again, or import its seed file first."),
    Scan.AGAIN: later("{serial} was scanned before. Nothing changed."),
}
_KINDS: Final = {Scan.AGAIN: "info", Scan.UNKNOWN: "danger", Scan.RETIRED: "danger", Scan.LOST: "danger"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is said of the last scan, and how it looks."""

    text: str
    kind: str


def after_scan(scan: Scanned, where: str, uow_branch: str = "", **more: str) -> str:
    """The address that shows this page again, and what the scan found."""
    told = {"serial": scan.serial[:128], "found": scan.finding.value, "done": "1" if scan.done else "", "at": uow_branch}
    return f"{where}?{urlencode({name: value for name, value in (more | told).items() if value})}"


def branch_of(scan: Scanned, visit: Visit) -> str:
    """The code of the branch that a scanned device belongs to."""
    branch_id = None if scan.device is None else scan.device.branch_id
    branch = None if branch_id is None else visit.look(lambda uow: uow.branches.first(id=branch_id))
    return "" if branch is None else branch.code


def told_scan(visit: Visit, done: str) -> Told | None:
    """What the address says a scan found; `done` is the sentence for one that did what it was for."""
    query, _ = visit.query, visit.words._
    serial = query.get("serial", "")[:128]
    if not serial or query.get("found") not in set(Scan):
        return None
    finding = Scan(query["found"])
    if query.get("done") == "1" and finding is not Scan.AGAIN:
        return Told(text=_(done, serial=serial), kind="success")
    code = query.get("at", "")
    branch = visit.look(lambda uow: uow.branches.first(code=code)) if code else None
    return sentence_of(visit, finding, serial, branch)


def sentence_of(visit: Visit, finding: Scan, serial: str, branch: Branch | None) -> Told:
    """What is said of a device that was scanned."""
    name = branch.name(visit.lang) if branch else visit.words._("another branch")
    return Told(text=visit.words._(_SENTENCES[finding], serial=serial, branch=name), kind=_KINDS.get(finding, "warning"))


def branch_here(visit: Visit, operator: Operator) -> tuple[Branch | None, list[Branch]]:
    """The branch this page is about, and those that the operator may choose from (their own, or all)."""
    wanted = visit.form.get("branch") or visit.query.get("branch", "")
    return visit.look(lambda uow: _chosen(wanted, operator, uow))


def _chosen(wanted: str, operator: Operator, uow: UnitOfWork) -> tuple[Branch | None, list[Branch]]:
    branches = [one for one in uow.branches.find(order="code") if operator.branch_id in {None, one.id}]
    named = [one for one in branches if one.code == wanted]
    return next(iter(named or branches), None), branches
