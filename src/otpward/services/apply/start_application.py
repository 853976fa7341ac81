"""An application begins, or the one that is open goes on."""

from dataclasses import dataclass
from datetime import timedelta

from otpward.clerk.cases import move_case, open_case
from otpward.clerk.policy import policy_id_now, policy_now
from otpward.clerk.proofs import bind_proofs
from otpward.clerk.tokens import live_tokens
from otpward.core.audit import Actor, ActorKind
from otpward.core.errors import Invalid, Moved, Taken
from otpward.core.ids import CaseId, InstitutionId, MemberId
from otpward.core.lifecycle.case import OPEN, CaseEvent, CaseState
from otpward.core.model.case import Case, Reason
from otpward.core.policy.applicants import WrongKind, misfit_of
from otpward.core.policy.versions import day_of
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import Among


@dataclass(frozen=True, slots=True, kw_only=True)
class StartApplication:
    """A proven or signed-in member wants a new token, as this kind of applicant."""

    institution_id: InstitutionId
    member_id: MemberId
    browser: bytes
    source: str
    applicant: str = "individual"


def start_application(ask: StartApplication, *, desk: Desk) -> Case:
    """The member's open case, as a draft if it can still be written; otherwise a new draft about the token in use. What was
    proven in this browser for applying is bound to it. It keeps the policy that is in force now.

    Raises:
        Invalid: this institution has no such kind of applicant (field `applicant`).
        WrongKind: the member is not of this kind, by what is on file: of age or not, a company or a person.
    """
    by = Actor(kind=ActorKind.MEMBER, id=ask.member_id, source=ask.source)
    with desk.uow as uow:
        case = uow.cases.first(member_id=ask.member_id, state=Among(OPEN), order="-opened_at")
        if case is not None and case.state is not CaseState.REPORTED:
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
            )
        else:
            tokens = live_tokens(uow, ask.member_id)
            token_id = tokens[0].id if tokens else None
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
            try:
                open_case(case, desk=desk, by=by)
            except Taken:  # a second press was faster: done again, this finds what the first one opened
                raise Moved("the application was opened meanwhile") from None
        bind_proofs(case.id, uow.members.get(ask.member_id), ask.browser, desk=desk)
        uow.commit()
    return case
