"""A draft that nobody went on with ends; what was stopped stays stopped."""

from collections.abc import Sequence
from uuid import UUID

from otpward.clerk.cases import move_case
from otpward.core.audit import Actor, ActorKind
from otpward.core.lifecycle.case import CaseEvent, CaseState
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import Before

_BY = Actor(kind=ActorKind.SYSTEM, source="deadline")
_AT_A_TIME = 200


def expire_drafts(*, desk: Desk) -> Sequence[UUID]:
    """End every draft whose deadline has passed; the cases that ended."""
    with desk.uow as uow:
        overdue = uow.cases.find(state=CaseState.DRAFT, deadline_at=Before(desk.now), limit=_AT_A_TIME)
        ended = [move_case(case, CaseEvent.EXPIRE, desk=desk, by=_BY).id for case in overdue]
        uow.commit()
    return ended
