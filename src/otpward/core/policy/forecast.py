"""What a device foretells: when it ends, when its battery gives out, when its clock is beyond what we follow, when it rests.

Each forecast is a day, or None: without data, or with data that contradict themselves, there is no forecast, and nobody is told
one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from math import sqrt
from typing import Final

from otpward.core.model.health import DriftSample
from otpward.core.oath.judge import STANDARD, Window
from otpward.core.policy.renewal import months_before
from otpward.core.policy.versions import day_of

SAMPLES_KEPT: Final = 24
SAMPLES_APART: Final = timedelta(days=7)
"""A reading that says the same as the one before it is worth keeping once a week."""
FEWEST: Final = 4
SHORTEST: Final = timedelta(days=60)
"""Over less than this, what a reading cannot tell (half a step to either side) is more than what most clocks do."""
SURE_TIMES: Final = 3.0
"""A slope is believed when it is so many times its own uncertainty."""
FARTHEST: Final = timedelta(days=10 * 365)
"""Beyond this the battery decides, not the clock."""
_QUANTUM_STEPS: Final = 0.29
"""The standard deviation of a reading that knows no more than its step (1/√12)."""
NOTICE_MONTHS: Final = 2
"""A device that will rest is announced so long before: at ten months, where it rests at twelve."""


class Cause(StrEnum):
    """What ends a device first."""

    EXPIRY = "expiry"
    BATTERY = "battery"
    DRIFT = "drift"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """How a clock goes: `steps_per_day` fast (or slow, below zero), and the day from which it is beyond what is followed; None
    if that is not in sight."""

    steps_per_day: float
    leaves_on: date | None

    @property
    def idle_days(self) -> int | None:
        """After how many days without use one number no longer finds it; None if in no time that matters."""
        if not self.steps_per_day:
            return None
        days = (STANDARD.after_steps + 0.5) / abs(self.steps_per_day)
        return int(days) if days < FARTHEST.days else None


def drift_of(samples: Sequence[DriftSample], *, window: Window = STANDARD) -> Drift | None:
    """A line through the readings (least squares). None: too few, over too short a time, or too scattered to tell.

    A clock is followed step by step from use to use (RFC 6238 §6), but only up to the cap of what is learned; beyond it, and
    the window around it, every number is refused.
    """
    if len(samples) < FEWEST or samples[-1].at - samples[0].at < SHORTEST:
        return None
    days = [(one.at - samples[0].at) / timedelta(days=1) for one in samples]
    steps = [float(one.steps) for one in samples]
    mean_x, mean_y = sum(days) / len(days), sum(steps) / len(steps)
    spread = sum((x - mean_x) ** 2 for x in days)
    if not spread:
        return None
    slope = sum((x - mean_x) * (y - mean_y) for x, y in zip(days, steps, strict=True)) / spread
    misses = sum((y - mean_y - slope * (x - mean_x)) ** 2 for x, y in zip(days, steps, strict=True))
    scatter = max(sqrt(misses / (len(days) - 2)), _QUANTUM_STEPS)
    unsure = scatter / sqrt(spread)
    if abs(slope) < SURE_TIMES * unsure:
        # Nothing to be seen: good news over a long time, no news over a short one.
        return Drift(steps_per_day=0.0, leaves_on=None) if scatter < 1 and _is_flat(unsure, window) else None
    edge = window.drift_cap_steps + (window.after_steps if slope > 0 else window.before_steps)
    here = mean_y + slope * (days[-1] - mean_x)
    left = max(0.0, (edge - here) / slope if slope > 0 else (-edge - here) / slope)
    on = None if left > FARTHEST.days else day_of(samples[-1].at + timedelta(days=left))
    return Drift(steps_per_day=slope, leaves_on=on)


def _is_flat(unsure: float, window: Window) -> bool:
    """Whether even the steepest line that fits stays inside for as long as anybody asks."""
    return SURE_TIMES * unsure * FARTHEST.days / 5 < window.drift_cap_steps


def with_sample(samples: Sequence[DriftSample], new: DriftSample) -> tuple[DriftSample, ...] | None:
    """The readings with this one, or None if it says nothing new. The first is kept with the newest: the longer the line, the
    better it tells. A device that was set right begins anew."""
    last = samples[-1] if samples else None
    if last is not None and (new.at <= last.at or (new.steps == last.steps and new.at - last.at < SAMPLES_APART)):
        return None
    kept = (*samples, new)
    return kept if len(kept) <= SAMPLES_KEPT else (kept[0], *kept[-(SAMPLES_KEPT - 1) :])


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What is known of how long a model lives: its battery in months, and in numbers shown where it shows them on demand."""

    battery_months: int | None = None
    battery_uses: int | None = None


_UNKNOWN: Final = Life()


def battery_on(
    printed: date | None, *, first_used: date | None, used: int = 0, today: date, life: Life = _UNKNOWN
) -> date | None:
    """When the battery is expected to give out: by what its maker says of this device, else of its model since first use; for a
    device that counts, by its use so far too, whichever is first."""
    found = [] if printed is None else [printed]
    if not found and life.battery_months is not None and first_used is not None:
        found.append(months_before(first_used, -life.battery_months))
    if life.battery_uses is not None and first_used is not None and used > 0:
        a_day = used / max(1, (today - first_used).days)
        left = max(0.0, (life.battery_uses - used) / a_day)
        if left <= FARTHEST.days:
            found.append(today + timedelta(days=int(left)))
    return min(found, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """The days on which a device ends, by cause."""

    days: tuple[tuple[Cause, date], ...] = ()

    @property
    def first(self) -> tuple[Cause, date] | None:
        """What ends it first; None without any forecast."""
        return min(self.days, key=lambda one: one[1], default=None)


def forecast(*, expires_on: date | None, battery: date | None, drift_on: date | None) -> Forecast:
    """What is known, put together."""
    every = ((Cause.EXPIRY, expires_on), (Cause.BATTERY, battery), (Cause.DRIFT, drift_on))
    return Forecast(days=tuple((cause, day) for cause, day in every if day is not None))


class Rest(StrEnum):
    """How a device that is not used stands."""

    AWAKE = "awake"
    SOON = "soon"
    """Its holder is told."""
    NOW = "now"
    """It is stopped until its holder shows who they are and one number."""


def rest_of(*, used_at: datetime | None, live_at: datetime, dormant_months: int, now: datetime) -> Rest:
    """Whether it was used lately; what was never used counts from the day it could be."""
    since = max(used_at, live_at) if used_at is not None else live_at
    today, last = day_of(now), day_of(since)
    if last <= months_before(today, dormant_months):
        return Rest.NOW
    soon = max(1, dormant_months - NOTICE_MONTHS)
    return Rest.SOON if soon < dormant_months and last <= months_before(today, soon) else Rest.AWAKE
