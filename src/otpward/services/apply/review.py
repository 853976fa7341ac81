"""What is common to the decisions: who may, on which version, and that nobody decides about themselves."""

from dataclasses import dataclass

from otpward.clerk.cases import refuse_stale
from otpward.core.errors import Denied
from otpward.core.ids import CaseId
from otpward.core.model.case import Case
from otpward.core.model.member import Operator
from otpward.core.policy.case_acts import CaseAct, require_act
from otpward.ports.desk import Desk


class OwnRequest(Denied):
    """Nobody decides their own case, nor approves what they themselves put forward where two people are needed."""

    code = "own_request"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """An operator acts on a case as they saw it; `seen_version` None skips the check. The member reads `message`; `reason` is
    for colleagues alone; `item` names a paper, where more is asked for."""

    case_id: CaseId
    operator: Operator
    seen_version: int | None = None
    message: str = ""
    reason: str = ""
    item: str = ""


def case_for(decision: Decision, act: CaseAct, *, desk: Desk) -> Case:
    """The case, if this operator may do this to it now.

    Raises:
        Denied: the role may not; or it is the operator's own case (`OwnRequest`).
        StaleCase: it changed since it was shown.
    """
    case = desk.uow.cases.get(decision.case_id)
    require_act(decision.operator.role, act, case.state)
    if case.member_id == decision.operator.member_id:
        raise OwnRequest("an operator's own case")
    refuse_stale(case, decision.seen_version)
    return case
