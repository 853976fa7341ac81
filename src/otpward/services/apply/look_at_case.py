"""Colleagues see who has an application before them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from otpward.core.errors import Taken
from otpward.core.ids import CaseId, InstitutionId
from otpward.core.model.member import Operator
from otpward.core.model.review import CaseLook
from otpward.core.policy.rates import LOOK_LIFE
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import UnitOfWork

_AGAIN: Final = timedelta(seconds=15)
"""A page that is loaded again within this time is the same look: most page views write nothing."""


def who_looks(case_id: CaseId, operator: Operator, *, uow: UnitOfWork, now: datetime) -> tuple[Sequence[CaseLook], bool]:
    """The others who looked in the last minute, the latest first; and whether this operator's look is to be written down."""
    looks = uow.looks.find(case_id=case_id, order="-at")
    others = [look for look in looks if look.operator_id != operator.member_id and look.at > now - LOOK_LIFE]
    mine = next((look for look in looks if look.operator_id == operator.member_id), None)
    return others, mine is None or mine.at <= now - _AGAIN


def look_at_case(institution_id: InstitutionId, case_id: CaseId, operator: Operator, *, desk: Desk) -> None:
    """This operator looks at it now."""
    with desk.uow as uow:
        mine = uow.looks.first(case_id=case_id, operator_id=operator.member_id)
        if mine is not None:
            uow.looks.save(replace(mine, at=desk.now))
        else:
            look = CaseLook(
                id=desk.new_id(),
                institution_id=institution_id,
                case_id=case_id,
                operator_id=operator.member_id,
                at=desk.now,
            )
            try:
                uow.looks.add(look)
            except Taken:
                return  # the same operator in another tab, at the same moment
        uow.commit()
