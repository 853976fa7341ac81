"""Pictures of papers are erased: at once where they are no longer wanted, and a while after the application they were for."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from otpward.clerk.policy import asked_of, policy_of
from otpward.core.audit import Actor, AuditEvent
from otpward.core.lifecycle.document import DocumentEvent, DocumentState, advance_document
from otpward.core.model.case import Case, Documents
from otpward.core.model.document import OFFERED, Document
from otpward.core.policy.asked_papers import asked_papers, day_flaw, settled
from otpward.core.policy.document.requirement import Requirement
from otpward.core.policy.versions import day_of
from otpward.core.secret import NO_OCTETS
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import Among, UnitOfWork

LIVING: Final = Among(OFFERED | {DocumentState.READING, DocumentState.KEPT})


def erase_document(document: Document, *, desk: Desk, by: Actor, why: str, reason: str = "") -> Document:
    """The document without its pages: their octets are overwritten with nothing, and only that there was one remains."""
    for page in desk.uow.document_pages.find(document_id=document.id):
        desk.uow.document_pages.save(replace(page, picture=NO_OCTETS, width=0, height=0))
    erased = desk.uow.documents.save(
        replace(document, state=advance_document(document.state, DocumentEvent.ERASE), erase_at=None)
    )
    desk.uow.audit.append(
        AuditEvent.DOCUMENT_ERASED,
        erased,
        by=by,
        at=desk.now,
        institution_id=erased.institution_id,
        case_id=erased.case_id,
        result=why,
        detail={"reason": reason} if reason else None,
    )
    return erased


def end_documents(case: Case, *, desk: Desk) -> None:
    """From the end of an application its pictures are counted down, as long as its policy keeps them."""
    kept = desk.uow.documents.find(case_id=case.id, state=DocumentState.KEPT)
    if not kept:
        return
    days = policy_of(case, uow=desk.uow, now=desk.now).retention.document_days
    until = desk.now + timedelta(days=days)
    for document in kept:
        if document.erase_at is None or document.erase_at > until:
            desk.uow.documents.save(replace(document, erase_at=until))


def sent_items(case: Case, asked: Requirement, *, uow: UnitOfWork, now: datetime) -> frozenset[str]:
    """The papers of which a picture was kept that is fresh enough: today, or once the application was sent, on that day."""
    months = {one.item: one.months for one in asked_papers(asked)}
    kept = uow.documents.find(case_id=case.id, state=DocumentState.KEPT)
    return frozenset(
        one.item
        for one in kept
        if one.item in months and day_flaw(one.issued_on, months[one.item], _counted_on(case, one, now)) is None
    )


def _counted_on(case: Case, document: Document, now: datetime) -> date:
    if case.submitted_at is None:
        return day_of(now)
    return day_of(max(case.submitted_at, document.kept_at or case.submitted_at))


def papers_of(case: Case, *, uow: UnitOfWork, now: datetime) -> Documents | None:
    """How the papers of this application are shown; None while one is missing, or the way of receiving is open."""
    if case.delivery is None:
        return None
    asked = asked_of(case, uow=uow, now=now)
    return settled(asked, sent_items(case, asked, uow=uow, now=now))
