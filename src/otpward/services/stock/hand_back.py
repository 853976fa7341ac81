"""A member gives a device back: into quarantine, whether it still worked or not."""

from dataclasses import replace

from otpward.clerk.places import find_scanned, keeper_of, said_why, take_back
from otpward.clerk.tokens import move_token
from otpward.core.audit import AuditEvent
from otpward.core.errors import Conflict, NotFound
from otpward.core.ids import BranchId
from otpward.core.lifecycle.case import OPEN
from otpward.core.lifecycle.place import Place
from otpward.core.lifecycle.token import TokenEvent, TokenState
from otpward.core.model.token import Device
from otpward.ports.desk import Desk
from otpward.services.stock.shelf_act import ShelfAct


def hand_back(ask: ShelfAct, *, branch_id: BranchId, desk: Desk) -> Device:
    """The device in this branch's quarantine. Only one that is not in use comes back this way: never registered, or retired.

    Raises:
        Invalid: no reason (field `reason`).
        Conflict: it is in use, or an application still waits for it, or no member has it.
        Denied, NotFound: not this role or branch; unknown.
    """
    reason = said_why(ask.reason)
    by = keeper_of(ask.operator, branch_id)
    with desk.uow as uow:
        token, device = find_scanned(ask.serial, uow=uow)
        if token is None or device is None:
            raise NotFound("no such device", field="serial")
        if device.place is not Place.MEMBER or token.state not in {TokenState.ISSUED, TokenState.RETIRED}:
            raise Conflict("it is in use, or no member has it", field="serial")
        if token.state is TokenState.RETIRED:
            take_back(token, branch_id=branch_id, desk=desk, by=by)
        else:
            if device.case_id is not None and uow.cases.get(device.case_id).state in OPEN:
                raise Conflict("an application still waits for it", field="serial")
            event, written = TokenEvent.HAND_BACK, AuditEvent.TOKEN_TAKEN_BACK
            move_token(token, event, written, desk=desk, by=by, detail={"why": reason}, judged=device)
            uow.devices.save(replace(uow.devices.get(token.id), branch_id=branch_id, case_id=None))
        device = uow.devices.get(token.id)
        uow.commit()
    return device
