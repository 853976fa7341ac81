"""A member of staff is no longer who they were at the sign-on: their account was made anew, or another is to be theirs."""

from dataclasses import replace

from otpward.core.audit import Actor, AuditEvent
from otpward.core.errors import NotFound
from otpward.core.model.member import fold_login
from otpward.ports.desk import Desk
from otpward.ports.sign_on import STAFF_SIGN_ON


def unlink_sign_on(login: str, *, by: Actor, desk: Desk) -> int:
    """How many answers of the sign-on no longer speak for them; from now on the login decides again.

    Raises:
        NotFound: no such member.
    """
    with desk.uow as uow:
        member = uow.members.first(login=fold_login(login))
        if member is None:
            raise NotFound(f"no member {login!r} here", field="login")
        linked = uow.evidence.find(member_id=member.id, provider=STAFF_SIGN_ON, matched=True)
        for one in linked:
            uow.evidence.save(replace(one, matched=False, subject_print=None))
        if linked:
            uow.audit.append(AuditEvent.SIGN_ON_UNLINKED, member, by=by, at=desk.now, institution_id=member.institution_id)
            uow.commit()
    return len(linked)
