"""A passkey whose removal was undone lets in again, after another factor was shown."""

from dataclasses import dataclass, replace
from uuid import UUID

from otpward.clerk.undo import tell_undoable
from otpward.core.audit import AuditEvent
from otpward.core.errors import NotFound
from otpward.core.model.backup import Passkey
from otpward.core.model.notice import UndoAct
from otpward.core.policy.notices import NoticeKind
from otpward.ports.desk import Desk
from otpward.services.backup.confirming import confirmed_session, member_of


@dataclass(frozen=True, slots=True, kw_only=True)
class WakePasskey:
    """Which one."""

    session_id: UUID
    passkey_id: UUID
    source: str


def wake_passkey(ask: WakePasskey, *, desk: Desk) -> Passkey:
    """The passkey, awake; everybody is told, as of one that is added, and can undo it.

    Raises:
        ConfirmFirst: no other factor was shown in the last five minutes.
        NotFound: no passkey of this member sleeps under this key.
    """
    with desk.uow as uow:
        session = confirmed_session(ask.session_id, desk=desk, besides=ask.passkey_id)
        passkey = uow.passkeys.first(id=ask.passkey_id, member_id=session.member_id, removed_at=None)
        if passkey is None or passkey.asleep_since is None:
            raise NotFound("no such passkey sleeps")
        woken = uow.passkeys.save(replace(passkey, asleep_since=None))
        by = member_of(session, ask.source)
        uow.audit.append(AuditEvent.PASSKEY_WOKEN, woken, by=by, at=desk.now, institution_id=woken.institution_id)
        member = uow.members.get(session.member_id)
        tell_undoable(member, NoticeKind.PASSKEY_ADDED, UndoAct.PASSKEY_ADDED, woken.id, desk=desk)
        uow.commit()
    return woken
