"""A loss report (분실 신고)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from otpward.core.ids import CaseId, InstitutionId, MemberId, ReportId
from otpward.core.secret import Personal


class LossKind(StrEnum):
    """What happened to the device."""

    LOST = "lost"
    STOLEN = "stolen"
    MISUSED = "misused"


@dataclass(frozen=True, slots=True, kw_only=True)
class LossReport:
    """A report, matched or not. `reported_at` is the server's time of receipt, which decides who bears a loss
    (전자금융거래법 §10①).

    `browser` is the digest of the cookie that may see the receipt for 30 days; `once` makes a double press one report.
    """

    id: ReportId
    institution_id: InstitutionId
    number: str
    kind: LossKind
    phone_lost: bool
    reported_at: datetime
    browser: bytes
    once: str
    phone_tail: Personal
    member_id: MemberId | None = None
    case_id: CaseId | None = None
    lifted_at: datetime | None = None
    version: int = 0
