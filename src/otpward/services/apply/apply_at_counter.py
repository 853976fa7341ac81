"""A member without phone or token comes to the counter with their papers, and the application is taken there."""

from dataclasses import dataclass, replace

from otpward.clerk.cases import move_case, open_case
from otpward.clerk.notices import tell
from otpward.clerk.tokens import live_tokens
from otpward.core.audit import AuditEvent
from otpward.core.errors import Conflict, Invalid
from otpward.core.ids import BranchId, CaseId, InstitutionId, MemberId, ProofId
from otpward.core.lifecycle.case import OPEN, CaseEvent, CaseState
from otpward.core.lifecycle.others import ProofState
from otpward.core.model.case import Case, Delivery, Documents, Reason
from otpward.core.model.member import Operator
from otpward.core.model.proof import Act, Method, Proof
from otpward.core.policy.notices import NoticeKind
from otpward.core.policy.papers import seen_in_person
from otpward.core.policy.rates import PROOF_LIFE
from otpward.core.policy.roles import Permission, require
from otpward.core.secret import NOTHING
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import Among
from otpward.services.apply.review import OwnRequest

_WRITABLE = frozenset({CaseState.REPORTED, CaseState.DRAFT})


class RunningAlready(Conflict):
    """An application of this member is under way."""

    code = "running_already"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyAtCounter:
    """What the operator saw and was told. The device is collected at `branch_id`."""

    institution_id: InstitutionId
    member_id: MemberId
    operator: Operator
    paper: str
    same_person: bool
    reason: Reason
    branch_id: BranchId


def apply_at_counter(ask: ApplyAtCounter, *, desk: Desk) -> Case:
    """The case, submitted, with a proof in person that is spent by it. The operator may not decide on it alone where two are
    needed.

    Raises:
        Invalid: no paper named, the person not compared, no such branch (fields `paper`, `same_person`, `branch`).
        OwnRequest: an operator's own application.
        RunningAlready: one was sent already.
        Denied: not this role.
    """
    require(ask.operator.role, Permission.HAND_OVER)
    paper = seen_in_person(ask.paper, ask.same_person)
    if ask.member_id == ask.operator.member_id:
        raise OwnRequest("an operator's own application")
    by = ask.operator.actor
    with desk.uow as uow:
        if uow.branches.first(id=ask.branch_id) is None:
            raise Invalid("no such branch", field="branch")
        member = uow.members.get(ask.member_id)
        case = _draft(ask, desk=desk)
        proof = Proof(
            id=ProofId(desk.new_id()),
            institution_id=ask.institution_id,
            act=Act.APPLY,
            method=Method.IN_PERSON,
            state=ProofState.SPENT,
            browser=b"",
            phone_tail=NOTHING,
            member_id=ask.member_id,
            started_at=desk.now,
            passed_at=desk.now,
            expires_at=desk.now + PROOF_LIFE,
        )
        uow.proofs.add(proof)
        uow.audit.append(
            AuditEvent.PROOF_PASSED, proof, by=by, at=desk.now, institution_id=ask.institution_id, case_id=case.id, result=paper
        )
        case = replace(
            case,
            reason=case.reason if case.report_id is not None else ask.reason,
            delivery=Delivery.BRANCH,
            branch_id=ask.branch_id,
            documents=Documents.AT_COUNTER,
            address=NOTHING,
        )
        case = move_case(case, CaseEvent.SUBMIT, desk=desk, by=by, proof_id=proof.id, submitted_at=desk.now, deadline_at=None)
        tell(member, NoticeKind.CASE_SUBMITTED, desk=desk, number=case.number)
        uow.commit()
    return case


def _draft(ask: ApplyAtCounter, *, desk: Desk) -> Case:
    """The member's open case as a draft, or a new one."""
    by = ask.operator.actor
    case = desk.uow.cases.first(member_id=ask.member_id, state=Among(OPEN), order="-opened_at")
    if case is not None and case.state not in _WRITABLE:
        raise RunningAlready(f"case {case.number} is {case.state}")
    if case is not None:
        return move_case(case, CaseEvent.START, desk=desk, by=by) if case.state is CaseState.REPORTED else case
    tokens = live_tokens(desk.uow, ask.member_id)
    token_id = tokens[0].id if tokens else None
    case = Case(
        id=CaseId(desk.new_id()),
        institution_id=ask.institution_id,
        number=desk.number("R"),
        member_id=ask.member_id,
        state=CaseState.DRAFT,
        open_key=f"{ask.member_id}:{token_id or '-'}",
        reason=ask.reason,
        old_token_id=token_id,
        opened_at=desk.now,
    )
    open_case(case, desk=desk, by=by)
    return case
