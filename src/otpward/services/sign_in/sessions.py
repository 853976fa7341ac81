"""Sessions: a cookie's secret on one side, its SHA-256 on the other; the server decides when they end."""

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.ids import InstitutionId, MemberId
from otpward.core.model.member import Area, Level, Member, Operator, Session
from otpward.core.policy.rates import HALF_WAY_LIFE, PROVEN_LIFE, SESSION_IDLE, SESSION_LIFE
from otpward.ports.desk import Desk, House
from otpward.ports.unit_of_work import UnitOfWork

_SECRET_OCTETS = 32
_TOUCH_EVERY_S = 60
_LIVES = {Level.PASSWORD: HALF_WAY_LIFE, Level.SEEN: PROVEN_LIFE, Level.PROVEN: PROVEN_LIFE, Level.FULL: SESSION_LIFE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """Who sits before the browser: the session, the member, and for the console their role."""

    session: Session
    member: Member
    operator: Operator | None = None


def begin_session(
    institution_id: InstitutionId,
    member_id: MemberId,
    area: Area,
    level: Level,
    *,
    desk: Desk,
    confirmed_by: UUID | None = None,
) -> str:
    """A new session in this transaction; its secret, which goes into the cookie and nowhere else. `confirmed_by` is the token
    or passkey that was shown just now."""
    secret = desk.entropy.octets(_SECRET_OCTETS).hex()
    desk.uow.sessions.add(
        Session(
            id=desk.new_id(),
            institution_id=institution_id,
            secret_digest=digest_of(secret),
            area=area,
            level=level,
            member_id=member_id,
            begun_at=desk.now,
            seen_at=desk.now,
            ends_at=desk.now + _LIVES[level],
            confirmed_at=None if confirmed_by is None else desk.now,
            confirmed_by=confirmed_by,
        )
    )
    return secret


def digest_of(secret: str) -> bytes:
    """What is stored of a cookie's secret."""
    return sha256(secret.encode()).digest()


def find_seat(institution_id: InstitutionId, secret: str, area: Area, *, house: House) -> Seat | None:
    """Who sits there, if the session still runs; being looked at keeps it awake. Looking takes no writer's lock."""
    now = house.clock.now()
    seat = house.look(institution_id, lambda uow: _seat(secret, area, uow, now))
    if seat is not None and (now - seat.session.seen_at).total_seconds() > _TOUCH_EVERY_S:
        house.do(institution_id, lambda desk: _touch(seat.session, desk=desk))
    return seat


def _seat(secret: str, area: Area, uow: UnitOfWork, now: datetime) -> Seat | None:
    session = _running(secret, area, uow, now)
    if session is None:
        return None
    member = uow.members.get(session.member_id)
    operator = _operator(session, uow)
    if member.left_at is not None or (area is Area.CONSOLE and operator is None):
        return None
    return Seat(session=session, member=member, operator=operator)


def _touch(session: Session, *, desk: Desk) -> None:
    with desk.uow as uow:
        fresh = uow.sessions.get(session.id)
        if fresh.ended_at is None:
            uow.sessions.save(replace(fresh, seen_at=desk.now))
            uow.commit()


def end_session(secret: str, area: Area, *, source: str, desk: Desk) -> None:
    """The session is over; a second time nothing happens."""
    with desk.uow as uow:
        session = _running(secret, area, uow, desk.now)
        if session is not None:
            ended = uow.sessions.save(replace(session, ended_at=desk.now))
            kind = ActorKind.STAFF if area is Area.CONSOLE else ActorKind.MEMBER
            by = Actor(kind=kind, id=session.member_id, source=source)
            uow.audit.append(AuditEvent.SIGN_OUT, ended, by=by, at=desk.now, institution_id=ended.institution_id)
            uow.commit()


def _running(secret: str, area: Area, uow: UnitOfWork, now: datetime) -> Session | None:
    session = uow.sessions.first(secret_digest=digest_of(secret), area=area, ended_at=None)
    if session is None or now >= session.ends_at or now - session.seen_at > SESSION_IDLE:
        return None
    return session


def _operator(session: Session, uow: UnitOfWork) -> Operator | None:
    staff = uow.staff.first(member_id=session.member_id, ended_at=None)
    return (
        None
        if staff is None
        else Operator(member_id=staff.member_id, role=staff.role, branch_id=staff.branch_id, keys=staff.keys)
    )
