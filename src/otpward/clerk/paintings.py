"""More of a picture is covered: its pages are replaced by painted ones, and nothing of the old ones stays."""

from collections.abc import Sequence
from dataclasses import replace

from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.model.document import Document
from otpward.ports.desk import Desk
from otpward.ports.documents import ReadPage


def paint_over(document: Document, pages: Sequence[ReadPage], *, desk: Desk, by: Actor, reason: str = "") -> Document:
    """The document with these pages instead of its own, in the audit. `by_hand` stays what the member did."""
    before = desk.uow.document_pages.find(document_id=document.id, order="number")
    for old, new in zip(before, pages, strict=True):
        desk.uow.document_pages.save(replace(old, picture=new.picture, width=new.width, height=new.height))
    more = sum(page.covers for page in pages)
    by_hand = document.by_hand or by.kind is ActorKind.MEMBER
    covered = desk.uow.documents.save(replace(document, covers=document.covers + more, by_hand=by_hand))
    desk.uow.audit.append(
        AuditEvent.DOCUMENT_COVERED,
        covered,
        by=by,
        at=desk.now,
        institution_id=covered.institution_id,
        case_id=covered.case_id,
        detail={"covers": covered.covers} | ({"reason": reason} if reason else {}),
    )
    return covered
