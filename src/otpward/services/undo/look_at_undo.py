"""What a link would undo is shown; nothing happens by looking."""

from datetime import datetime

from otpward.clerk.tokens import live_tokens
from otpward.clerk.undo import undo_digest
from otpward.clerk.undoing import still_undoable
from otpward.core.errors import NotFound
from otpward.core.model.notice import UndoAct, UndoLink
from otpward.core.policy.backup import refuse_last
from otpward.ports.unit_of_work import UnitOfWork


def look_at_undo(code: str, *, uow: UnitOfWork, now: datetime) -> UndoLink:
    """The link of this code, which is still good.

    Raises:
        NotFound: there is none, its time is over, it was used, or what it would undo was changed again; nobody learns which.
    """
    link = uow.undo_links.first(digest=undo_digest(code))
    if link is None or link.used_at is not None or now >= link.until:
        raise NotFound("no such link")
    if not still_undoable(link, uow):
        raise NotFound("no such link")
    return link


def refuse_shut_out(link: UndoLink, *, uow: UnitOfWork) -> None:
    """Let it be asked only where undoing leaves the member a way in; raises `LastMethod`, as undoing would."""
    if link.act is UndoAct.PASSKEY_ADDED:
        refuse_last(link.subject_id, live_tokens(uow, link.member_id), uow.passkeys.find(member_id=link.member_id))
