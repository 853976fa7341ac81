"""The member applies as another kind of applicant than they began as."""

from dataclasses import dataclass, replace
from typing import ClassVar

from otpward.clerk.changes import change_of_kind, erase_unasked
from otpward.clerk.documents import papers_of
from otpward.clerk.policy import policy_of
from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.errors import Conflict, Invalid
from otpward.core.ids import CaseId, MemberId
from otpward.core.lifecycle.case import CaseState
from otpward.core.model.case import Case
from otpward.core.policy.applicants import WrongKind, misfit_of
from otpward.core.policy.versions import day_of
from otpward.ports.desk import Desk
from otpward.services.apply.save_application import NotWritable, own_case


class MoreGoes(Conflict):
    """Something else would go than what the member agreed to; it is to be said first."""

    code: ClassVar[str] = "more_goes"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeApplicant:
    """As which kind from now on. `agreed` is what the member was told would go (`Change.print`)."""

    case_id: CaseId
    member_id: MemberId
    applicant: str
    agreed: str
    source: str


def change_applicant(ask: ChangeApplicant, *, desk: Desk) -> Case:
    """The draft as this kind; what was given for the old one and is no longer asked for is dropped, and its pictures erased at
    once. The policy that it began under stays, and so do the proofs: it is the same member.

    Raises:
        NotFound: not this member's case.
        NotWritable: it was sent already.
        Invalid: the policy that it began under offers no such kind (field `applicant`).
        WrongKind: the member is not of this kind, by what is on file.
        MoreGoes: something would be dropped that the member was not told of.
    """
    by = Actor(kind=ActorKind.MEMBER, id=ask.member_id, source=ask.source)
    with desk.uow as uow:
        case = own_case(ask.case_id, ask.member_id, desk=desk)
        if case.state is not CaseState.DRAFT:
            raise NotWritable(f"case {case.number} is {case.state}")
        policy = policy_of(case, uow=uow, now=desk.now)
        if ask.applicant not in {one.name for one in policy.offered_kinds}:
            raise Invalid("no such kind of applicant", field="applicant")
        misfit = misfit_of(policy.kinds[ask.applicant], uow.members.get(ask.member_id).birth_date.reveal(), day_of(desk.now))
        if misfit is not None:
            raise WrongKind(misfit)
        if ask.applicant == case.applicant:
            return case
        change = change_of_kind(case, ask.applicant, uow=uow, now=desk.now)
        if change.print != ask.agreed:
            raise MoreGoes("something else would be dropped than was said")
        erase_unasked(change.after, desk=desk, by=by)
        saved = uow.cases.save(replace(change.after, documents=papers_of(change.after, uow=uow, now=desk.now)))
        uow.audit.append(
            AuditEvent.CASE_SAVED,
            saved,
            by=by,
            at=desk.now,
            institution_id=saved.institution_id,
            case_id=saved.id,
            result=saved.applicant,
        )
        uow.commit()
    return saved
