"""A difference of a count is settled: somebody says why, and the device is put where it is."""

from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from otpward.clerk.places import find_scanned, keeper_of, put_device, said_why
from otpward.clerk.tokens import move_token
from otpward.core.audit import Actor, AuditEvent
from otpward.core.errors import Conflict, Invalid
from otpward.core.ids import BranchId
from otpward.core.lifecycle.place import Place
from otpward.core.lifecycle.stock import CountEvent, CountState, TransferEvent, advance_count, advance_transfer
from otpward.core.lifecycle.token import TokenEvent, TokenState
from otpward.core.model.member import Operator
from otpward.core.model.stock import CountLine, Finding, StockCount
from otpward.core.policy.stock import Scan, scanned
from otpward.ports.desk import Desk


class Settlement(StrEnum):
    """How a difference is settled: it was there after all or is nothing, it is given up, or it lies on this shelf now."""

    NOTED = "noted"
    LOST = "lost"
    SHELVED = "shelved"


class SetAside(Conflict):
    """The missing device is set aside for an application, which needs another one first."""

    code = "set_aside"


SHELVABLE = frozenset({Scan.ARRIVED, Scan.OTHER_BRANCH, Scan.TRAVELLING, Scan.LOST})
"""Surplus that can stay where it was found; what was given up before only to be destroyed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleLine:
    """This line, this way, for this reason."""

    line_id: UUID
    settlement: Settlement
    reason: str
    operator: Operator


def settle_line(ask: SettleLine, *, desk: Desk) -> StockCount:
    """The count; with its last difference it is done.

    Raises:
        Invalid: no reason (field `reason`), or not for such a line (field `settlement`).
        SetAside: somebody waits for the device.
        Conflict: settled before.
        Denied, NotFound: not this role or branch; no such line.
    """
    reason = said_why(ask.reason)
    with desk.uow as uow:
        line = uow.count_lines.get(ask.line_id)
        count = uow.stock_counts.get(line.count_id)
        by = keeper_of(ask.operator, count.branch_id)
        if line.settled_at is not None or line.finding is Finding.FOUND or count.state is not CountState.SETTLING:
            raise Conflict("settled before, or the count still runs")
        match ask.settlement:
            case Settlement.LOST:
                _give_up(line, reason, by, desk=desk)
            case Settlement.SHELVED:
                _shelve(line, count.branch_id, reason, by, desk=desk)
            case Settlement.NOTED:
                pass
        settled = replace(line, settled_at=desk.now, settled_by=ask.operator.member_id, reason=reason)
        uow.count_lines.save(settled)
        detail: dict[str, str | int] = {"finding": line.finding.value, "settled": ask.settlement.value, "why": reason}
        uow.audit.append(
            AuditEvent.COUNT_SETTLED, settled, by=by, at=desk.now, institution_id=line.institution_id, detail=detail
        )
        if not _unsettled(count, desk=desk):
            count = replace(count, state=advance_count(count.state, CountEvent.SETTLE))
        count = uow.stock_counts.save(count)
        uow.commit()
    return count


def _give_up(line: CountLine, reason: str, by: Actor, *, desk: Desk) -> None:
    if line.finding is not Finding.MISSING or line.token_id is None:
        raise Invalid("it was not missing", field="settlement")
    token, device = desk.uow.tokens.get(line.token_id), desk.uow.devices.get(line.token_id)
    if token.state is TokenState.RESERVED:
        raise SetAside("it is set aside for an application")
    if token.state is not TokenState.IN_STOCK or device.place is not Place.BRANCH:
        raise Conflict("it has turned up elsewhere meanwhile")
    event, written = TokenEvent.WRITE_OFF, AuditEvent.TOKEN_WRITTEN_OFF
    move_token(token, event, written, desk=desk, by=by, place=Place.LOST, detail={"why": reason}, judged=device)


def _shelve(line: CountLine, branch_id: BranchId, reason: str, by: Actor, *, desk: Desk) -> None:
    token, device = find_scanned(line.serial, uow=desk.uow)
    finding = scanned(token, device, branch_id)
    if line.finding is not Finding.SURPLUS or finding not in SHELVABLE or device is None:
        raise Invalid("it cannot be put on this shelf", field="settlement")
    place = Place.QUARANTINE if finding is Scan.LOST else Place.BRANCH
    if finding is Scan.TRAVELLING and device.transfer_id is not None:
        _out_of_box(device.transfer_id, desk=desk)
    put_device(device, place, AuditEvent.TOKEN_TAKEN_IN, desk=desk, by=by, branch_id=branch_id, detail={"why": reason})


def _out_of_box(box_id: UUID, *, desk: Desk) -> None:
    """One less is expected from that box."""
    box = desk.uow.transfers.get(box_id)
    box = replace(box, sent=box.sent - 1)
    if box.sent == box.received:
        box = replace(box, state=advance_transfer(box.state, TransferEvent.RECEIVE), ended_at=desk.now)
    desk.uow.transfers.save(box)


def _unsettled(count: StockCount, *, desk: Desk) -> int:
    lines, of_count = desk.uow.count_lines, {"count_id": count.id, "settled_at": None}
    return sum(lines.count(finding=finding, **of_count) for finding in Finding if finding is not Finding.FOUND)
