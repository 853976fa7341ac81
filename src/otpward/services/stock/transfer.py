"""Devices move from one shelf to another at once, where nothing is scanned: on the command line, or by a system."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from otpward.clerk.places import keeper_of
from otpward.clerk.tokens import move_token
from otpward.core.audit import Actor, AuditEvent
from otpward.core.errors import Conflict, NotFound
from otpward.core.ids import BranchId
from otpward.core.lifecycle.place import Place
from otpward.core.lifecycle.token import TokenEvent
from otpward.core.model.member import Operator
from otpward.ports.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """These devices now lie at this branch. The command line answers for every branch, an `operator` for theirs."""

    serials: Sequence[str]
    branch_id: BranchId
    by: Actor
    operator: Operator | None = None


def transfer(ask: Transfer, *, desk: Desk) -> int:
    """How many moved: all of them, or none.

    Raises:
        NotFound: a serial is unknown, or the branch is.
        IllegalTransition: one is not in stock.
        Conflict: one is on its way, or packed.
        Denied: not the operator's role, or another branch's stock.
    """
    with desk.uow as uow:
        uow.branches.get(ask.branch_id)
        if ask.operator is not None:
            keeper_of(ask.operator, ask.branch_id)
        for serial in ask.serials:
            token = uow.tokens.first(serial=serial)
            if token is None:
                raise NotFound(f"no device {serial}", field="serial")
            device = uow.devices.get(token.id)
            if ask.operator is not None:
                keeper_of(ask.operator, device.branch_id or ask.operator.branch_id)
            if device.place is Place.TRANSFER or device.transfer_id is not None:
                raise Conflict(f"{serial} is on its way to another branch, or packed for it", field="serial")
            move_token(token, TokenEvent.TRANSFER, AuditEvent.TOKEN_TRANSFERRED, desk=desk, by=ask.by, judged=device)
            uow.devices.save(replace(uow.devices.get(token.id), branch_id=ask.branch_id, place=Place.BRANCH))
        uow.commit()
    return len(ask.serials)
