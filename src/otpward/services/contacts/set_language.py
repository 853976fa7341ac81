"""In which language a member is written to."""

from dataclasses import replace

from otpward.core.audit import Actor, AuditEvent
from otpward.core.errors import Invalid
from otpward.core.ids import MemberId
from otpward.core.model.member import Member
from otpward.ports.desk import Desk

LANGUAGES = ("ko", "en")


def set_language(member_id: MemberId, language: str, *, desk: Desk, by: Actor) -> Member:
    """The member, to be written to in `language`; raises `Invalid` for one that we do not have."""
    if language not in LANGUAGES:
        raise Invalid("ko or en", field="language")
    with desk.uow as uow:
        member = uow.members.get(member_id)
        if member.language != language:
            member = uow.members.save(replace(member, language=language))
            uow.audit.append(
                AuditEvent.LANGUAGE_CHANGED, member, by=by, at=desk.now, institution_id=member.institution_id, result=language
            )
            uow.commit()
    return member
