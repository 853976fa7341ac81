"""Whether a member wants to be reminded, as far as that is theirs to say."""

from dataclasses import replace

from otpward.core.audit import Actor, AuditEvent
from otpward.core.ids import MemberId
from otpward.core.model.member import Member
from otpward.ports.desk import Desk


def set_reminders(member_id: MemberId, *, wanted: bool, desk: Desk, by: Actor) -> Member:
    """The member, with reminders or without those that can be left out (`core.policy.reminding.LEFT_OUT`). What is told of an
    act, of an end or of a stop goes out either way. A second time nothing changes."""
    with desk.uow as uow:
        member = uow.members.get(member_id)
        if (member.quiet_since is None) is not wanted:
            member = uow.members.save(replace(member, quiet_since=None if wanted else desk.now))
            result = "on" if wanted else "off"
            uow.audit.append(
                AuditEvent.REMINDERS_CHANGED, member, by=by, at=desk.now, institution_id=member.institution_id, result=result
            )
            uow.commit()
    return member
