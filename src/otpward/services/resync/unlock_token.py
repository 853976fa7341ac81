"""A member who has shown who they are opens a token that wrong codes have locked, before its time."""

from dataclasses import dataclass, replace

from otpward.clerk.checks import Checking, note_outcome
from otpward.clerk.notices import tell
from otpward.clerk.proofs import need_of, spend_proofs
from otpward.clerk.tokens import free_token, live_registrations
from otpward.core.audit import Actor, ActorKind
from otpward.core.errors import Conflict, NotFound
from otpward.core.ids import MemberId, TokenId
from otpward.core.lifecycle.token import Hold
from otpward.core.model.device_check import CheckDoor, Outcome
from otpward.core.model.proof import Act
from otpward.core.model.token import Token
from otpward.core.policy.notices import NoticeKind
from otpward.core.policy.proofs import Binding
from otpward.ports.desk import Desk


class CannotUnlock(Conflict):
    """It is not locked, or blocked for good: then only a new registration helps (SP 800-63B-4 §3.2.2)."""

    code = "cannot_unlock"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlockToken:
    """Which. `browser` must be the one in which the proof was passed."""

    token_id: TokenId
    member_id: MemberId
    browser: bytes
    source: str


def unlock_token(ask: UnlockToken, *, desk: Desk) -> Token:
    """The token, open again, and the proof for it spent; the member is told.

    Raises:
        NotFound: not a token of this member.
        CannotUnlock: no lock stands, or it is blocked.
        ProofNeeded: not enough was proven for this act.
    """
    by = Actor(kind=ActorKind.MEMBER, id=ask.member_id, source=ask.source)
    with desk.uow as uow:
        if all(one.token_id != ask.token_id for one in live_registrations(uow, ask.member_id)):
            raise NotFound("no such token of this member")
        member = uow.members.get(ask.member_id)
        need = need_of(Act.UNLOCK, member, [ask.token_id], uow=uow)
        spend_proofs(need, Binding(member=member, browser=ask.browser), desk=desk, by=by)
        token = open_lock(uow.tokens.get(ask.token_id), desk=desk, by=by)
        note_outcome(token, Outcome.UNLOCKED, Checking(door=CheckDoor.PORTAL), desk=desk, by=by)
        uow.commit()
    return token


def open_lock(token: Token, *, desk: Desk, by: Actor) -> Token:
    """Lift the lock and nothing else, and tell whoever holds the token. Failures in a row begin anew; those in total count on
    to their end, so that nobody guesses for ever by unlocking in between (STANDARDS C-01)."""
    if Hold.LOCKED not in token.holds or Hold.BLOCKED in token.holds:
        raise CannotUnlock(f"token {token.serial} has no lock that can be lifted")
    freed = free_token(replace(token, failures=0, locked_until=None), Hold.LOCKED, desk=desk, by=by)
    for registration in desk.uow.registrations.find(token_id=token.id, ended_at=None):
        tell(desk.uow.members.get(registration.member_id), NoticeKind.TOKEN_UNLOCKED, desk=desk)
    return freed
