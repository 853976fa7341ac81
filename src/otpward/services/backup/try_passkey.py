"""A new passkey is tried at once: only then it is a way in (SP 800-63B §4.1.2.2)."""

from dataclasses import dataclass
from uuid import UUID

from otpward.clerk.passkeys import Asked, Presented, judge_passkey
from otpward.core.formats.webauthn.ceremony import Site
from otpward.ports.desk import Desk
from otpward.services.backup.confirming import full_session, member_of


@dataclass(frozen=True, slots=True, kw_only=True)
class TryPasskey:
    """The browser's answer, for this passkey."""

    session_id: UUID
    passkey_id: UUID
    answer: str
    browser: bytes
    source: str


def asked_to_try(session_id: UUID, passkey_id: UUID, browser: bytes) -> Asked:
    """What the challenge is for."""
    return Asked(purpose=f"try:{session_id}:{passkey_id}", browser=browser)


def try_passkey(ask: TryPasskey, *, site: Site | None, desk: Desk) -> bool:
    """Whether it works; another of the member's passkeys works too, but is not the one that was to be tried.

    Raises:
        ConfirmFirst: the session is not a full one any more.
    """
    with desk.uow as uow:
        session = full_session(ask.session_id, desk=desk)
        shown = Presented(
            institution_id=session.institution_id,
            answer=ask.answer,
            asked=asked_to_try(session.id, ask.passkey_id, ask.browser),
            member_id=session.member_id,
        )
        judged = judge_passkey(shown, site=site, desk=desk, by=member_of(session, ask.source))
        uow.commit()
    return judged.passkey is not None and judged.passkey.id == ask.passkey_id
