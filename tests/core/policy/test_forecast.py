"""What devices foretell, held against devices whose clock we know."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from otpward.core.model.health import DriftSample
from otpward.core.oath.hotp import hotp
from otpward.core.oath.judge import STANDARD, Match, TokenFacts, judge, resync
from otpward.core.oath.model import Parameters, TokenKind
from otpward.core.policy.forecast import (
    SAMPLES_KEPT,
    Cause,
    Life,
    Rest,
    battery_on,
    drift_of,
    forecast,
    rest_of,
    with_sample,
)
from otpward.core.secret import Secret

BEGAN = datetime(2026, 1, 5, 1, tzinfo=UTC)
SEED = Secret(b"12345678901234567890")
TOTP = Parameters(kind=TokenKind.TOTP, period_s=30)


def readings(seconds_per_day: float, days: int, every: int, chance: random.Random) -> tuple[DriftSample, ...]:
    """What is kept of a device with such a clock, which its holder uses about so often and types within fifteen seconds. Codes
    are judged as the product judges them; where one is not enough, the holder types two."""
    high, learned, kept = -1, 0, tuple[DriftSample, ...]()
    for day in range(0, days, every):
        shown_at = BEGAN + timedelta(days=day, seconds=chance.randrange(36_000))
        ahead = seconds_per_day * (shown_at - BEGAN) / timedelta(days=1)
        step = int((shown_at.timestamp() + ahead) // 30)
        now = shown_at + timedelta(seconds=chance.randrange(1, 15))
        facts = TokenFacts(parameters=TOTP, seed=SEED, high_water=high, drift_steps=learned)
        found = judge(facts, hotp(SEED, step), now=now)
        if not isinstance(found, Match):
            found = resync(facts, hotp(SEED, step), hotp(SEED, step + 1), now=now + timedelta(seconds=30))
        if isinstance(found, Match):
            high, learned = found.position, found.drift_steps
            kept = with_sample(kept, DriftSample(now, learned)) or kept
    return kept


@settings(max_examples=60, deadline=None)
@given(
    rate=st.floats(0.4, 2.0) | st.floats(-2.0, -0.4),
    share=st.floats(0.5, 0.9),
    every=st.integers(2, 10),
    seed=st.integers(0, 2**32),
)
def test_a_steady_clock_is_foretold(rate: float, share: float, every: int, seed: int) -> None:
    edge_s = (STANDARD.drift_cap_steps + 1) * 30
    whole = edge_s / abs(rate)
    foretold = drift_of(readings(rate, int(whole * share), every, random.Random(seed)))
    assert foretold is not None
    assert foretold.leaves_on is not None
    truly = (BEGAN + timedelta(days=whole)).date()
    assert abs((foretold.leaves_on - truly).days) <= max(21, 0.2 * whole)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32), every=st.integers(2, 20))
def test_a_good_clock_is_never_given_an_end_soon(seed: int, every: int) -> None:
    kept = readings(0.01, 500, every, random.Random(seed))
    foretold = drift_of(kept)
    assert foretold is None or foretold.leaves_on is None or foretold.leaves_on > date(2029, 1, 1)


def at(day: float) -> datetime:
    return BEGAN + timedelta(days=day)


@pytest.mark.parametrize(
    "pairs",
    [
        pytest.param([], id="none"),
        pytest.param([(0, 0), (100, 3), (200, 6)], id="three"),
        pytest.param([(0, 0), (1, 1), (2, 2), (3, 3), (4, 4)], id="five-days"),
        pytest.param([(0, -9), (30, 9), (60, -8), (90, 10), (120, -9)], id="to-and-fro"),
    ],
)
def test_without_data_that_agree_there_is_no_forecast(pairs: list[tuple[int, int]]) -> None:
    assert drift_of([DriftSample(at(day), steps) for day, steps in pairs]) is None


def test_a_clock_that_is_gone_already_is_gone_today_and_not_in_the_past() -> None:
    gone = drift_of([DriftSample(at(day), day // 10) for day in range(0, 200, 20)])
    assert gone is not None
    assert gone.leaves_on == at(180).date()
    assert gone.idle_days == 15


def test_few_readings_are_kept_and_the_first_among_them() -> None:
    kept = tuple[DriftSample, ...]()
    for week in range(60):
        kept = with_sample(kept, DriftSample(at(7 * week), week // 6)) or kept
    assert len(kept) == SAMPLES_KEPT
    assert kept[0].at == at(0)
    assert kept[-1].at == at(7 * 59)


def test_a_reading_that_says_nothing_new_is_left_out() -> None:
    kept = with_sample((), DriftSample(at(0), 2))
    assert kept is not None
    assert with_sample(kept, DriftSample(at(3), 2)) is None
    assert with_sample(kept, DriftSample(at(0), 5)) is None
    assert with_sample(kept, DriftSample(at(3), 3)) == (*kept, DriftSample(at(3), 3))


TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("printed", "first", "used", "life", "day"),
    [
        pytest.param(None, date(2025, 1, 1), 100, Life(), None, id="nothing-known"),
        pytest.param(date(2027, 5, 1), None, 0, Life(battery_months=36), date(2027, 5, 1), id="printed"),
        pytest.param(None, date(2024, 2, 29), 0, Life(battery_months=36), date(2027, 2, 28), id="model"),
        pytest.param(None, None, 0, Life(battery_months=36), None, id="never-used"),
        pytest.param(None, date(2025, 11, 23), 7300, Life(battery_uses=14600), date(2027, 11, 23), id="uses"),
        pytest.param(
            None, date(2025, 11, 23), 7300, Life(battery_months=18, battery_uses=14600), date(2027, 5, 23), id="first-of-two"
        ),
        pytest.param(None, date(2025, 11, 23), 0, Life(battery_uses=14600), None, id="no-use"),
        pytest.param(None, TODAY, 20000, Life(battery_uses=14600), TODAY, id="used-up"),
    ],
)
def test_a_battery_is_foretold_by_what_is_known(
    printed: date | None, first: date | None, used: int, life: Life, day: date | None
) -> None:
    assert battery_on(printed, first_used=first, used=used, today=TODAY, life=life) == day


def test_the_first_cause_counts() -> None:
    told = forecast(expires_on=date(2027, 3, 1), battery=None, drift_on=date(2027, 1, 9))
    assert told.first == (Cause.DRIFT, date(2027, 1, 9))
    assert forecast(expires_on=None, battery=None, drift_on=None).first is None


@pytest.mark.parametrize(
    ("used", "live", "months", "rest"),
    [
        pytest.param("2026-01-24", "2024-01-01", 12, Rest.AWAKE, id="just-under-ten-months"),
        pytest.param("2026-01-23", "2024-01-01", 12, Rest.SOON, id="ten-months"),
        pytest.param("2025-11-23", "2024-01-01", 12, Rest.NOW, id="twelve-months"),
        pytest.param(None, "2025-11-23", 12, Rest.NOW, id="never-used"),
        pytest.param("2024-01-01", "2026-11-01", 12, Rest.AWAKE, id="registered-anew"),
        pytest.param("2026-10-24", "2024-01-01", 1, Rest.AWAKE, id="one-month-has-no-notice"),
    ],
)
def test_what_is_not_used_rests(used: str | None, live: str, months: int, rest: Rest) -> None:
    now = datetime(2026, 11, 23, 3, tzinfo=UTC)
    used_at = None if used is None else datetime.fromisoformat(used).replace(hour=3, tzinfo=UTC)
    live_at = datetime.fromisoformat(live).replace(hour=3, tzinfo=UTC)
    assert rest_of(used_at=used_at, live_at=live_at, dormant_months=months, now=now) is rest
