"""A member of staff opens a picture of a paper: with a reason, and it is written down."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from otpward.core.audit import AuditEvent
from otpward.core.errors import Invalid, NotFound
from otpward.core.lifecycle.document import DocumentState
from otpward.core.model.document import Document, DocumentPage
from otpward.core.model.member import Operator
from otpward.core.policy.roles import Permission, require
from otpward.ports.desk import Desk

REASON_SHORTEST: Final = 2
REASON_LONGEST: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SeeDocument:
    """Who opens what, and why. The reason is one of ours or the operator's own words, without a person's data."""

    operator: Operator
    case_number: str
    document_id: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenDocument:
    """The picture. What was covered is not under it; nobody can open that."""

    document: Document
    pages: Sequence[DocumentPage]


def see_document(ask: SeeDocument, *, desk: Desk) -> SeenDocument:
    """The pages, and the line that says who saw them.

    Raises:
        Denied: this role does not review applications.
        Invalid: no reason (field `reason`).
        NotFound: no such document in this case, or it is erased.
    """
    require(ask.operator.role, Permission.REVIEW)
    reason = reason_given(ask.reason)
    with desk.uow as uow:
        case = uow.cases.first(number=ask.case_number)
        found = uow.documents.first(id=ask.document_id, case_id=case.id, state=DocumentState.KEPT) if case else None
        if found is None:
            raise NotFound("no such document")
        uow.audit.append(
            AuditEvent.DOCUMENT_SEEN,
            found,
            by=ask.operator.actor,
            at=desk.now,
            institution_id=found.institution_id,
            case_id=found.case_id,
            detail={"reason": reason},
        )
        pages = uow.document_pages.find(document_id=found.id, order="number")
        uow.commit()
    return SeenDocument(document=found, pages=pages)


def reason_given(typed: str) -> str:
    """Why, in a few words; raises `Invalid` (field `reason`) for none, or for a whole story."""
    reason = typed.strip()
    if not REASON_SHORTEST <= len(reason) <= REASON_LONGEST:
        raise Invalid("why?", field="reason")
    return reason
