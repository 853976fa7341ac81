"""The fee on an application's page: what is due, what has become of it, and who may record more."""

from dataclasses import dataclass

from otpward.clerk.fees import fee_of
from otpward.core.lifecycle.fee import FEE, FeeEvent
from otpward.core.model.fee import Fee, Means
from otpward.core.model.member import Operator
from otpward.core.policy.roles import Permission
from otpward.edges.http.badges import Badge
from otpward.edges.http.console.case_view import CaseView
from otpward.edges.http.console.door import allowed
from otpward.edges.http.fee_words import MEANS, fee_badge
from otpward.edges.http.front import Visit
from otpward.ports.unit_of_work import UnitOfWork
from otpward.services.apply.fees.waive_fee import WHY_LONGEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One fee, as an operator sees it. `waived_by_rule` is the policy's own reason, in words."""

    fee: Fee
    badge: Badge
    means: str
    settled_by: str
    refunded_by: str
    waived_by_rule: str
    may_settle: bool
    may_refund: bool
    ways: list[dict[str, str]]
    why_longest: int = WHY_LONGEST


def fee_panel(visit: Visit, view: CaseView, operator: Operator) -> Panel | None:
    """The panel; None where the application costs nothing."""
    return visit.look(lambda uow: _panel(view, operator, uow, visit))


def _panel(view: CaseView, operator: Operator, uow: UnitOfWork, visit: Visit) -> Panel | None:
    case = view.case
    fee = fee_of(case, uow=uow)
    if fee is None:
        return None
    words, here = visit.words, operator.branch_id in {None, case.branch_id} or case.branch_id is None
    may = allowed(operator, Permission.TAKE_FEES) and here and case.member_id != operator.member_id
    return Panel(
        fee=fee,
        badge=fee_badge(fee, words),
        means=words._(MEANS[fee.means]) if fee.means else "",
        settled_by=_name(fee.settled_by, uow),
        refunded_by=_name(fee.refunded_by, uow),
        waived_by_rule=next((one.title.text(visit.lang) for one in view.policy.waivers if one.name == fee.waiver), fee.waiver),
        may_settle=may and FeeEvent.PAY in FEE[fee.state],
        may_refund=may and FeeEvent.REFUND in FEE[fee.state],
        ways=[{"value": one.value, "label": words._(MEANS[one])} for one in Means],
    )


def _name(member_id: object, uow: UnitOfWork) -> str:
    member = uow.members.first(id=member_id) if member_id is not None else None
    return member.name.reveal() if member is not None else ""
