"""The phone is back, or replaced under the same number: staff who saw papers let it prove again."""

from dataclasses import dataclass, replace

from otpward.core.audit import AuditEvent
from otpward.core.errors import Denied
from otpward.core.ids import MemberId
from otpward.core.model.member import Member, Operator
from otpward.core.policy.papers import seen_in_person
from otpward.core.policy.roles import Permission, require
from otpward.ports.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustPhone:
    """The member stands at the counter with their papers, and says that the number on file is theirs again."""

    member_id: MemberId
    operator: Operator
    paper: str
    same_person: bool


def trust_phone(ask: TrustPhone, *, desk: Desk) -> Member:
    """The member, whose phone proves again.

    Raises:
        Invalid: no paper named, or the person not compared.
        Denied: not this role, or the operator's own phone.
    """
    require(ask.operator.role, Permission.HAND_OVER)
    paper = seen_in_person(ask.paper, ask.same_person)
    if ask.member_id == ask.operator.member_id:
        raise Denied("nobody clears their own phone")
    with desk.uow as uow:
        member = uow.members.save(replace(uow.members.get(ask.member_id), phone_lost_at=None))
        uow.audit.append(
            AuditEvent.PHONE_TRUSTED,
            member,
            by=ask.operator.actor,
            at=desk.now,
            institution_id=member.institution_id,
            result=paper,
        )
        uow.commit()
    return member
