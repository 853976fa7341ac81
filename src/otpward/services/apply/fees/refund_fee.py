"""What was paid is given back, whole or in part."""

from dataclasses import dataclass

from otpward.clerk.fees import fee_for, move_fee
from otpward.core.errors import Invalid
from otpward.core.ids import CaseId
from otpward.core.lifecycle.fee import FeeEvent, advance_fee
from otpward.core.model.fee import Fee
from otpward.core.model.member import Operator
from otpward.ports.desk import Desk
from otpward.services.apply.fees.waive_fee import given_reason


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFee:
    """The operator gave so much back, and why. `seen_version` is the fee's, as the page showed it."""

    case_id: CaseId
    operator: Operator
    amount_won: int
    why: str
    seen_version: int


def refund_fee(ask: RefundFee, *, desk: Desk) -> Fee:
    """The fee with what was given back; refunded, once nothing of it is left.

    Raises:
        Invalid: not above nothing, or more than is left of the payment (field `amount`); no reason (`why`).
        Denied, StaleFee, IllegalTransition: as for every act on a fee.
    """
    with desk.uow as uow:
        fee = fee_for(uow.cases.get(ask.case_id), ask.seen_version, ask.operator, desk=desk)
        event = FeeEvent.REFUND if ask.amount_won == fee.left_won else FeeEvent.REFUND_PART
        advance_fee(fee.state, event)
        if not 0 < ask.amount_won <= fee.left_won:
            raise Invalid("more than was paid, or nothing", field="amount")
        fee = move_fee(
            fee,
            event,
            desk=desk,
            by=ask.operator.actor,
            refunded_won=fee.refunded_won + ask.amount_won,
            why=given_reason(ask.why),
            refunded_at=desk.now,
            refunded_by=ask.operator.member_id,
        )
        uow.commit()
    return fee
