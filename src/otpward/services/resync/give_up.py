"""A device cannot be helped: it stays dark, is damaged, or no two numbers bring it back."""

from dataclasses import dataclass

from otpward.clerk.checks import Checking, note_outcome
from otpward.clerk.tokens import live_registrations
from otpward.core.audit import Actor
from otpward.core.errors import NotFound
from otpward.core.ids import MemberId, TokenId
from otpward.core.model.device_check import DeviceCheck, Outcome
from otpward.ports.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUp:
    """Which, and what its holder says is wrong."""

    token_id: TokenId
    member_id: MemberId
    where: Checking
    by: Actor


def give_up(ask: GiveUp, *, desk: Desk) -> DeviceCheck:
    """The check, ended: a new device is needed. The old one goes on as it is.

    Raises:
        NotFound: not a token of this member.
    """
    with desk.uow as uow:
        if all(one.token_id != ask.token_id for one in live_registrations(uow, ask.member_id)):
            raise NotFound("no such token of this member")
        check = note_outcome(uow.tokens.get(ask.token_id), Outcome.REPLACE, ask.where, desk=desk, by=ask.by)
        uow.commit()
    return check
