"""The second half: an OTP of the product itself. Accepted, the half-way session gives way to a full one with a new secret."""

from dataclasses import dataclass, replace

from otpward.clerk.tokens import judge_among, live_tokens
from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.errors import Denied
from otpward.core.ids import InstitutionId
from otpward.core.model.member import Area, Level
from otpward.core.policy.verification import Verdict
from otpward.ports.desk import Desk
from otpward.services.sign_in.sessions import begin_session, digest_of


class NotHalfWay(Denied):
    """There is no session that waits for its OTP; the password is asked for again."""

    code = "not_half_way"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterCode:
    """The OTP, in the browser that entered the password."""

    institution_id: InstitutionId
    area: Area
    secret: str
    code: str
    source: str


def enter_code(ask: EnterCode, *, desk: Desk) -> tuple[Verdict, str]:
    """The verdict, and the secret of the new full session if it was accepted.

    Raises:
        NotHalfWay: no running session after a password.
    """
    with desk.uow as uow:
        session = uow.sessions.first(secret_digest=digest_of(ask.secret), area=ask.area, ended_at=None)
        if session is None or session.level is not Level.PASSWORD or desk.now >= session.ends_at:
            raise NotHalfWay("no password was entered, or too long ago")
        kind = ActorKind.STAFF if ask.area is Area.CONSOLE else ActorKind.MEMBER
        by = Actor(kind=kind, id=session.member_id, source=ask.source)
        verdict, secret = Verdict.NOT_REGISTERED, ""
        for examined in judge_among(live_tokens(uow, session.member_id), ask.code, desk=desk, by=by):
            verdict = examined.verdict
            if verdict is Verdict.ACCEPTED:
                uow.sessions.save(replace(session, ended_at=desk.now))
                inside, key = ask.institution_id, examined.token.id
                secret = begin_session(inside, session.member_id, ask.area, Level.FULL, desk=desk, confirmed_by=key)
        event = AuditEvent.SIGN_IN_PASSED if secret else AuditEvent.SIGN_IN_FAILED
        member = uow.members.get(session.member_id)
        uow.audit.append(event, member, by=by, at=desk.now, institution_id=ask.institution_id, result=verdict)
        uow.commit()
    return verdict, secret
