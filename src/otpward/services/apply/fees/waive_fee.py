"""A fee is not asked, for a reason that a person answers for."""

from dataclasses import dataclass
from typing import Final

from otpward.clerk.fees import fee_for, move_fee
from otpward.core.errors import Invalid
from otpward.core.ids import CaseId
from otpward.core.lifecycle.fee import FeeEvent
from otpward.core.model.fee import Fee
from otpward.core.model.member import Operator
from otpward.core.secret import Personal
from otpward.ports.desk import Desk

WHY_LONGEST: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiveFee:
    """The operator waives the whole fee. `seen_version` is the fee's, as the page showed it."""

    case_id: CaseId
    operator: Operator
    why: str
    seen_version: int


def waive_fee(ask: WaiveFee, *, desk: Desk) -> Fee:
    """The fee, waived, with the reason and by whom.

    Raises:
        Invalid: no reason (field `why`).
        Denied, StaleFee, IllegalTransition: as for every act on a fee.
    """
    with desk.uow as uow:
        fee = fee_for(uow.cases.get(ask.case_id), ask.seen_version, ask.operator, desk=desk)
        fee = move_fee(
            fee,
            FeeEvent.WAIVE,
            desk=desk,
            by=ask.operator.actor,
            why=given_reason(ask.why),
            settled_at=desk.now,
            settled_by=ask.operator.member_id,
        )
        uow.commit()
    return fee


def given_reason(typed: str) -> Personal:
    """The reason; raises `Invalid` without one (field `why`)."""
    why = " ".join(typed.split())
    if not why or len(why) > WHY_LONGEST:
        raise Invalid("no reason", field="why")
    return Personal(why)
