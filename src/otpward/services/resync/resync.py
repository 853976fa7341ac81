"""Two consecutive codes set the clock or counter right again."""

from dataclasses import dataclass

from otpward.clerk.checks import Checking, note_code
from otpward.clerk.tokens import judge_pair
from otpward.core.audit import Actor
from otpward.core.ids import TokenId
from otpward.core.policy.verification import Examined
from otpward.ports.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Resync:
    """The two codes, in the order in which the device showed them; `where`, if they are typed in a check."""

    token_id: TokenId
    first: str
    second: str
    by: Actor
    where: Checking | None = None


def resync(ask: Resync, *, desk: Desk) -> Examined:
    """The verdict, with the token as it is now; both codes are spent, and a wrong pair counts as one failure."""
    with desk.uow as uow:
        token = uow.tokens.get(ask.token_id)
        examined = judge_pair(token, ask.first, ask.second, desk=desk, by=ask.by)
        if ask.where is not None:
            note_code(examined, ask.where, desk=desk, by=ask.by, pair=True)
        uow.commit()
    return examined
