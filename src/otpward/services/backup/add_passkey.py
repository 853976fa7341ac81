"""A passkey is added (WebAuthn §7.1): bound with another factor, and everybody is told (SP 800-63B §4.1.2.1)."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from otpward.clerk.passkeys import Asked, live_passkeys, take_challenge
from otpward.clerk.undo import tell_undoable
from otpward.core.audit import AuditEvent
from otpward.core.formats.webauthn.ceremony import Flaw, Site, check_made, read_answer
from otpward.core.model.backup import Passkey
from otpward.core.model.member import Session
from otpward.core.model.notice import UndoAct
from otpward.core.policy.backup import PASSKEYS_MOST
from otpward.core.policy.notices import NoticeKind
from otpward.core.secret import Personal
from otpward.ports.desk import Desk
from otpward.services.backup.confirming import confirmed_session, member_of

NAME_LONGEST = 60


class AddAnswer(StrEnum):
    """What became of it."""

    ADDED = "added"
    STALE = "stale"
    KNOWN = "known"
    REFUSED = "refused"
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPasskey:
    """The browser's answer, what the member calls the passkey, and the handle that its user was given."""

    session_id: UUID
    answer: str
    name: str
    user_handle: bytes
    browser: bytes
    source: str


def asked_to_add(session_id: UUID, user_handle: bytes, browser: bytes) -> Asked:
    """What the challenge is for; it holds the user handle, so that no other comes back."""
    return Asked(purpose=f"add:{session_id}:{user_handle.hex()}", browser=browser)


def add_passkey(ask: AddPasskey, *, site: Site | None, desk: Desk) -> tuple[AddAnswer, Passkey | None]:
    """The passkey, if it was made here just now. It is a way in as soon as it was used once.

    Raises:
        ConfirmFirst: no OTP number or passkey was shown in the last five minutes.
    """
    with desk.uow as uow:
        session = confirmed_session(ask.session_id, desk=desk)
        answer, passkey = _made(ask, session, site=site, desk=desk)
        member = uow.members.save(uow.members.get(session.member_id))  # of two at once one comes later, and sees the other
        by = member_of(session, ask.source)
        if passkey is None:
            uow.audit.append(
                AuditEvent.PASSKEY_REFUSED,
                member,
                by=by,
                at=desk.now,
                institution_id=member.institution_id,
                result=answer,
                detail={"purpose": "add"},
            )
        else:
            uow.audit.append(AuditEvent.PASSKEY_ADDED, passkey, by=by, at=desk.now, institution_id=member.institution_id)
            tell_undoable(member, NoticeKind.PASSKEY_ADDED, UndoAct.PASSKEY_ADDED, passkey.id, desk=desk)
        uow.commit()
    return answer, passkey


def _made(ask: AddPasskey, session: Session, *, site: Site | None, desk: Desk) -> tuple[AddAnswer, Passkey | None]:
    answer = read_answer(ask.answer)
    if answer is None or site is None:
        return AddAnswer.REFUSED, None
    asked = asked_to_add(session.id, ask.user_handle, ask.browser)
    if not take_challenge(answer.challenge, asked, session.institution_id, desk=desk):
        return AddAnswer.STALE, None
    made = check_made(answer, answer.challenge, site)
    if isinstance(made, Flaw):
        return AddAnswer.REFUSED, None
    if len(live_passkeys(session.member_id, desk=desk)) >= PASSKEYS_MOST:
        return AddAnswer.TOO_MANY, None
    if desk.uow.passkeys.first(credential_id=made.credential_id) is not None:
        return AddAnswer.KNOWN, None
    passkey = Passkey(
        id=desk.new_id(),
        institution_id=session.institution_id,
        member_id=session.member_id,
        credential_id=made.credential_id,
        user_handle=ask.user_handle,
        public_key=made.public_key,
        sign_count=made.sign_count,
        aaguid=made.aaguid,
        transports=answer.transports,
        eligible=made.eligible,
        backed_up=made.backed_up,
        name=Personal(ask.name.strip()[:NAME_LONGEST]),
        added_at=desk.now,
    )
    desk.uow.passkeys.add(passkey)
    return AddAnswer.ADDED, passkey
