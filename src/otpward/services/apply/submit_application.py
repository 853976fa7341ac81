"""The application is sent, and the proof of identity behind it is spent."""

from dataclasses import dataclass

from otpward.clerk.cases import move_case
from otpward.clerk.notices import tell
from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.errors import Invalid
from otpward.core.ids import CaseId, MemberId
from otpward.core.lifecycle.case import CaseEvent, advance
from otpward.core.lifecycle.others import ProofState
from otpward.core.model.case import Case
from otpward.core.model.proof import Act
from otpward.core.policy.notices import NoticeKind
from otpward.core.policy.proofs import spend
from otpward.ports.desk import Desk
from otpward.services.apply.save_application import own_case


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitApplication:
    """Send it. `browser` must be the one in which the proof was passed."""

    case_id: CaseId
    member_id: MemberId
    browser: bytes
    source: str


def submit_application(ask: SubmitApplication, *, desk: Desk) -> Case:
    """The case, submitted, with its proof spent; the member is told.

    Raises:
        NotFound: not this member's case.
        Invalid: a part is missing; `field` names the first: `delivery` or `documents`.
        ProofNeeded: no passed proof for applying; the draft stays.
        IllegalTransition: it was sent already.
    """
    by = Actor(kind=ActorKind.MEMBER, id=ask.member_id, source=ask.source)
    with desk.uow as uow:
        case = own_case(ask.case_id, ask.member_id, desk=desk)
        advance(case.state, CaseEvent.SUBMIT)
        if case.delivery is None:
            raise Invalid("how to receive it is open", field="delivery")
        if case.documents is None:
            raise Invalid("how to show identity papers is open", field="documents")
        proof = uow.proofs.first(
            browser=ask.browser, member_id=ask.member_id, act=Act.APPLY, state=ProofState.PASSED, order="-expires_at"
        )
        spent = uow.proofs.save(spend(proof, act=Act.APPLY, member_id=ask.member_id, browser=ask.browser, now=desk.now))
        uow.audit.append(AuditEvent.PROOF_SPENT, spent, by=by, at=desk.now, institution_id=case.institution_id, case_id=case.id)
        case = move_case(case, CaseEvent.SUBMIT, desk=desk, by=by, proof_id=spent.id, submitted_at=desk.now, deadline_at=None)
        tell(uow.members.get(case.member_id), NoticeKind.CASE_SUBMITTED, desk=desk, number=case.number)
        uow.commit()
    return case
