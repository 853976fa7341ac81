"""The application is sent, and the proofs of identity behind it are spent."""

from dataclasses import dataclass

from otpward.clerk.applying import applicant_actor
from otpward.clerk.cases import move_case, refuse_stale
from otpward.clerk.changes import erase_unasked
from otpward.clerk.documents import papers_of
from otpward.clerk.fees import file_fee
from otpward.clerk.in_person import admit_to_counter, spend_in_person
from otpward.clerk.notices import tell
from otpward.clerk.policy import asked_of, policy_of
from otpward.clerk.proofs import need_of, spend_proofs
from otpward.core.audit import Actor
from otpward.core.errors import Invalid
from otpward.core.ids import CaseId, MemberId
from otpward.core.lifecycle.case import CaseEvent, advance
from otpward.core.model.case import Case
from otpward.core.model.member import Member, Operator
from otpward.core.model.proof import Act, Proof
from otpward.core.policy.applicants import acting_for
from otpward.core.policy.notices import NoticeKind
from otpward.core.policy.proofs import Binding
from otpward.ports.desk import Desk
from otpward.services.apply.save_application import own_case


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitApplication:
    """Send it. `browser` must be the one in which the proof was passed; of `operator`, who does it for the member, the proof is
    that they have seen the papers, and `seen` the version that they saw."""

    case_id: CaseId
    member_id: MemberId
    browser: bytes
    source: str
    operator: Operator | None = None
    seen: int | None = None


def submit_application(ask: SubmitApplication, *, desk: Desk) -> Case:
    """The case, submitted, with its proofs spent; the member is told.

    Raises:
        NotFound: not this member's case.
        Invalid: a part is missing; `field` names the first: `delivery`, `acting_name` or `documents`.
        ProofNeeded: not enough was proven for this application; the draft stays.
        IllegalTransition: it was sent already.
        Denied, OwnPerson, StaleCase: not this role, an operator's own, or it changed since they saw it.
    """
    if ask.operator is not None:
        admit_to_counter(ask.operator, ask.member_id)
    by = applicant_actor(ask.member_id, ask.source, ask.operator)
    with desk.uow as uow:
        case = own_case(ask.case_id, ask.member_id, desk=desk)
        refuse_stale(case, ask.seen)
        advance(case.state, CaseEvent.SUBMIT)
        if case.delivery is None:
            raise Invalid("how to receive it is open", field="delivery")
        if not asked_of(case, uow=uow, now=desk.now).offered:
            raise Invalid("not offered in this way", field="delivery")
        if acting_for(policy_of(case, uow=uow, now=desk.now).kinds[case.applicant]) is not None and not case.acting_name:
            raise Invalid("who acts for the member is open", field="acting_name")
        shown = papers_of(case, uow=uow, now=desk.now)
        if shown is None:
            raise Invalid("a paper is missing", field="documents")
        member = uow.members.get(ask.member_id)
        spent = _spend(ask, case, member, desk=desk, by=by)
        erase_unasked(case, desk=desk, by=by)
        case = move_case(
            case,
            CaseEvent.SUBMIT,
            desk=desk,
            by=by,
            proof_id=spent.id,
            submitted_at=desk.now,
            deadline_at=None,
            documents=shown,
        )
        file_fee(case, desk=desk, by=by)
        tell(member, NoticeKind.CASE_SUBMITTED, desk=desk, case_id=case.id, number=case.number)
        uow.commit()
    return case


def _spend(ask: SubmitApplication, case: Case, member: Member, *, desk: Desk, by: Actor) -> Proof:
    if ask.operator is not None:
        return spend_in_person(Act.APPLY, member.id, ask.operator, desk=desk, case_id=case.id)
    need = need_of(Act.APPLY, member, [case.old_token_id] if case.old_token_id else [], uow=desk.uow)
    [spent, *_] = spend_proofs(need, Binding(member=member, browser=ask.browser, case_id=case.id), desk=desk, by=by)
    return spent
