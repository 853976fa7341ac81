"""A member of staff covers more of a picture that was kept, or erases it: with a reason, and it is written down."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar
from uuid import UUID

from otpward.clerk.documents import erase_document, papers_of
from otpward.clerk.paintings import paint_over
from otpward.core.errors import Conflict, NotFound
from otpward.core.lifecycle.case import OPEN
from otpward.core.lifecycle.document import DocumentState
from otpward.core.model.document import Document
from otpward.core.model.member import Operator
from otpward.core.policy.roles import Permission, require
from otpward.ports.desk import Desk
from otpward.ports.documents import ReadPage
from otpward.services.apply.review import OwnRequest
from otpward.services.apply.see_document import reason_given


class StaleDocument(Conflict):
    """The picture changed since it was shown: it was covered, replaced or erased meanwhile."""

    code: ClassVar[str] = "stale_document"


@dataclass(frozen=True, slots=True, kw_only=True)
class MendDocument:
    """Who does it, to the picture as they saw it (`seen`), and why. With `pages` it is painted over, without them erased."""

    operator: Operator
    case_number: str
    document_id: UUID
    seen: int
    reason: str
    pages: Sequence[ReadPage] | None = None


def mend_document(ask: MendDocument, *, desk: Desk) -> Document:
    """The document, covered further or erased. What the application still lacks then is for the reviewer to ask for.

    Raises:
        Denied: this role does not review applications; or it is the operator's own (`OwnRequest`).
        Invalid: no reason (field `reason`).
        NotFound: no such document in this case, or it is erased.
        StaleDocument: it changed since it was shown.
    """
    require(ask.operator.role, Permission.REVIEW)
    reason = reason_given(ask.reason)
    by = ask.operator.actor
    with desk.uow as uow:
        case = uow.cases.first(number=ask.case_number)
        found = uow.documents.first(id=ask.document_id, case_id=case.id) if case is not None else None
        if case is None or found is None:
            raise NotFound("no such document")
        if case.member_id == ask.operator.member_id:
            raise OwnRequest("an operator's own papers")
        if found.state is not DocumentState.KEPT or found.version != ask.seen:
            raise StaleDocument(f"the document is {found.state}")
        if ask.pages is not None:
            mended = paint_over(found, ask.pages, desk=desk, by=by, reason=reason)
        else:
            mended = erase_document(found, desk=desk, by=by, why="by_staff", reason=reason)
            shown = papers_of(case, uow=uow, now=desk.now)
            if case.state in OPEN and shown is not case.documents:
                uow.cases.save(replace(case, documents=shown))
        uow.commit()
    return mended
