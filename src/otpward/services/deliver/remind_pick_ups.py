"""Whoever has not collected their device is reminded of it, once, while there is time."""

from dataclasses import replace
from uuid import UUID

from otpward.clerk.notices import tell
from otpward.core.lifecycle.others import PickUpState
from otpward.core.policy.notices import NoticeKind, short_date
from otpward.core.policy.pick_ups import REMIND_BEFORE, reminder_at
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import Before

_AT_A_TIME = 200


def remind_pick_ups(*, desk: Desk) -> list[UUID]:
    """Tell the members whose last day is near; the pick-ups they were told of."""
    told: list[UUID] = []
    with desk.uow as uow:
        near = Before(desk.now + REMIND_BEFORE)
        for pick_up in uow.pick_ups.find(
            state=PickUpState.READY, reminded_at=None, until=near, order="until", limit=_AT_A_TIME
        ):
            if desk.now >= pick_up.until or desk.now < reminder_at(pick_up.ready_at or desk.now, pick_up.until):
                continue
            uow.pick_ups.save(replace(pick_up, reminded_at=desk.now))
            member = uow.members.get(pick_up.member_id)
            branch = uow.branches.get(pick_up.branch_id).name(member.language)
            date = short_date(pick_up.until, member.language)
            tell(member, NoticeKind.PICK_UP_REMINDER, desk=desk, case_id=pick_up.case_id, branch=branch, date=date)
            told.append(pick_up.id)
        uow.commit()
    return told
