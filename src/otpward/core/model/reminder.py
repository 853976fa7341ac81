"""A reminder: that somebody was asked to look at a device, by which link, and what came of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from otpward.core.ids import CaseId, InstitutionId, MemberId, TokenId


class Occasion(StrEnum):
    """Why we wrote."""

    CHECK = "check"
    """The yearly one."""
    EXPIRY = "expiry"
    DRIFT = "drift"
    DORMANT = "dormant"
    RENEWAL = "renewal"
    """A new device will come before the old one ends; the member may say no (전자금융거래법 시행령 §6①)."""
    CAMPAIGN = "campaign"


class Outcome(StrEnum):
    """What came of it."""

    GOOD = "good"
    FIXED = "fixed"
    """Its clock differed, and two numbers set it right."""
    FAILED = "failed"
    """It shows no good number: a case was opened."""
    OBJECTED = "objected"
    UNREACHED = "unreached"
    """There is no address to write to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """One letter to one member about one device. `round` makes it the only one: a member has one per campaign, per stage before
    an end, per year. The link that it carries is kept as a digest, opens nothing but this, and is dead from `until` on.

    While `snoozed_until` is in the future the member wants to be asked again then. `wrong` counts numbers that were refused.
    """

    id: UUID
    institution_id: InstitutionId
    member_id: MemberId
    token_id: TokenId
    occasion: Occasion
    round: str
    campaign_id: UUID | None = None
    link_digest: bytes | None = None
    made_at: datetime
    until: datetime
    wrong: int = 0
    tried_pair: bool = False
    outcome: Outcome | None = None
    answered_at: datetime | None = None
    snoozed_until: datetime | None = None
    case_id: CaseId | None = None
    version: int = 0
