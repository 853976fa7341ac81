"""A fee was paid, and how."""

import re
from dataclasses import dataclass
from typing import Final

from otpward.clerk.fees import fee_for, move_fee
from otpward.core.errors import Invalid
from otpward.core.ids import CaseId
from otpward.core.lifecycle.fee import FeeEvent
from otpward.core.model.fee import Fee, Means
from otpward.core.model.member import Operator
from otpward.ports.desk import Desk

_LONGEST: Final = 60
_CARD_NUMBER: Final = re.compile(r"(?:\d[ -]?){13,19}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PayFee:
    """The operator took the whole fee, or saw that it came. `seen_version` is the fee's, as the page showed it."""

    case_id: CaseId
    operator: Operator
    means: Means | None
    reference: str
    seen_version: int


def pay_fee(ask: PayFee, *, desk: Desk) -> Fee:
    """The fee, paid.

    Raises:
        Invalid: how is open (field `means`); a card payment or a transfer without the number of its receipt, a longer one, or
            one that could be the number of a card, which must not be kept here (`reference`).
        Denied, StaleFee, IllegalTransition: as for every act on a fee.
    """
    with desk.uow as uow:
        fee = fee_for(uow.cases.get(ask.case_id), ask.seen_version, ask.operator, desk=desk)
        if ask.means is None:
            raise Invalid("how it was paid is open", field="means")
        reference = _reference(ask.reference, ask.means)
        fee = move_fee(
            fee,
            FeeEvent.PAY,
            desk=desk,
            by=ask.operator.actor,
            means=ask.means,
            reference=reference,
            settled_at=desk.now,
            settled_by=ask.operator.member_id,
        )
        uow.commit()
    return fee


def _reference(typed: str, means: Means) -> str:
    reference = " ".join(typed.split())
    if len(reference) > _LONGEST or (not reference and means is not Means.CASH):
        raise Invalid("no number of a receipt", field="reference")
    for found in _CARD_NUMBER.findall(reference):
        if _is_card(found):
            raise Invalid("the number of a card", field="reference")
    return reference


def _is_card(text: str) -> bool:
    """Whether its last digit checks as on payment cards (ISO/IEC 7812-1 annex B)."""
    digits = [int(letter) for letter in reversed(text) if letter.isdigit()]
    doubled = sum(digit if place % 2 == 0 else sum(divmod(2 * digit, 10)) for place, digit in enumerate(digits))
    return doubled % 10 == 0
