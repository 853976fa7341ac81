"""A factor was shown just now, in this session: for five minutes what one falls back on may be changed."""

from dataclasses import replace
from uuid import UUID

from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.model.member import Level, Session
from otpward.core.policy.backup import ConfirmFirst, refuse_unconfirmed
from otpward.ports.desk import Desk


def member_of(session: Session, source: str) -> Actor:
    """How the audit names who sits there."""
    return Actor(kind=ActorKind.MEMBER, id=session.member_id, source=source)


def note_confirmed(session: Session, key: UUID, *, desk: Desk, by: Actor) -> Session:
    """The session, in which this token or passkey was just shown."""
    confirmed = desk.uow.sessions.save(replace(session, confirmed_at=desk.now, confirmed_by=key))
    desk.uow.audit.append(AuditEvent.SESSION_CONFIRMED, confirmed, by=by, at=desk.now, institution_id=session.institution_id)
    return confirmed


def confirmed_session(session_id: UUID, *, desk: Desk, besides: UUID | None = None) -> Session:
    """The session, if it is full, runs, and was confirmed just now by another factor than `besides`.

    Raises:
        ConfirmFirst: it was not.
    """
    session = full_session(session_id, desk=desk)
    refuse_unconfirmed(session, now=desk.now, besides=besides)
    return session


def full_session(session_id: UUID, *, desk: Desk) -> Session:
    """The session, if it is full and runs; raises `ConfirmFirst`."""
    session = desk.uow.sessions.get(session_id)
    if session.level is not Level.FULL or session.ended_at is not None or desk.now >= session.ends_at:
        raise ConfirmFirst("no full session")
    return session
