"""A picture of a paper has come in, and will be read."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from otpward.clerk.consents import ConsentNeeded, pictures_allowed
from otpward.clerk.limits import count_try
from otpward.clerk.policy import asked_of
from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.errors import Invalid
from otpward.core.ids import CaseId, MemberId
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.document import DocumentState
from otpward.core.model.document import LOOK_FOR, Document
from otpward.core.policy.asked_papers import NotFresh, asked_paper, day_flaw
from otpward.core.policy.papers import Paper
from otpward.core.policy.rates import UPLOADS_PER_MEMBER
from otpward.core.policy.versions import day_of
from otpward.ports.desk import Desk
from otpward.services.apply.save_application import NotWritable, own_case

WRITABLE: Final = frozenset({CaseState.DRAFT, CaseState.MORE_NEEDED})


@dataclass(frozen=True, slots=True, kw_only=True)
class SendDocument:
    """For which paper of which application. The picture itself is not here: it is not kept before it is covered."""

    case_id: CaseId
    member_id: MemberId
    item: str
    paper: Paper | None
    source: str
    issued_on: date | None = None


def send_document(ask: SendDocument, *, desk: Desk) -> Document:
    """The document, being read.

    Raises:
        NotFound: not this member's case.
        NotWritable: nothing can be added to it now.
        Invalid: this paper was not asked for (field `item`), or not of this kind (field `paper`).
        NotFresh: it must be fresh, and the day on which it was issued does not show it (field `issued_on`).
        ConsentNeeded: the member has not agreed to it since this application was begun.
        TooOften: so many in an hour.
    """
    by = Actor(kind=ActorKind.MEMBER, id=ask.member_id, source=ask.source)
    with desk.uow as uow:
        case = own_case(ask.case_id, ask.member_id, desk=desk)
        if case.state not in WRITABLE:
            raise NotWritable(f"case {case.number} is {case.state}")
        asked = asked_paper(asked_of(case, uow=uow, now=desk.now), ask.item)
        if asked is None or not asked.sent:
            raise Invalid("no such paper was asked for", field="item")
        if asked.kinds and ask.paper not in asked.kinds:
            raise Invalid("which paper is it?", field="paper")
        flaw = day_flaw(ask.issued_on, asked.months, day_of(desk.now))
        if flaw is not None:
            raise NotFresh(flaw)
        if not pictures_allowed(case, uow=uow):
            raise ConsentNeeded("pictures of papers")
        count_try("upload", str(ask.member_id), UPLOADS_PER_MEMBER, desk=desk)
        document = Document(
            id=desk.new_id(),
            institution_id=case.institution_id,
            case_id=case.id,
            member_id=case.member_id,
            item=asked.item,
            paper=ask.paper if asked.kinds else None,
            state=DocumentState.READING,
            issued_on=ask.issued_on if asked.months else None,
            sent_at=desk.now,
            erase_at=desk.now + LOOK_FOR,
        )
        uow.documents.add(document)
        uow.audit.append(
            AuditEvent.DOCUMENT_SENT,
            document,
            by=by,
            at=desk.now,
            institution_id=case.institution_id,
            case_id=case.id,
            result=asked.item,
        )
        uow.commit()
    return document
