"""In without the OTP: password and saved recovery code, two things of different kinds (SP 800-63B §4.2.2.2).

It opens what it takes to bind a new token, and no more (`Level.PROVEN`). The code is spent and a new one takes its place.
"""

from dataclasses import dataclass, replace

from otpward.clerk.limits import count_try
from otpward.clerk.recovery import Compared, compare_code, spend_code
from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.ids import InstitutionId, MemberId
from otpward.core.model.member import Area, Level, Session
from otpward.core.policy.rates import SIGN_INS_PER_SOURCE
from otpward.ports.desk import Desk, House
from otpward.ports.unit_of_work import UnitOfWork
from otpward.services.sign_in.enter_code import NotHalfWay
from otpward.services.sign_in.sessions import begin_session, digest_of


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterByRecoveryCode:
    """The code as typed, in the browser that entered the password."""

    institution_id: InstitutionId
    secret: str
    code: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """The secret of the new session, and the new code: to be shown once."""

    secret: str
    new_code: str


def enter_by_recovery_code(ask: EnterByRecoveryCode, *, house: House) -> Recovered | None:
    """What became of it; None if the code was wrong, was used, or too many were wrong lately.

    Raises:
        NotHalfWay: no running session after a password.
        TooOften: from this source.
        Unavailable: too many hashes are being computed at once.
    """
    house.do(ask.institution_id, lambda desk: _count(ask, desk=desk))

    def whose(uow: UnitOfWork) -> MemberId | None:
        session = _session(ask, uow)
        return None if session is None else session.member_id

    compared = compare_code(ask.institution_id, ask.code, whose, house=house)
    return house.do(ask.institution_id, lambda desk: _judge(ask, compared, desk=desk))


def _count(ask: EnterByRecoveryCode, *, desk: Desk) -> None:
    with desk.uow as uow:
        count_try("sign_in.source", ask.source, SIGN_INS_PER_SOURCE, desk=desk)
        uow.commit()


def _judge(ask: EnterByRecoveryCode, compared: Compared, *, desk: Desk) -> Recovered | None:
    with desk.uow as uow:
        session = _session(ask, uow)
        if session is None or desk.now >= session.ends_at:
            raise NotHalfWay("no password was entered, or too long ago")
        by = Actor(kind=ActorKind.MEMBER, id=session.member_id, source=ask.source)
        member = uow.members.get(session.member_id)
        fresh = spend_code(compared, member, source=ask.source, desk=desk, by=by)
        secret = ""
        if fresh:
            uow.sessions.save(replace(session, ended_at=desk.now))
            secret = begin_session(ask.institution_id, member.id, Area.PORTAL, Level.PROVEN, desk=desk)
        event = AuditEvent.SIGN_IN_PASSED if fresh else AuditEvent.SIGN_IN_FAILED
        uow.audit.append(event, member, by=by, at=desk.now, institution_id=ask.institution_id, result="recovery_code")
        uow.commit()
    return Recovered(secret=secret, new_code=fresh) if fresh else None


def _session(ask: EnterByRecoveryCode, uow: UnitOfWork) -> Session | None:
    session = uow.sessions.first(secret_digest=digest_of(ask.secret), area=Area.PORTAL, ended_at=None)
    return session if session is not None and session.level is Level.PASSWORD else None
