"""An application is begun for a member, filled in as far as we know it; sending it is for them, or for what the law allows."""

from datetime import timedelta

from otpward.clerk.cases import open_case
from otpward.clerk.policy import policy_id_now, policy_now
from otpward.core.audit import Actor
from otpward.core.ids import CaseId, TokenId
from otpward.core.lifecycle.case import OPEN, CaseState
from otpward.core.model.case import Case, Reason
from otpward.core.model.member import Member
from otpward.core.policy.applicants import kind_at_counter
from otpward.core.policy.versions import day_of
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import Among, UnitOfWork


def running_case(member: Member, *, uow: UnitOfWork) -> Case | None:
    """The member's case that is open, if there is one."""
    return uow.cases.first(member_id=member.id, state=Among(OPEN), order="-opened_at")


def draft_for(member: Member, token_id: TokenId, reason: Reason, *, desk: Desk, by: Actor) -> Case:
    """A draft about this device; or the case that is open already, as it is."""
    running = running_case(member, uow=desk.uow)
    if running is not None:
        return running
    policy = policy_now(member.institution_id, uow=desk.uow, now=desk.now)
    case = Case(
        id=CaseId(desk.new_id()),
        institution_id=member.institution_id,
        number=desk.number("R"),
        member_id=member.id,
        state=CaseState.DRAFT,
        open_key=f"{member.id}:{token_id}",
        reason=reason,
        applicant=kind_at_counter(policy, member.birth_date.reveal(), day_of(desk.now)),
        policy_id=policy_id_now(member.institution_id, uow=desk.uow, now=desk.now),
        old_token_id=token_id,
        old_serial=desk.uow.tokens.get(token_id).serial,
        opened_at=desk.now,
        deadline_at=desk.now + timedelta(days=policy.deadlines.draft_days),
    )
    open_case(case, desk=desk, by=by)
    return case
