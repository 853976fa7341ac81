"""The member has looked at the covered picture and gives it."""

from dataclasses import dataclass, replace
from uuid import UUID

from otpward.clerk.documents import erase_document, papers_of
from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.errors import Invalid
from otpward.core.ids import MemberId
from otpward.core.lifecycle.document import DocumentEvent, DocumentState, advance_document
from otpward.core.model.document import OFFERED, Document, Flaw
from otpward.core.policy.asked_papers import KEEP_AT_MOST
from otpward.ports.desk import Desk
from otpward.services.apply.cover_more import NotOffered, own_document
from otpward.services.apply.save_application import NotWritable
from otpward.services.apply.send_document import WRITABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepDocument:
    """`seen` is the version that was looked at; `looked` the member's word that no number is left, where they had to cover;
    `right` their word that it is the paper that was asked for, where it seemed to be another."""

    document_id: UUID
    member_id: MemberId
    seen: int
    looked: bool
    source: str
    right: bool = False


def keep_document(ask: KeepDocument, *, desk: Desk) -> Document:
    """The document, kept; another picture of the same paper is erased. The case says how its papers are shown.

    Raises:
        NotFound: not this member's.
        NotOffered: its time is over, or it changed since it was looked at.
        NotWritable: nothing can be added to the case now.
        Invalid: the reader was not sure, and the member has not said that no number is left (field `looked`); or it seemed
            another paper, and they have not said that it is the right one (field `right`).
    """
    by = Actor(kind=ActorKind.MEMBER, id=ask.member_id, source=ask.source)
    with desk.uow as uow:
        document = own_document(ask.document_id, ask.member_id, desk=desk)
        case = uow.cases.get(document.case_id)
        if case.state not in WRITABLE:
            raise NotWritable(f"case {case.number} is {case.state}")
        over = document.erase_at is not None and document.erase_at <= desk.now
        if document.state not in OFFERED or document.version != ask.seen or over:
            raise NotOffered(f"the document is {document.state}")
        if document.state is DocumentState.BY_HAND and not ask.looked:
            raise Invalid("the member has to look", field="looked")
        if document.flaw is Flaw.ANOTHER_PAPER and not ask.right:
            raise Invalid("is it the paper that was asked for?", field="right")
        for earlier in uow.documents.find(case_id=case.id, item=document.item, state=DocumentState.KEPT):
            erase_document(earlier, desk=desk, by=by, why="replaced")
        by_hand = document.by_hand or document.state is DocumentState.BY_HAND
        until = desk.now + KEEP_AT_MOST
        kept = uow.documents.save(
            replace(
                document,
                state=advance_document(document.state, DocumentEvent.KEEP),
                by_hand=by_hand,
                kept_at=desk.now,
                erase_at=until,
            )
        )
        shown = papers_of(case, uow=uow, now=desk.now)
        if shown is not case.documents:
            uow.cases.save(replace(case, documents=shown))
        uow.audit.append(
            AuditEvent.DOCUMENT_KEPT,
            kept,
            by=by,
            at=desk.now,
            institution_id=kept.institution_id,
            case_id=kept.case_id,
            result="by_hand" if by_hand else "read",
            detail={"covers": kept.covers, "pages": kept.pages},
        )
        uow.commit()
    return kept
