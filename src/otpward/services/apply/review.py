"""What is common to the four decisions: who may, on which version, and that nobody decides about themselves."""

from dataclasses import dataclass

from otpward.clerk.cases import refuse_stale
from otpward.core.errors import Denied
from otpward.core.ids import CaseId
from otpward.core.model.case import Case
from otpward.core.model.member import Operator
from otpward.core.policy.roles import Permission, require
from otpward.ports.desk import Desk


class OwnRequest(Denied):
    """Nobody decides their own case, nor approves what they themselves put forward where two people are needed."""

    code = "own_request"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """An operator acts on a case as they saw it; `seen_version` None skips the check."""

    case_id: CaseId
    operator: Operator
    seen_version: int | None = None
    message: str = ""


def case_for(decision: Decision, permission: Permission, *, desk: Desk) -> Case:
    """The case, if this operator may decide it now.

    Raises:
        Denied: the role may not; or it is the operator's own case (`OwnRequest`).
        StaleCase: it changed since it was shown.
    """
    require(decision.operator.role, permission)
    case = desk.uow.cases.get(decision.case_id)
    if case.member_id == decision.operator.member_id:
        raise OwnRequest("an operator's own case")
    refuse_stale(case, decision.seen_version)
    return case
