"""What an application costs its member, and what has become of it. No money moves here: others take it, this records it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from otpward.core.ids import CaseId, InstitutionId, MemberId
from otpward.core.lifecycle.fee import FeeState
from otpward.core.secret import NOTHING, Personal


class Means(StrEnum):
    """How it was paid."""

    CASH = "cash"
    CARD = "card"
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """The fee of one case. `amount_won` is what the policy asked when the application was sent, and stays.

    `waiver` names the policy's own reason not to ask it, `why` is staff's, for a waiver as for what was given back.
    `reference` is the number on the receipt or the transfer, never that of a card.
    """

    id: UUID
    institution_id: InstitutionId
    case_id: CaseId
    member_id: MemberId
    state: FeeState
    amount_won: int
    refunded_won: int = 0
    waiver: str = ""
    why: Personal = NOTHING
    means: Means | None = None
    reference: str = ""
    due_at: datetime
    settled_at: datetime | None = None
    settled_by: MemberId | None = None
    refunded_at: datetime | None = None
    refunded_by: MemberId | None = None
    version: int = 0

    @property
    def left_won(self) -> int:
        """What of a payment has not been given back."""
        return self.amount_won - self.refunded_won
