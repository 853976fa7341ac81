"""A passkey is removed: with another factor, never the last way in, and everybody is told."""

from dataclasses import dataclass, replace
from uuid import UUID

from otpward.clerk.passkeys import live_passkeys
from otpward.clerk.tokens import live_tokens
from otpward.clerk.undo import tell_undoable
from otpward.core.audit import AuditEvent
from otpward.core.errors import NotFound
from otpward.core.model.backup import Passkey
from otpward.core.model.notice import UndoAct
from otpward.core.policy.backup import methods_of
from otpward.core.policy.notices import NoticeKind
from otpward.ports.desk import Desk
from otpward.services.backup.confirming import confirmed_session, member_of


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovePasskey:
    """Which one."""

    session_id: UUID
    passkey_id: UUID
    source: str


def remove_passkey(ask: RemovePasskey, *, desk: Desk) -> Passkey:
    """The passkey, which opens nothing from now on; its row stays for the record.

    Raises:
        ConfirmFirst: no other factor was shown in the last five minutes.
        LastMethod: nothing else would let the member in.
        NotFound: no such passkey of this member.
    """
    with desk.uow as uow:
        session = confirmed_session(ask.session_id, desk=desk, besides=ask.passkey_id)
        # Saved in any case: of two removals at once one comes later, and sees what the other left.
        member = uow.members.save(uow.members.get(session.member_id))
        mine = live_passkeys(member.id, desk=desk)
        passkey = next((one for one in mine if one.id == ask.passkey_id), None)
        if passkey is None:
            raise NotFound("no such passkey of this member")
        methods_of(live_tokens(uow, member.id), mine, now=desk.now).without(passkey.id)
        removed = uow.passkeys.save(replace(passkey, removed_at=desk.now))
        by = member_of(session, ask.source)
        uow.audit.append(AuditEvent.PASSKEY_REMOVED, removed, by=by, at=desk.now, institution_id=removed.institution_id)
        tell_undoable(member, NoticeKind.PASSKEY_REMOVED, UndoAct.PASSKEY_REMOVED, removed.id, desk=desk)
        uow.commit()
    return removed
