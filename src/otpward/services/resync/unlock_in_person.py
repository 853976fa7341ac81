"""At a branch, a token that wrong codes have locked is opened for its holder."""

from dataclasses import dataclass

from otpward.core.errors import Denied
from otpward.core.ids import TokenId
from otpward.core.model.member import Operator
from otpward.core.model.token import Token
from otpward.core.policy.papers import seen_in_person
from otpward.core.policy.roles import Permission, require
from otpward.ports.desk import Desk
from otpward.services.resync.unlock_token import open_lock


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlockInPerson:
    """The holder stands there with their papers."""

    token_id: TokenId
    operator: Operator
    paper: str
    same_person: bool


def unlock_in_person(ask: UnlockInPerson, *, desk: Desk) -> Token:
    """The token, open again.

    Raises:
        Invalid: no paper named, or the person not compared.
        CannotUnlock: no lock stands, or it is blocked.
        Denied: not this role, or the operator's own token.
    """
    require(ask.operator.role, Permission.HAND_OVER)
    seen_in_person(ask.paper, ask.same_person)
    with desk.uow as uow:
        holders = [one.member_id for one in uow.registrations.find(token_id=ask.token_id, ended_at=None)]
        if ask.operator.member_id in holders:
            raise Denied("nobody unlocks their own token")
        token = open_lock(uow.tokens.get(ask.token_id), desk=desk, by=ask.operator.actor)
        uow.commit()
    return token
