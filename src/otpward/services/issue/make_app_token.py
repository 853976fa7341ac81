"""An operator lets an approved case have its app token."""

from dataclasses import dataclass

from otpward.clerk.app_tokens import make_app
from otpward.clerk.fees import refuse_unpaid
from otpward.core.errors import Invalid
from otpward.core.ids import CaseId
from otpward.core.model.case import Case, Delivery
from otpward.core.model.member import Operator
from otpward.core.policy.roles import Permission, require
from otpward.ports.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeAppToken:
    """An operator lets an approved case have its app token."""

    case_id: CaseId
    operator: Operator


def make_app_token(ask: MakeAppToken, *, desk: Desk) -> Case:
    """The case with a new app token, ready to be registered.

    Raises:
        Invalid: the case wants a device, not an app.
        FeeDue: its fee is neither paid nor waived.
        Denied, IllegalTransition: not this role, not in this state.
    """
    require(ask.operator.role, Permission.ISSUE)
    with desk.uow as uow:
        case = uow.cases.get(ask.case_id)
        if case.delivery is not Delivery.APP:
            raise Invalid("this application is for a device")
        refuse_unpaid(case, desk=desk)
        case = make_app(case, desk=desk, by=ask.operator.actor)
        uow.commit()
    return case
