"""A paper was read: it is offered to the member, covered, or refused with a reason."""

from dataclasses import replace
from typing import Final
from uuid import UUID

from otpward.clerk.documents import erase_document
from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.lifecycle.document import DocumentEvent, DocumentState, advance_document
from otpward.core.model.document import LOOK_FOR, OFFERED, Document, DocumentPage, Flaw
from otpward.ports.desk import Desk
from otpward.ports.documents import ReadPaper
from otpward.ports.unit_of_work import Among

_BY: Final = Actor(kind=ActorKind.SYSTEM, source="reader")


def take_reading(document_id: UUID, reading: ReadPaper | Flaw, *, desk: Desk) -> Document:
    """The document with what came of it; an earlier picture of the same paper that nobody kept is erased.

    Raises:
        NotFound: no such document.
    """
    with desk.uow as uow:
        document = uow.documents.get(document_id)
        if document.state is not DocumentState.READING:
            return document
        for earlier in uow.documents.find(case_id=document.case_id, item=document.item, state=Among(OFFERED)):
            erase_document(earlier, desk=desk, by=_BY, why="replaced")
        if isinstance(reading, Flaw):
            taken = uow.documents.save(
                replace(document, state=advance_document(document.state, DocumentEvent.REFUSE), flaw=reading, erase_at=None)
            )
        else:
            taken = _offered(document, reading, desk=desk)
        refused = taken.state is DocumentState.REFUSED
        uow.audit.append(
            AuditEvent.DOCUMENT_REFUSED if refused else AuditEvent.DOCUMENT_READ,
            taken,
            by=_BY,
            at=desk.now,
            institution_id=taken.institution_id,
            case_id=taken.case_id,
            result=taken.flaw or taken.state,
            detail={"covers": taken.covers, "pages": taken.pages},
        )
        uow.commit()
    return taken


def _offered(document: Document, reading: ReadPaper, *, desk: Desk) -> Document:
    for number, page in enumerate(reading.pages):
        desk.uow.document_pages.add(
            DocumentPage(
                id=desk.new_id(),
                institution_id=document.institution_id,
                document_id=document.id,
                member_id=document.member_id,
                number=number,
                width=page.width,
                height=page.height,
                picture=page.picture,
            )
        )
    return desk.uow.documents.save(
        replace(
            document,
            state=advance_document(document.state, DocumentEvent.COVER if reading.sure else DocumentEvent.DOUBT),
            flaw=Flaw.ANOTHER_PAPER if reading.another else None,
            covers=sum(page.covers for page in reading.pages),
            pages=len(reading.pages),
            erase_at=desk.now + LOOK_FOR,
        )
    )
