"""An application of which more was asked, and nobody answered in time, ends; the member is told."""

from collections.abc import Sequence
from uuid import UUID

from otpward.clerk.cases import move_case
from otpward.clerk.notices import tell
from otpward.core.audit import Actor, ActorKind
from otpward.core.lifecycle.case import CaseEvent, CaseState
from otpward.core.policy.notices import NoticeKind
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import Before

_BY = Actor(kind=ActorKind.SYSTEM, source="deadline")
_AT_A_TIME = 200


def expire_unanswered(*, desk: Desk) -> Sequence[UUID]:
    """End every application whose member was asked and let the day pass; those that ended."""
    with desk.uow as uow:
        overdue = uow.cases.find(state=CaseState.MORE_NEEDED, deadline_at=Before(desk.now), limit=_AT_A_TIME)
        for case in overdue:
            move_case(case, CaseEvent.EXPIRE, desk=desk, by=_BY)
            member = uow.members.get(case.member_id)
            tell(member, NoticeKind.CASE_EXPIRED, desk=desk, case_id=case.id, number=case.number)
        uow.commit()
    return [case.id for case in overdue]
