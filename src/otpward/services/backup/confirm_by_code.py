"""An OTP number in a session that is open already: for five minutes it vouches for changes."""

from dataclasses import dataclass
from uuid import UUID

from otpward.clerk.tokens import judge_among, live_tokens
from otpward.core.policy.verification import Verdict
from otpward.ports.desk import Desk
from otpward.services.backup.confirming import full_session, member_of, note_confirmed


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmByCode:
    """The number, as typed."""

    session_id: UUID
    code: str
    source: str


def confirm_by_code(ask: ConfirmByCode, *, desk: Desk) -> Verdict:
    """The verdict; the number is spent, as at any other door.

    Raises:
        ConfirmFirst: the session is not a full one any more.
    """
    with desk.uow as uow:
        session = full_session(ask.session_id, desk=desk)
        by = member_of(session, ask.source)
        verdict = Verdict.NOT_REGISTERED
        for examined in judge_among(live_tokens(uow, session.member_id), ask.code, desk=desk, by=by):
            verdict = examined.verdict
            if verdict is Verdict.ACCEPTED:
                note_confirmed(session, examined.token.id, desk=desk, by=by)
        uow.commit()
    return verdict
