"""A member takes a consent back, and what rested on it alone goes with it."""

from dataclasses import dataclass, replace

from otpward.clerk.consents import consent_to, write_consent
from otpward.clerk.documents import LIVING, erase_document
from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.ids import MemberId
from otpward.core.lifecycle.case import CaseState
from otpward.core.model.case import Documents
from otpward.core.model.consent import Consent, Purpose
from otpward.ports.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawConsent:
    """The member no longer agrees."""

    member_id: MemberId
    purpose: Purpose
    source: str


def withdraw_consent(ask: WithdrawConsent, *, desk: Desk) -> Consent | None:
    """The consent, withdrawn; None where none held, as after a second press. Pictures of papers are erased at once, and an
    application that is still written asks anew how papers are shown (개인정보 보호법 §37)."""
    by = Actor(kind=ActorKind.MEMBER, id=ask.member_id, source=ask.source)
    with desk.uow as uow:
        consent = consent_to(ask.purpose, ask.member_id, uow=uow)
        if consent is None:
            return None
        consent = uow.consents.save(replace(consent, live_for=None, withdrawn_at=desk.now))
        write_consent(AuditEvent.CONSENT_WITHDRAWN, consent, desk=desk, by=by)
        if ask.purpose is Purpose.DOCUMENTS:
            _erase_pictures(ask.member_id, desk=desk, by=by)
        uow.commit()
    return consent


def _erase_pictures(member_id: MemberId, *, desk: Desk, by: Actor) -> None:
    for document in desk.uow.documents.find(member_id=member_id, state=LIVING):
        erase_document(document, desk=desk, by=by, why="consent_withdrawn")
    for case in desk.uow.cases.find(member_id=member_id, state=CaseState.DRAFT, documents=Documents.SENT):
        desk.uow.cases.save(replace(case, documents=None))
