"""A passkey in a session that is open already: for five minutes it vouches for changes."""

from dataclasses import dataclass
from uuid import UUID

from otpward.clerk.passkeys import Asked, Presented, judge_passkey
from otpward.core.formats.webauthn.ceremony import Site
from otpward.ports.desk import Desk
from otpward.services.backup.confirming import full_session, member_of, note_confirmed


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmByPasskey:
    """The browser's answer."""

    session_id: UUID
    answer: str
    browser: bytes
    source: str


def asked_to_confirm(session_id: UUID, browser: bytes) -> Asked:
    """What the challenge is for."""
    return Asked(purpose=f"confirm:{session_id}", browser=browser)


def confirm_by_passkey(ask: ConfirmByPasskey, *, site: Site | None, desk: Desk) -> bool:
    """Whether it was one of this member's.

    Raises:
        ConfirmFirst: the session is not a full one any more.
    """
    with desk.uow as uow:
        session = full_session(ask.session_id, desk=desk)
        by = member_of(session, ask.source)
        shown = Presented(
            institution_id=session.institution_id,
            answer=ask.answer,
            asked=asked_to_confirm(session.id, ask.browser),
            member_id=session.member_id,
        )
        judged = judge_passkey(shown, site=site, desk=desk, by=by)
        if judged.passkey is not None:
            note_confirmed(session, judged.passkey.id, desk=desk, by=by)
        uow.commit()
    return judged.passkey is not None
