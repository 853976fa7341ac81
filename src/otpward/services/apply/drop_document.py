"""The member takes a picture back; it is erased at once."""

from dataclasses import replace
from uuid import UUID

from otpward.clerk.documents import LIVING, erase_document, papers_of
from otpward.core.audit import Actor, ActorKind
from otpward.core.ids import MemberId
from otpward.core.lifecycle.document import DocumentState
from otpward.core.model.document import Document
from otpward.ports.desk import Desk
from otpward.services.apply.cover_more import own_document
from otpward.services.apply.save_application import NotWritable
from otpward.services.apply.send_document import WRITABLE


def drop_document(document_id: UUID, member_id: MemberId, source: str, *, desk: Desk) -> Document:
    """The document, erased.

    Raises:
        NotFound: not this member's.
        NotWritable: it is part of an application that was sent.
    """
    by = Actor(kind=ActorKind.MEMBER, id=member_id, source=source)
    with desk.uow as uow:
        document = own_document(document_id, member_id, desk=desk)
        if document.state is DocumentState.KEPT and uow.cases.get(document.case_id).state not in WRITABLE:
            raise NotWritable("the application was sent")
        if document.state in LIVING.values:
            document = erase_document(document, desk=desk, by=by, why="taken_back")
            case = uow.cases.get(document.case_id)
            shown = papers_of(case, uow=uow, now=desk.now)
            if case.state in WRITABLE and shown is not case.documents:
                uow.cases.save(replace(case, documents=shown))
        uow.commit()
    return document
