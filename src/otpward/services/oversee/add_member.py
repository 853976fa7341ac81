"""A member is added."""

from dataclasses import dataclass

from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.errors import Invalid
from otpward.core.ids import InstitutionId, MemberId, home_bucket
from otpward.core.model.member import PASSWORD_LONGEST, Member, fold_login
from otpward.core.model.proof import Assurance
from otpward.core.policy.phones import to_e164
from otpward.core.secret import Personal
from otpward.ports.desk import Desk
from otpward.ports.passwords import Passwords
from otpward.ports.vault import Print

_OPERATOR = Actor(kind=ActorKind.OPERATOR, source="command line")


@dataclass(frozen=True, slots=True, kw_only=True)
class AddMember:
    """A person the institution knows. Phone and email may be empty. `proofing`: how sure enrolment made of who it is."""

    institution_id: InstitutionId
    login: str
    name: str
    birth_date: str = ""
    phone: str = ""
    email: str = ""
    language: str = "ko"
    password: str = ""
    proofing: Assurance = Assurance.LOW


def add_member(ask: AddMember, *, desk: Desk, passwords: Passwords) -> Member:
    """The member, with a data key of their own.

    Raises:
        Invalid: login or name empty or too long, phone not one, language not ko or en, password under 8 characters.
        Taken: the login exists.
    """
    login = fold_login(ask.login)
    if not login or len(login) > 100:
        raise Invalid("a member needs a number or ID of at most 100 characters", field="id")
    if not ask.name.strip() or len(ask.name) > 100:
        raise Invalid("a member needs a name of at most 100 characters", field="name")
    if ask.language not in {"ko", "en"}:
        raise Invalid("the language is ko or en", field="language")
    if ask.password and not 8 <= len(ask.password) <= PASSWORD_LONGEST:
        raise Invalid(
            f"a password has 8 to {PASSWORD_LONGEST} characters (SP 800-63B §3.1.1.2, beside an OTP)", field="password"
        )
    phone = to_e164(ask.phone) if ask.phone else ""
    password_hash = passwords.hash(ask.password) if ask.password else ""
    with desk.uow as uow:
        member = Member(
            id=MemberId(desk.new_id(home_bucket(str(ask.institution_id), login))),
            institution_id=ask.institution_id,
            login=login,
            name=Personal(ask.name.strip()),
            birth_date=Personal(ask.birth_date),
            phone=Personal(phone),
            email=Personal(ask.email.strip()),
            phone_print=desk.vault.fingerprint(Print.PHONE, phone) if phone else b"",
            language=ask.language,
            password_hash=password_hash,
            proofing=ask.proofing,
            joined_at=desk.now,
        )
        uow.members.add(member)
        uow.audit.append(AuditEvent.MEMBER_ADDED, member, by=_OPERATOR, at=desk.now, institution_id=ask.institution_id)
        uow.commit()
    return member
