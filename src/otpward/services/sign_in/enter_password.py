"""The first half of signing in: who, and the password."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from otpward.clerk.limits import count_try
from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.ids import InstitutionId
from otpward.core.model.member import PASSWORD_LONGEST, Area, Level, Member, fold_login
from otpward.core.policy.rates import PASSWORD_LOCK, PASSWORD_TRIES, SIGN_INS_PER_SOURCE
from otpward.ports.desk import Desk, House
from otpward.services.sign_in.sessions import begin_session


class PasswordAnswer(StrEnum):
    """What became of it. `REFUSED` tells nothing about which half was wrong."""

    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterPassword:
    """Login and password as typed, for the portal or the console."""

    institution_id: InstitutionId
    area: Area
    login: str
    password: str
    source: str


def enter_password(ask: EnterPassword, *, house: House) -> tuple[PasswordAnswer, str]:
    """The answer, and the secret of a half-way session if it was accepted. An unknown login takes as long as a wrong password.

    The slow hash is computed once, between two transactions, so that it holds no lock and is not computed again when a row
    moved.

    Raises:
        TooOften: from this source.
        Unavailable: too many passwords are being checked at once.
    """
    stored = house.do(ask.institution_id, lambda desk: _ask_for(ask, desk=desk))
    right = house.passwords.verify(stored, ask.password[:PASSWORD_LONGEST])
    return house.do(ask.institution_id, lambda desk: _judge(ask, stored, right, desk=desk))


def _ask_for(ask: EnterPassword, *, desk: Desk) -> str:
    """Count the try, and return the hash on file; empty for a stranger."""
    with desk.uow as uow:
        count_try("sign_in.source", ask.source, SIGN_INS_PER_SOURCE, desk=desk)
        member = uow.members.first(login=fold_login(ask.login))
        uow.commit()
    return "" if member is None else member.password_hash


def _judge(ask: EnterPassword, stored: str, right: bool, *, desk: Desk) -> tuple[PasswordAnswer, str]:
    by = Actor(kind=ActorKind.STRANGER, source=ask.source)
    with desk.uow as uow:
        member = uow.members.first(login=fold_login(ask.login))
        if member is None or member.left_at is not None:
            institution = uow.institutions.get(ask.institution_id)
            uow.audit.append(
                AuditEvent.SIGN_IN_FAILED, institution, by=by, at=desk.now, institution_id=ask.institution_id, result="unknown"
            )
            uow.commit()
            return PasswordAnswer.REFUSED, ""
        right = right and member.password_hash == stored  # it may have been changed while the hash was computed
        locked = member.password_locked_until is not None and desk.now < member.password_locked_until
        works_here = ask.area is Area.PORTAL or uow.staff.first(member_id=member.id, ended_at=None) is not None
        if locked or not right or not works_here:
            if not locked and not right:
                uow.members.save(_failed(member, desk.now))
            result = "locked" if locked else "password" if not right else "no_staff"
            uow.audit.append(
                AuditEvent.SIGN_IN_FAILED, member, by=by, at=desk.now, institution_id=ask.institution_id, result=result
            )
            uow.commit()
            return PasswordAnswer.REFUSED, ""
        uow.members.save(replace(member, password_failures=0, password_locked_until=None))
        secret = begin_session(ask.institution_id, member.id, ask.area, Level.PASSWORD, desk=desk)
        uow.commit()
    return PasswordAnswer.ACCEPTED, secret


def _failed(member: Member, now: datetime) -> Member:
    failures = member.password_failures + 1
    until = now + PASSWORD_LOCK if failures % PASSWORD_TRIES == 0 else None
    return replace(member, password_failures=failures, password_locked_until=until)
