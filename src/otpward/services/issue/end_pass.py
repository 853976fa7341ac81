"""A temporary pass is taken back: it was lost, or is needed no more."""

from dataclasses import dataclass

from otpward.clerk.passes import end_passes_of_case
from otpward.core.ids import CaseId
from otpward.core.model.member import Operator
from otpward.core.policy.roles import Permission, require
from otpward.ports.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class EndPass:
    """Of which case, and on whose word."""

    case_id: CaseId
    operator: Operator


def end_pass(ask: EndPass, *, desk: Desk) -> None:
    """No number of it is good from this moment; a second time nothing changes. Whoever may stop a token may do this.

    Raises:
        Denied: not this role.
    """
    require(ask.operator.role, Permission.STOP_TOKEN)
    with desk.uow as uow:
        uow.cases.get(ask.case_id)
        end_passes_of_case(ask.case_id, "taken_back", desk=desk, by=ask.operator.actor)
        uow.commit()
