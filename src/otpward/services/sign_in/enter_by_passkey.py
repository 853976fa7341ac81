"""In by a passkey: at the portal alone, being a thing one has and a finger or a PIN; at the console after the password."""

from dataclasses import dataclass, replace

from otpward.clerk.limits import count_try
from otpward.clerk.passkeys import Asked, Presented, judge_passkey
from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.formats.webauthn.ceremony import Site
from otpward.core.ids import InstitutionId
from otpward.core.model.member import Area, Level, Session
from otpward.core.policy.rates import SIGN_INS_PER_SOURCE
from otpward.ports.desk import Desk
from otpward.services.sign_in.enter_code import NotHalfWay
from otpward.services.sign_in.sessions import begin_session, digest_of


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterByPasskey:
    """The browser's answer; at the console `secret` is that of the session which the password opened."""

    institution_id: InstitutionId
    area: Area
    answer: str
    browser: bytes
    source: str
    secret: str = ""


def asked_to_enter(area: Area, browser: bytes) -> Asked:
    """What the challenge is for."""
    return Asked(purpose=f"enter:{area}", browser=browser)


def enter_by_passkey(ask: EnterByPasskey, *, site: Site | None, desk: Desk) -> tuple[str, str]:
    """The secret of a full session, or nothing; and why it was refused, which is for a caller that signals an unknown passkey
    and for no page.

    Raises:
        NotHalfWay: at the console, and no password was entered.
        TooOften: from this source.
    """
    with desk.uow as uow:
        count_try("sign_in.source", ask.source, SIGN_INS_PER_SOURCE, desk=desk)
        half_way = _half_way(ask, desk=desk) if ask.area is Area.CONSOLE else None
        shown = Presented(
            institution_id=ask.institution_id,
            answer=ask.answer,
            asked=asked_to_enter(ask.area, ask.browser),
            member_id=None if half_way is None else half_way.member_id,
        )
        by = Actor(kind=ActorKind.STRANGER, source=ask.source)
        judged, secret = judge_passkey(shown, site=site, desk=desk, by=by), ""
        if judged.passkey is not None and judged.member is not None:
            if half_way is not None:
                uow.sessions.save(replace(half_way, ended_at=desk.now))
            member = uow.members.save(judged.member)  # collides with a report of a lost phone at the same moment
            inside, key = ask.institution_id, judged.passkey.id
            secret = begin_session(inside, member.id, ask.area, Level.FULL, desk=desk, confirmed_by=key)
            kind = ActorKind.STAFF if ask.area is Area.CONSOLE else ActorKind.MEMBER
            by = Actor(kind=kind, id=member.id, source=ask.source)
            uow.audit.append(AuditEvent.SIGN_IN_PASSED, member, by=by, at=desk.now, institution_id=inside, result="passkey")
        uow.commit()
    return secret, judged.result


def _half_way(ask: EnterByPasskey, *, desk: Desk) -> Session:
    session = desk.uow.sessions.first(secret_digest=digest_of(ask.secret), area=ask.area, ended_at=None)
    if session is None or session.level is not Level.PASSWORD or desk.now >= session.ends_at:
        raise NotHalfWay("no password was entered, or too long ago")
    return session
