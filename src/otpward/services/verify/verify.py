"""One question, one answer: is this code good for this member, or for this token?"""

from dataclasses import dataclass
from uuid import UUID

from otpward.clerk.tokens import judge_among
from otpward.core.audit import Actor, AuditEvent
from otpward.core.ids import InstitutionId
from otpward.core.lifecycle.others import RegistrationState
from otpward.core.model.member import fold_login
from otpward.core.model.token import Token
from otpward.core.policy.verification import Verdict
from otpward.ports.desk import Desk

_MOST_TELLING = (
    Verdict.ACCEPTED,
    Verdict.RESYNC_NEEDED,
    Verdict.REPLAYED,
    Verdict.WRONG_CODE,
    Verdict.LOCKED,
    Verdict.BLOCKED,
    Verdict.ON_HOLD,
    Verdict.EXPIRED,
    Verdict.NOT_ACTIVE,
    Verdict.NOT_REGISTERED,
    Verdict.UNKNOWN,
)
"""Of several tokens, what is said of the one that was evaluated tells most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verify:
    """A code, and whose it should be: exactly one of `login` and `serial`."""

    institution_id: InstitutionId
    code: str
    by: Actor
    login: str | None = None
    serial: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The answer, under the id that support can look up. `serial` is the token that was accepted, or the one that was asked
    for."""

    id: UUID
    verdict: Verdict
    tries_left: int
    serial: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Nobody:
    """What an audit line is about when nothing was found."""

    id: UUID
    version: int = 0


def verify(ask: Verify, *, desk: Desk) -> Verification:
    """Judge the code and commit what it did before answering. Nothing is cached: a hold stops the very next call.

    A member with several tokens is accepted by any of them, which counts against none of the others; a wrong code counts
    against each. Who has left is nobody.
    """
    verification_id = desk.new_id()
    with desk.uow as uow:
        tokens, missing = _candidates(ask, desk=desk)
        judged = judge_among(tokens, ask.code, desk=desk, by=ask.by)
        if not judged:
            nobody = _Nobody(id=verification_id)
            uow.audit.append(
                AuditEvent.CODE_REFUSED, nobody, by=ask.by, at=desk.now, institution_id=ask.institution_id, result=missing
            )
        uow.commit()
    if not judged:
        return Verification(id=verification_id, verdict=missing, tries_left=0, serial=ask.serial)
    said = min(judged, key=lambda one: _MOST_TELLING.index(one.verdict))
    serial = said.token.serial if said.verdict is Verdict.ACCEPTED else ask.serial
    return Verification(id=verification_id, verdict=said.verdict, tries_left=said.tries_left, serial=serial)


def _candidates(ask: Verify, *, desk: Desk) -> tuple[list[Token], Verdict]:
    uow = desk.uow
    if ask.serial is not None:
        token = uow.tokens.first(serial=ask.serial)
        if token is None:
            return [], Verdict.UNKNOWN
        live = uow.registrations.first(token_id=token.id, state=RegistrationState.LIVE)
        if live is None or uow.members.get(live.member_id).left_at is not None:
            return [], Verdict.NOT_REGISTERED
        return [token], Verdict.UNKNOWN
    member = uow.members.first(login=fold_login(ask.login or ""))
    if member is None or member.left_at is not None:
        return [], Verdict.UNKNOWN
    registrations = uow.registrations.find(member_id=member.id, state=RegistrationState.LIVE, order="-live_at")
    return [uow.tokens.get(one.token_id) for one in registrations], Verdict.NOT_REGISTERED
