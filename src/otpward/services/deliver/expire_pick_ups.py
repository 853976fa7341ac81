"""What was not collected in time goes back to the shelf, and its case ends."""

from dataclasses import replace
from uuid import UUID

from otpward.clerk.cases import move_case
from otpward.clerk.notices import tell
from otpward.clerk.tokens import move_token
from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.lifecycle.case import OPEN, CaseEvent
from otpward.core.lifecycle.others import PickUpEvent, PickUpState, advance_pick_up
from otpward.core.lifecycle.token import TokenEvent, TokenState
from otpward.core.policy.notices import NoticeKind
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import Before

_BY = Actor(kind=ActorKind.SYSTEM, source="deadline")
_AT_A_TIME = 200


def expire_pick_ups(*, desk: Desk) -> list[UUID]:
    """End every pick-up whose deadline has passed; the cases that ended with them."""
    ended: list[UUID] = []
    with desk.uow as uow:
        for pick_up in uow.pick_ups.find(state=PickUpState.READY, until=Before(desk.now), limit=_AT_A_TIME):
            uow.pick_ups.save(replace(pick_up, state=advance_pick_up(pick_up.state, PickUpEvent.EXPIRE)))
            token = uow.tokens.get(pick_up.token_id)
            if token.state is TokenState.RESERVED:
                event, written = TokenEvent.RELEASE, AuditEvent.TOKEN_RELEASED
                move_token(token, event, written, desk=desk, by=_BY, case_id=pick_up.case_id)
                uow.devices.save(replace(uow.devices.get(token.id), case_id=None))
            uow.audit.append(
                AuditEvent.PICKUP_EXPIRED,
                pick_up,
                by=_BY,
                at=desk.now,
                institution_id=pick_up.institution_id,
                case_id=pick_up.case_id,
            )
            case = uow.cases.get(pick_up.case_id)
            if case.state in OPEN:
                move_case(case, CaseEvent.EXPIRE, desk=desk, by=_BY)
                member = uow.members.get(case.member_id)
                tell(member, NoticeKind.PICK_UP_EXPIRED, desk=desk, case_id=case.id, number=case.number)
                ended.append(case.id)
        uow.commit()
    return ended
