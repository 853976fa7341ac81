"""An application begins, or the one that is open goes on."""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from otpward.clerk.applying import applicant_actor, reasons_for
from otpward.clerk.cases import move_case, open_case
from otpward.clerk.checks import link_check
from otpward.clerk.documents import papers_of
from otpward.clerk.in_person import admit_to_counter
from otpward.clerk.policy import policy_id_now, policy_now
from otpward.clerk.proofs import bind_proofs
from otpward.clerk.tokens import live_tokens
from otpward.core.audit import Actor, AuditEvent
from otpward.core.errors import Invalid, Moved, NotFound, Taken
from otpward.core.ids import CaseId, InstitutionId, MemberId
from otpward.core.lifecycle.case import OPEN, CaseEvent, CaseState
from otpward.core.model.case import Case, Reason
from otpward.core.model.device_check import DeviceCheck
from otpward.core.model.member import Operator
from otpward.core.policy.applicants import WrongKind, misfit_of
from otpward.core.policy.checks import reason_for
from otpward.core.policy.versions import day_of
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import Among, UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class StartApplication:
    """A proven or signed-in member wants a new token, as this kind of applicant; `check_id` if a check found that it is
    needed, and why; `operator` if staff do it for the member, from their papers, who told them the `reason` of what begins."""

    institution_id: InstitutionId
    member_id: MemberId
    browser: bytes
    source: str
    applicant: str = "individual"
    check_id: UUID | None = None
    operator: Operator | None = None
    reason: Reason | None = None


def start_application(ask: StartApplication, *, desk: Desk) -> Case:
    """The member's open case, as a draft if it can still be written; otherwise a new draft about the token in use. What was
    proven in this browser for applying is bound to it. It keeps the policy that is in force now.

    Raises:
        Invalid: this institution has no such kind of applicant (field `applicant`), or it cannot be the reason (`reason`).
        WrongKind: the member is not of this kind, by what is on file: of age or not, a company or a person.
        Denied, OwnPerson: not this role, or an operator's own application.
    """
    if ask.operator is not None:
        admit_to_counter(ask.operator, ask.member_id)
    by = applicant_actor(ask.member_id, ask.source, ask.operator)
    with desk.uow as uow:
        case = uow.cases.first(member_id=ask.member_id, state=Among(OPEN), order="-opened_at")
        check = None if ask.check_id is None else _own_check(ask.check_id, ask.member_id, desk=desk)
        if case is not None and case.state is not CaseState.REPORTED:
            if check is not None:
                case = _found(case, check, desk=desk, by=by)
                uow.commit()
            return case
        policy = policy_now(ask.institution_id, uow=uow, now=desk.now)
        if ask.applicant not in {one.name for one in policy.offered_kinds}:
            raise Invalid("no such kind of applicant", field="applicant")
        on_file = uow.members.get(ask.member_id).birth_date.reveal()
        misfit = misfit_of(policy.kinds[ask.applicant], on_file, day_of(desk.now))
        if misfit is not None:
            raise WrongKind(misfit)
        deadline = desk.now + timedelta(days=policy.deadlines.draft_days)
        policy_id = policy_id_now(ask.institution_id, uow=uow, now=desk.now)
        if case is not None:
            case = move_case(
                case,
                CaseEvent.START,
                desk=desk,
                by=by,
                deadline_at=deadline,
                policy_id=policy_id,
                applicant=ask.applicant,
                reason=_reason(case, ask, uow=uow),
            )
        else:
            tokens = live_tokens(uow, ask.member_id)
            token_id = check.token_id if check is not None else tokens[0].id if tokens else None
            case = Case(
                id=CaseId(desk.new_id()),
                institution_id=ask.institution_id,
                number=desk.number("R"),
                member_id=ask.member_id,
                state=CaseState.DRAFT,
                open_key=f"{ask.member_id}:{token_id or '-'}",
                reason=Reason.FAULTY if tokens else Reason.FIRST_ISSUE,
                applicant=ask.applicant,
                policy_id=policy_id,
                old_token_id=token_id,
                opened_at=desk.now,
                deadline_at=deadline,
            )
            case = replace(case, reason=_reason(case, ask, uow=uow))
            try:
                open_case(case, desk=desk, by=by)
            except Taken:  # a second press was faster: done again, this finds what the first one opened
                raise Moved("the application was opened meanwhile") from None
        if check is not None:
            case = _found(case, check, desk=desk, by=by)
        bind_proofs(case.id, uow.members.get(ask.member_id), ask.browser, desk=desk)
        uow.commit()
    return case


def _reason(case: Case, ask: StartApplication, *, uow: UnitOfWork) -> Reason:
    if ask.reason is not None and ask.reason not in reasons_for(case, uow=uow):
        raise Invalid("this cannot be the reason", field="reason")
    return ask.reason or case.reason


def _own_check(check_id: UUID, member_id: MemberId, *, desk: Desk) -> DeviceCheck:
    check = desk.uow.checks.get(check_id)
    if check.member_id != member_id:
        raise NotFound("no such check of this member")
    return check


def _found(case: Case, check: DeviceCheck, *, desk: Desk, by: Actor) -> Case:
    """The case with what the check found, where it is about the same device: who decides reads it. A draft whose reason is the
    member's to give takes it from there."""
    if case.old_token_id != check.token_id:
        return case
    link_check(check, case.id, desk=desk)
    if case.state is not CaseState.DRAFT or case.report_id is not None:
        return case
    serial = desk.uow.tokens.get(check.token_id).serial
    filled = replace(case, reason=reason_for(check.complaint), old_serial=case.old_serial or serial)
    saved = desk.uow.cases.save(replace(filled, documents=papers_of(filled, uow=desk.uow, now=desk.now)))
    desk.uow.audit.append(
        AuditEvent.CASE_SAVED, saved, by=by, at=desk.now, institution_id=saved.institution_id, case_id=saved.id, result="check"
    )
    return saved
