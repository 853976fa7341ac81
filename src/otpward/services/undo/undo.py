"""One act is undone by the link in its notice, once."""

from dataclasses import dataclass, replace

from otpward.clerk.notices import tell
from otpward.clerk.shut_out import end_sessions, void_proofs
from otpward.clerk.undoing import UNDOINGS
from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.model.notice import UndoAct, UndoLink
from otpward.core.policy.notices import NoticeKind
from otpward.ports.desk import Desk
from otpward.services.undo.look_at_undo import look_at_undo


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """The code of a link, and where it was pressed."""

    code: str
    source: str


def undo(ask: Undo, *, desk: Desk) -> UndoLink:
    """What the link undid. Every session of the member ends, since one of them did it, and no proof that they gave from afar is
    good any more; they are told, at every address.

    Two presses at once collide on the link's row: one undoes, the other finds it used.

    Raises:
        NotFound: no such link, or not any more (`look_at_undo`).
        NothingToUndo: it was changed again since.
        LastMethod: the passkey is all that the member has.
    """
    with desk.uow as uow:
        link = look_at_undo(ask.code, uow=uow, now=desk.now)
        by = Actor(kind=ActorKind.MEMBER, id=link.member_id, source=ask.source)
        used = uow.undo_links.save(replace(link, used_at=desk.now))
        UNDOINGS[link.act](link, desk=desk, by=by)
        end_sessions(link.member_id, desk=desk, by=by, result="undone")
        void_proofs(link.member_id, desk=desk, by=by, result="undone", every=True)
        uow.audit.append(AuditEvent.ACT_UNDONE, used, by=by, at=desk.now, institution_id=used.institution_id, result=used.act)
        if link.act is not UndoAct.TOKEN_BOUND:  # of that one it is told that the device stopped
            tell(uow.members.get(link.member_id), NoticeKind.ACT_UNDONE, desk=desk)
        uow.commit()
    return used
