"""On the machine itself, a token that wrong codes have locked is opened."""

from dataclasses import dataclass

from otpward.core.audit import Actor
from otpward.core.ids import TokenId
from otpward.core.model.token import Token
from otpward.ports.desk import Desk
from otpward.services.resync.unlock_token import open_lock


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlockByHand:
    """Which, and who runs the machine."""

    token_id: TokenId
    by: Actor


def unlock_by_hand(ask: UnlockByHand, *, desk: Desk) -> Token:
    """The token, open again; raises `CannotUnlock`."""
    with desk.uow as uow:
        token = open_lock(uow.tokens.get(ask.token_id), desk=desk, by=ask.by)
        uow.commit()
    return token
