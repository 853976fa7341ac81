"""An operator says whether single keys do something on their pages."""

from dataclasses import replace

from otpward.core.errors import NotFound
from otpward.core.model.member import Operator, SingleKeys, Staff
from otpward.ports.desk import Desk


def set_keys(operator: Operator, keys: SingleKeys, *, desk: Desk) -> Staff:
    """It is as they say from the next page on (WCAG 2.2, 2.1.4); raises `NotFound`."""
    with desk.uow as uow:
        staff = uow.staff.first(member_id=operator.member_id, ended_at=None)
        if staff is None:
            raise NotFound("nobody who works here")
        saved = uow.staff.save(replace(staff, keys=keys))
        uow.commit()
    return saved
