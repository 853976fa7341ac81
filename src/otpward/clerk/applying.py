"""Who writes an application, and what its reason can be."""

from typing import Final

from otpward.core.audit import Actor, ActorKind
from otpward.core.ids import MemberId
from otpward.core.lifecycle.token import LOSS_HOLDS
from otpward.core.model.case import Case, Reason
from otpward.core.model.member import Operator
from otpward.ports.unit_of_work import UnitOfWork

_STOPPED: Final = (Reason.LOST, Reason.STOLEN, Reason.MISUSED)


def applicant_actor(member_id: MemberId, source: str, operator: Operator | None) -> Actor:
    """Who writes it: the member, or staff for them."""
    return Actor(kind=ActorKind.MEMBER, id=member_id, source=source) if operator is None else operator.actor


def reasons_for(case: Case, *, uow: UnitOfWork) -> tuple[Reason, ...]:
    """What can be the reason: lost and the like only for an OTP that is stopped, since stopping comes first."""
    if case.report_id is not None:
        return _STOPPED
    if case.old_token_id is None:
        return (Reason.FIRST_ISSUE,)
    stopped = uow.tokens.get(case.old_token_id).holds & LOSS_HOLDS
    return (*(_STOPPED if stopped else ()), Reason.FAULTY, Reason.EXPIRING, Reason.PHONE_CHANGED)
