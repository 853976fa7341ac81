"""What is remembered of how a device has kept: a few readings of its clock, and what they foretell."""

from dataclasses import dataclass
from datetime import date, datetime

from otpward.core.ids import InstitutionId, TokenId


@dataclass(frozen=True, slots=True)
class DriftSample:
    """How many steps the device's clock was ahead when a number of it was taken."""

    at: datetime
    steps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Under the same key as the token: the newest readings, oldest first, and the day from which its clock is forecast to be
    beyond what we follow; None without enough of them."""

    id: TokenId
    institution_id: InstitutionId
    samples: tuple[DriftSample, ...] = ()
    drift_on: date | None = None
    version: int = 0
