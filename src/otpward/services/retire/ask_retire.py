"""The first of two: a device is to end."""

from dataclasses import dataclass
from typing import ClassVar

from otpward.core.audit import AuditEvent
from otpward.core.errors import Conflict, Denied, Invalid, Taken
from otpward.core.ids import TokenId
from otpward.core.lifecycle.token import TokenEvent, advance
from otpward.core.model.member import Operator
from otpward.core.model.retirement import Retirement
from otpward.core.policy.roles import Permission, require
from otpward.ports.desk import Desk

REASON_LONGEST = 200


class OwnRetirement(Denied):
    """Nobody retires their own device, nor approves what they asked for."""

    code: ClassVar[str] = "own_retirement"


class AskedAlready(Conflict):
    """Somebody has asked for it, and it is not decided yet."""

    code: ClassVar[str] = "asked_already"


@dataclass(frozen=True, slots=True, kw_only=True)
class AskRetire:
    """Which device, and why."""

    token_id: TokenId
    operator: Operator
    reason: str


def ask_retire(ask: AskRetire, *, desk: Desk) -> Retirement:
    """The wish, which a second person decides within three days. The device works on until then: to stop it is another act.

    Raises:
        Invalid: no reason (field `reason`).
        IllegalTransition: it is not in anybody's hands.
        AskedAlready, OwnRetirement, Denied.
    """
    require(ask.operator.role, Permission.STOP_TOKEN)
    reason = ask.reason.strip()[:REASON_LONGEST]
    if not reason:
        raise Invalid("a reason is needed", field="reason")
    with desk.uow as uow:
        token = uow.tokens.get(ask.token_id)
        advance(token.state, TokenEvent.RETIRE)
        refuse_holder(token.id, ask.operator, desk=desk)
        wish = Retirement(
            id=desk.new_id(),
            institution_id=token.institution_id,
            token_id=token.id,
            open_key=str(token.id),
            reason=reason,
            asked_by=ask.operator.member_id,
            asked_at=desk.now,
        )
        try:
            uow.retirements.add(wish)
        except Taken:
            raise AskedAlready("it was asked for already") from None
        uow.audit.append(AuditEvent.RETIRE_ASKED, wish, by=ask.operator.actor, at=desk.now, institution_id=token.institution_id)
        uow.commit()
    return wish


def refuse_holder(token_id: TokenId, operator: Operator, *, desk: Desk) -> None:
    """Let it go on unless the device is the operator's own; raises `OwnRetirement`."""
    holders = [one.member_id for one in desk.uow.registrations.find(token_id=token_id, ended_at=None)]
    if operator.member_id in holders:
        raise OwnRetirement("an operator's own device")
