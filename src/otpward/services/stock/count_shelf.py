"""Somebody counts a branch by scanning what lies there."""

from dataclasses import dataclass, replace
from uuid import UUID

from otpward.clerk.places import find_scanned, keeper_of
from otpward.core.audit import AuditEvent
from otpward.core.errors import Conflict, Invalid
from otpward.core.ids import BranchId
from otpward.core.lifecycle.place import Place
from otpward.core.lifecycle.stock import CountEvent, CountState, advance_count
from otpward.core.model.member import Operator
from otpward.core.model.stock import CountLine, Finding, StockCount
from otpward.core.policy.stock import COUNTED, Scan, scanned
from otpward.ports.desk import Desk
from otpward.services.stock.take_in import Scanned

LINES_MOST = 10_000
"""So many missing devices are listed one by one; a branch that lacks more was not counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginCount:
    """This branch is counted now."""

    branch_id: BranchId
    operator: Operator


@dataclass(frozen=True, slots=True, kw_only=True)
class CountDevice:
    """This serial was scanned."""

    count_id: UUID
    serial: str
    operator: Operator


@dataclass(frozen=True, slots=True, kw_only=True)
class EndCount:
    """Nothing more lies there."""

    count_id: UUID
    operator: Operator


def begin_count(ask: BeginCount, *, desk: Desk) -> StockCount:
    """The open count of this branch; asked again, the same one.

    Raises:
        Denied, NotFound: not this role or branch; no such branch.
    """
    by = keeper_of(ask.operator, ask.branch_id)
    with desk.uow as uow:
        branch = uow.branches.get(ask.branch_id)
        running = uow.stock_counts.first(branch_id=branch.id, state=CountState.OPEN)
        if running is not None:
            return running
        count = StockCount(
            id=desk.new_id(),
            institution_id=branch.institution_id,
            branch_id=branch.id,
            state=CountState.OPEN,
            begun_at=desk.now,
            begun_by=ask.operator.member_id,
            expected=uow.devices.count(place=Place.BRANCH, branch_id=branch.id),
        )
        uow.branches.save(branch)  # two who begin at once meet here, and the second finds the count of the first
        uow.stock_counts.add(count)
        uow.audit.append(AuditEvent.COUNT_BEGUN, count, by=by, at=desk.now, institution_id=count.institution_id)
        uow.commit()
    return count


def count_device(ask: CountDevice, *, desk: Desk) -> Scanned:
    """What was scanned. It is noted either way: what should not lie there as surplus, what nobody knows as unknown.

    Raises:
        Conflict: the count is over.
        Invalid: nothing was scanned (field `serial`).
        Denied, NotFound: not this role or branch; no such count.
    """
    text = ask.serial.strip()[:128]
    if not text:
        raise Invalid("nothing was scanned", field="serial")
    with desk.uow as uow:
        count = uow.stock_counts.get(ask.count_id)
        keeper_of(ask.operator, count.branch_id)
        if count.state is not CountState.OPEN:
            raise Conflict("this count is over")
        token, device = find_scanned(text, uow=uow)
        serial = text if token is None else token.serial
        finding = scanned(token, device, count.branch_id)
        if uow.count_lines.first(count_id=count.id, serial=serial) is not None:
            return Scanned(serial=serial, finding=Scan.AGAIN, done=finding in COUNTED, token=token, device=device)
        noted = Finding.FOUND if finding in COUNTED else Finding.UNKNOWN if token is None else Finding.SURPLUS
        line = CountLine(
            id=desk.new_id(),
            institution_id=count.institution_id,
            count_id=count.id,
            token_id=None if token is None else token.id,
            serial=serial,
            finding=noted,
            at=desk.now,
        )
        uow.count_lines.add(line)
        here = noted is Finding.FOUND
        uow.stock_counts.save(replace(count, found=count.found + here, surplus=count.surplus + (not here)))
        uow.commit()
    return Scanned(serial=serial, finding=finding, done=here, token=token, device=device)


def end_count(ask: EndCount, *, desk: Desk) -> StockCount:
    """The count with what is missing. Without a difference it is done; otherwise each one waits for somebody to say why.

    Raises:
        Denied, NotFound, IllegalTransition: not this role or branch; no such count; ended before.
    """
    with desk.uow as uow:
        count = uow.stock_counts.get(ask.count_id)
        by = keeper_of(ask.operator, count.branch_id)
        state = advance_count(count.state, CountEvent.END)
        missing = uow.shelf.missing(count.id, count.branch_id, limit=LINES_MOST)
        lines = [
            CountLine(
                id=desk.new_id(),
                institution_id=count.institution_id,
                count_id=count.id,
                token_id=device.id,
                serial=uow.tokens.get(device.id).serial,
                finding=Finding.MISSING,
                at=desk.now,
            )
            for device in missing
        ]
        uow.count_lines.add_all(lines)
        if not lines and not count.surplus:
            state = advance_count(state, CountEvent.SETTLE)
        ended = uow.stock_counts.save(
            replace(count, state=state, ended_at=desk.now, expected=count.found + len(lines), missing=len(lines))
        )
        detail = {"found": ended.found, "missing": ended.missing, "surplus": ended.surplus}
        uow.audit.append(AuditEvent.COUNT_ENDED, ended, by=by, at=desk.now, institution_id=ended.institution_id, detail=detail)
        uow.commit()
    return ended
