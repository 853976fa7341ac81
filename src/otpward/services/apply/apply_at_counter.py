"""A member without phone or token comes to the counter with their papers, and the application is taken there."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from uuid import UUID

from otpward.clerk.cases import move_case, open_case
from otpward.clerk.checks import link_check
from otpward.clerk.fees import file_fee
from otpward.clerk.in_person import admit_to_counter, spend_in_person
from otpward.clerk.notices import tell
from otpward.clerk.policy import asked_of, policy_id_now, policy_now, policy_of
from otpward.clerk.tokens import live_tokens
from otpward.core.errors import Conflict, Invalid
from otpward.core.ids import BranchId, CaseId, InstitutionId, MemberId, TokenId
from otpward.core.lifecycle.case import OPEN, CaseEvent, CaseState
from otpward.core.model.case import Case, Delivery, Documents, Reason
from otpward.core.model.member import Operator
from otpward.core.model.proof import Act
from otpward.core.policy.applicants import ACTING_LETTERS, RELATIONS, Relation, acting_for, kind_at_counter
from otpward.core.policy.asked_papers import AskedPaper, asked_papers
from otpward.core.policy.document.requirement import Requirement
from otpward.core.policy.notices import NoticeKind
from otpward.core.policy.versions import day_of
from otpward.core.secret import NOTHING, Personal
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import Among

_WRITABLE = frozenset({CaseState.REPORTED, CaseState.DRAFT})


class RunningAlready(Conflict):
    """An application of this member is under way."""

    code = "running_already"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyAtCounter:
    """What the operator was told. The device is collected at `branch_id`. `token_id` is the one that is replaced; None for the
    newest. `check_id` is the check that showed that it is broken. Where somebody acts for the member: as what, their
    name, and, if all is settled now, the papers of the policy that were `shown`."""

    institution_id: InstitutionId
    member_id: MemberId
    operator: Operator
    reason: Reason
    branch_id: BranchId
    token_id: TokenId | None = None
    check_id: UUID | None = None
    acting_name: str = ""
    acting_as: Relation | None = None
    shown: Collection[str] | None = None


def apply_at_counter(ask: ApplyAtCounter, *, desk: Desk) -> Case:
    """The case, submitted, with the proof in person spent by it. The operator may not decide on it alone where two are needed.

    Raises:
        Invalid: no such branch (field `branch`), or not a device of this member (`token`); nobody is named, nobody acts so, or
            not every paper was shown (`acting_name`, `acting_as`, `shown`).
        RunningAlready: one was sent already.
        Denied, OwnPerson: not this role, or an operator's own application.
        ProofNeeded: this operator has not just seen the member's papers, for applying.
    """
    admit_to_counter(ask.operator, ask.member_id)
    by = ask.operator.actor
    with desk.uow as uow:
        if uow.branches.first(id=ask.branch_id) is None:
            raise Invalid("no such branch", field="branch")
        member = uow.members.get(ask.member_id)
        if ask.token_id is not None and all(one.id != ask.token_id for one in live_tokens(uow, ask.member_id)):
            raise Invalid("not a device of this member", field="token")
        case = _draft(ask, desk=desk)
        proof = spend_in_person(Act.APPLY, ask.member_id, ask.operator, desk=desk, case_id=case.id)
        case = replace(
            case,
            reason=case.reason if case.report_id is not None else ask.reason,
            delivery=Delivery.BRANCH,
            branch_id=ask.branch_id,
            documents=Documents.AT_COUNTER,
            address=NOTHING,
        )
        if ask.acting_as is not None:
            case = _named(case, ask, desk=desk)
        case = move_case(case, CaseEvent.SUBMIT, desk=desk, by=by, proof_id=proof.id, submitted_at=desk.now, deadline_at=None)
        file_fee(case, desk=desk, by=by)
        check = uow.checks.first(id=ask.check_id, member_id=ask.member_id) if ask.check_id is not None else None
        if check is not None:
            link_check(check, case.id, desk=desk)
        tell(member, NoticeKind.CASE_SUBMITTED, desk=desk, case_id=case.id, number=case.number)
        uow.commit()
    return case


def _named(case: Case, ask: ApplyAtCounter, *, desk: Desk) -> Case:
    """With who acts for the member; the papers that bind them to the member were all shown."""
    asked = asked_of(case, uow=desk.uow, now=desk.now)
    acting = acting_for(policy_of(case, uow=desk.uow, now=desk.now).kinds[case.applicant])
    name = " ".join(ask.acting_name.split())[:ACTING_LETTERS]
    if not name:
        raise Invalid("nobody named", field="acting_name")
    if acting is None or ask.acting_as is None or ask.acting_as not in RELATIONS[acting]:
        raise Invalid("nobody acts so for this kind of applicant", field="acting_as")
    if ask.shown is not None and not {one.item for one in papers_of_acting(asked)} <= set(ask.shown):
        raise Invalid("not every paper was shown", field="shown")
    return replace(case, acting_name=Personal(name), acting_as=Personal(ask.acting_as.value))


def papers_of_acting(asked: Requirement) -> list[AskedPaper]:
    """What somebody who acts for a member shows beside their own ID."""
    return [one for one in asked_papers(asked) if not one.kinds]


def _draft(ask: ApplyAtCounter, *, desk: Desk) -> Case:
    """The member's open case as a draft, or a new one."""
    by = ask.operator.actor
    about = {} if ask.token_id is None else {"old_token_id": ask.token_id}
    case = desk.uow.cases.first(member_id=ask.member_id, state=Among(OPEN), order="-opened_at", **about)
    if case is not None and case.state not in _WRITABLE:
        raise RunningAlready(f"case {case.number} is {case.state}")
    if case is not None and case.state is CaseState.DRAFT:
        return case
    policy_id = policy_id_now(ask.institution_id, uow=desk.uow, now=desk.now)
    policy = policy_now(ask.institution_id, uow=desk.uow, now=desk.now)
    on_file = desk.uow.members.get(ask.member_id).birth_date.reveal()
    kind = kind_at_counter(policy, on_file, day_of(desk.now))
    if case is not None:
        return move_case(case, CaseEvent.START, desk=desk, by=by, policy_id=policy_id, applicant=kind)
    tokens = live_tokens(desk.uow, ask.member_id)
    token_id = ask.token_id or (tokens[0].id if tokens else None)
    case = Case(
        id=CaseId(desk.new_id()),
        institution_id=ask.institution_id,
        number=desk.number("R"),
        member_id=ask.member_id,
        state=CaseState.DRAFT,
        open_key=f"{ask.member_id}:{token_id or '-'}",
        reason=ask.reason,
        applicant=kind,
        policy_id=policy_id,
        old_token_id=token_id,
        opened_at=desk.now,
    )
    open_case(case, desk=desk, by=by)
    return case
