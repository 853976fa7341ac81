"""The phone is back, or replaced under the same number: staff who saw papers let it prove again."""

from dataclasses import dataclass, replace

from otpward.clerk.in_person import spend_in_person
from otpward.clerk.notices import tell
from otpward.core.audit import AuditEvent
from otpward.core.ids import MemberId
from otpward.core.model.member import Member, Operator
from otpward.core.model.proof import Act
from otpward.core.policy.notices import NoticeKind
from otpward.ports.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustPhone:
    """The member stands at the counter, their papers were seen, and they say that the number on file is theirs again."""

    member_id: MemberId
    operator: Operator


def trust_phone(ask: TrustPhone, *, desk: Desk) -> Member:
    """The member, whose phone proves again, also after a SIM change that was told of; they are told.

    Raises:
        Denied, OwnPerson: not this role, or the operator's own phone.
        ProofNeeded: this operator has not just seen the member's papers, for changing contacts.
    """
    with desk.uow as uow:
        spend_in_person(Act.CHANGE_CONTACT, ask.member_id, ask.operator, desk=desk)
        known = uow.members.get(ask.member_id)
        member = uow.members.save(replace(known, phone_lost_at=None, phone_signal_at=None, phone_trusted_at=desk.now))
        uow.audit.append(
            AuditEvent.PHONE_TRUSTED, member, by=ask.operator.actor, at=desk.now, institution_id=member.institution_id
        )
        tell(member, NoticeKind.PHONE_TRUSTED, desk=desk)
        uow.commit()
    return member
