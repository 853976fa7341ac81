"""At a branch, a token that wrong codes have locked is opened for its holder."""

from dataclasses import dataclass

from otpward.clerk.checks import Checking, note_outcome
from otpward.clerk.in_person import spend_for_holder
from otpward.core.ids import TokenId
from otpward.core.model.device_check import CheckDoor, Outcome
from otpward.core.model.member import Operator
from otpward.core.model.proof import Act
from otpward.core.model.token import Token
from otpward.core.policy.roles import Permission, require
from otpward.ports.desk import Desk
from otpward.services.resync.unlock_token import open_lock


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlockInPerson:
    """The holder stands there, and their papers were seen."""

    token_id: TokenId
    operator: Operator


def unlock_in_person(ask: UnlockInPerson, *, desk: Desk) -> Token:
    """The token, open again.

    Raises:
        CannotUnlock: no lock stands, or it is blocked.
        Denied, OwnPerson: not this role, or the operator's own token.
        ProofNeeded: this operator has not just seen the holder's papers, for this.
    """
    require(ask.operator.role, Permission.HAND_OVER)
    with desk.uow as uow:
        spend_for_holder(Act.UNLOCK, ask.token_id, ask.operator, desk=desk)
        token = open_lock(uow.tokens.get(ask.token_id), desk=desk, by=ask.operator.actor)
        note_outcome(token, Outcome.UNLOCKED, Checking(door=CheckDoor.CONSOLE), desk=desk, by=ask.operator.actor)
        uow.commit()
    return token
