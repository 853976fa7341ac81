"""An operator drops a view of the queue."""

from dataclasses import replace
from uuid import UUID

from otpward.core.errors import NotFound
from otpward.core.model.member import Operator
from otpward.ports.desk import Desk


def drop_view(operator: Operator, view_id: UUID, *, desk: Desk) -> None:
    """It is gone; raises `NotFound` for another's."""
    with desk.uow as uow:
        view = uow.saved_views.get(view_id)
        if view.operator_id != operator.member_id:
            raise NotFound("not a view of this operator")
        uow.saved_views.save(replace(view, first=False, dropped=True))
        uow.commit()
