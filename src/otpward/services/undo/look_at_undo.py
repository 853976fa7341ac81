"""What a link would undo is shown; nothing happens by looking."""

from datetime import datetime

from otpward.clerk.undo import undo_digest
from otpward.clerk.undoing import still_undoable
from otpward.core.errors import NotFound
from otpward.core.model.notice import UndoLink
from otpward.ports.unit_of_work import UnitOfWork


def look_at_undo(code: str, *, uow: UnitOfWork, now: datetime) -> UndoLink:
    """The link of this code, which is still good.

    Raises:
        NotFound: there is none, its time is over, it was used, or what it would undo was changed again; nobody learns which.
    """
    link = uow.undo_links.first(digest=undo_digest(code))
    if link is None or link.used_at is not None or now >= link.until:
        raise NotFound("no such link")
    if not still_undoable(link, uow.members.get(link.member_id)):
        raise NotFound("no such link")
    return link
