"""An operator stops a token at once, on somebody's word."""

from dataclasses import dataclass

from otpward.clerk.tokens import hold_token
from otpward.core.errors import Invalid
from otpward.core.ids import TokenId
from otpward.core.lifecycle.token import Hold
from otpward.core.model.member import Operator
from otpward.core.model.token import Token
from otpward.core.policy.roles import Permission, require
from otpward.ports.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class StopToken:
    """Which, and why."""

    token_id: TokenId
    operator: Operator
    reason: str


def stop_token(ask: StopToken, *, desk: Desk) -> Token:
    """The token, suspended from this moment.

    Raises:
        Invalid: no reason (field `reason`).
        Denied: not this role.
    """
    require(ask.operator.role, Permission.STOP_TOKEN)
    reason = ask.reason.strip()[:200]
    if not reason:
        raise Invalid("a reason is needed", field="reason")
    with desk.uow as uow:
        token = hold_token(uow.tokens.get(ask.token_id), Hold.SUSPENDED, desk=desk, by=ask.operator.actor, reason=reason)
        uow.commit()
    return token
