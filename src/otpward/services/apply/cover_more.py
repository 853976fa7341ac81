"""The member has covered more of the picture, by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from otpward.clerk.paintings import paint_over
from otpward.core.audit import Actor, ActorKind
from otpward.core.errors import Conflict, NotFound
from otpward.core.ids import MemberId
from otpward.core.model.document import OFFERED, Document
from otpward.ports.desk import Desk
from otpward.ports.documents import ReadPage


class NotOffered(Conflict):
    """The picture is no longer there to be looked at: kept already, replaced, or erased because its time was over."""

    code = "not_offered"


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverMore:
    """The pages as they are now, painted anew."""

    document_id: UUID
    member_id: MemberId
    seen: int
    pages: Sequence[ReadPage]
    source: str


def cover_more(ask: CoverMore, *, desk: Desk) -> Document:
    """The document with these pages instead of its own.

    Raises:
        NotFound: not this member's.
        NotOffered: not there to be covered any more, or covered meanwhile from another window.
    """
    by = Actor(kind=ActorKind.MEMBER, id=ask.member_id, source=ask.source)
    with desk.uow as uow:
        document = own_document(ask.document_id, ask.member_id, desk=desk)
        if document.state not in OFFERED or document.version != ask.seen:
            raise NotOffered(f"the document is {document.state}")
        covered = paint_over(document, ask.pages, desk=desk, by=by)
        uow.commit()
    return covered


def own_document(document_id: UUID, member_id: MemberId, *, desk: Desk) -> Document:
    """The document, if it is this member's; raises `NotFound`, and does not tell whose it is."""
    document = desk.uow.documents.first(id=document_id, member_id=member_id)
    if document is None:
        raise NotFound("no such document")
    return document
