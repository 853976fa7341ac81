from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otpward.core.errors import Invalid
from otpward.core.oath.hotp import hotp
from otpward.core.oath.judge import (
    STANDARD,
    STRICT,
    Match,
    Replayed,
    ResyncNeeded,
    TokenFacts,
    Window,
    Wrong,
    judge,
    resync,
)
from otpward.core.oath.model import Parameters, TokenKind
from otpward.core.oath.totp import time_step
from otpward.core.secret import Secret

SEED = Secret(b"12345678901234567890")
NOW = datetime(2026, 11, 23, 9, 0, 15, tzinfo=UTC)
STEP = time_step(NOW, 30)
HOTP = TokenFacts(parameters=Parameters(kind=TokenKind.HOTP), seed=SEED, high_water=99)
TOTP = TokenFacts(parameters=Parameters(kind=TokenKind.TOTP, period_s=30), seed=SEED)


def code_at(position: int) -> str:
    return hotp(SEED, position)


def wrong_for(positions: range) -> str:
    """A code that none of `positions` has."""
    taken = {code_at(position) for position in positions if position >= 0}
    return next(code for code in map("{:06d}".format, range(10**6)) if code not in taken)


@pytest.mark.parametrize("position", [100, 105, 110])
def test_a_counter_code_within_the_look_ahead_is_good(position: int) -> None:
    assert judge(HOTP, code_at(position), now=NOW) == Match(position=position, drift_steps=0)


@pytest.mark.parametrize("position", [99, 95, 89])
def test_a_used_counter_code_is_replayed(position: int) -> None:
    assert judge(HOTP, code_at(position), now=NOW) == Replayed(position=position)


@pytest.mark.parametrize("position", [111, 200])
def test_a_counter_code_far_ahead_needs_a_resync(position: int) -> None:
    assert judge(HOTP, code_at(position), now=NOW) == ResyncNeeded()


@pytest.mark.parametrize("position", [201, 88])
def test_a_counter_code_beyond_every_range_is_wrong(position: int) -> None:
    assert judge(HOTP, code_at(position), now=NOW) == Wrong()


def test_a_new_counter_token_begins_with_zero() -> None:
    assert judge(replace(HOTP, high_water=-1), "755224", now=NOW) == Match(position=0, drift_steps=0)


@pytest.mark.parametrize("offset", [-1, 0, 1])
def test_a_time_code_one_step_off_is_good_and_the_drift_is_learned(offset: int) -> None:
    assert judge(TOTP, code_at(STEP + offset), now=NOW) == Match(position=STEP + offset, drift_steps=offset)


@pytest.mark.parametrize("offset", [-40, -2, 2, 40])
def test_a_time_code_outside_the_window_needs_a_resync(offset: int) -> None:
    assert judge(TOTP, code_at(STEP + offset), now=NOW) == ResyncNeeded()


@pytest.mark.parametrize("offset", [-41, 41])
def test_a_time_code_beyond_every_range_is_wrong(offset: int) -> None:
    assert judge(TOTP, code_at(STEP + offset), now=NOW) == Wrong()


@pytest.mark.parametrize("offset", [-40, -1, 0, 1])
def test_a_time_code_at_or_below_the_high_water_mark_is_replayed(offset: int) -> None:
    assert judge(replace(TOTP, high_water=STEP + 1), code_at(STEP + offset), now=NOW) == Replayed(position=STEP + offset)


def test_a_wrong_code_is_wrong() -> None:
    assert judge(TOTP, wrong_for(range(STEP - 50, STEP + 50)), now=NOW) == Wrong()
    assert judge(HOTP, wrong_for(range(80, 210)), now=NOW) == Wrong()


def test_a_code_is_good_once() -> None:
    facts = TOTP
    match judge(facts, code_at(STEP), now=NOW):
        case Match() as match:
            facts = replace(facts, high_water=match.position, drift_steps=match.drift_steps)
        case other:
            pytest.fail(str(other))
    assert judge(facts, code_at(STEP), now=NOW) == Replayed(position=STEP)
    assert judge(facts, code_at(STEP), now=NOW + timedelta(seconds=30)) == Replayed(position=STEP)


def test_a_slow_clock_is_followed_step_by_step() -> None:
    """STANDARDS H-07: match minus now, each time; a device that loses a step a month stays in the window."""
    facts = TOTP
    for lost in range(9):
        now = NOW + timedelta(days=30 * lost)
        position = time_step(now, 30) - lost
        outcome = judge(facts, code_at(position), now=now)
        assert outcome == Match(position=position, drift_steps=-lost)
        facts = replace(facts, high_water=position, drift_steps=-lost)


def test_the_drift_is_forgotten_when_the_clock_is_right_again() -> None:
    assert judge(replace(TOTP, drift_steps=5), code_at(STEP), now=NOW) == Match(position=STEP, drift_steps=0)


def test_the_learned_drift_stops_at_its_cap() -> None:
    assert judge(replace(TOTP, drift_steps=10), code_at(STEP + 11), now=NOW) == Match(position=STEP + 11, drift_steps=10)
    assert judge(replace(TOTP, drift_steps=10), code_at(STEP + 12), now=NOW) == ResyncNeeded()


def test_a_drift_beyond_the_cap_that_a_resync_found_is_kept() -> None:
    facts = replace(TOTP, drift_steps=25)
    assert judge(facts, code_at(STEP + 25), now=NOW) == Match(position=STEP + 25, drift_steps=25)
    assert judge(facts, code_at(STEP + 26), now=NOW) == Match(position=STEP + 26, drift_steps=25)
    assert judge(facts, code_at(STEP + 24), now=NOW) == Match(position=STEP + 24, drift_steps=24)


def test_the_strict_profile_takes_the_current_step_only() -> None:
    facts = replace(TOTP, drift_steps=1)
    assert judge(facts, code_at(STEP), now=NOW, window=STRICT) == Match(position=STEP, drift_steps=1)
    assert judge(facts, code_at(STEP + 1), now=NOW, window=STRICT) == ResyncNeeded()
    assert judge(facts, code_at(STEP - 1), now=NOW, window=STRICT) == ResyncNeeded()


@pytest.mark.parametrize("offset", [-40, 0, 25, 39])
def test_two_consecutive_time_codes_set_the_clock(offset: int) -> None:
    first = STEP + offset
    assert resync(TOTP, code_at(first), code_at(first + 1), now=NOW) == Match(position=first + 1, drift_steps=offset + 1)


def test_two_consecutive_counter_codes_set_the_counter() -> None:
    assert resync(HOTP, code_at(150), code_at(151), now=NOW) == Match(position=151, drift_steps=0)


@pytest.mark.parametrize(
    ("first", "second"),
    [(150, 150), (151, 150), (150, 152), (200, 201), (300, 301)],
    ids=["the-same-twice", "backwards", "one-left-out", "over-the-edge", "out-of-range"],
)
def test_two_codes_that_are_not_consecutive_are_wrong(first: int, second: int) -> None:
    assert resync(HOTP, code_at(first), code_at(second), now=NOW) == Wrong()


@pytest.mark.parametrize("first", [98, 99])
def test_a_resync_takes_no_used_code(first: int) -> None:
    assert resync(HOTP, code_at(first), code_at(first + 1), now=NOW) == Replayed(position=first)


@given(high_water=st.integers(-1, 300), position=st.integers(0, 400))
def test_no_counter_code_at_or_below_the_high_water_mark_ever_passes(high_water: int, position: int) -> None:
    match judge(replace(HOTP, high_water=high_water), code_at(position), now=NOW):
        case Match() as match:
            assert match.position > high_water
            assert high_water < position <= high_water + 1 + STANDARD.look_ahead
        case Replayed() as replayed:
            assert replayed.position <= high_water


@given(used=st.integers(-60, 60), drift_steps=st.integers(-60, 60), offset=st.integers(-120, 120), again=st.integers(-3, 3))
def test_no_time_code_at_or_below_the_high_water_mark_ever_passes(used: int, drift_steps: int, offset: int, again: int) -> None:
    facts = replace(TOTP, high_water=STEP + used, drift_steps=drift_steps)
    outcome = judge(facts, code_at(STEP + offset), now=NOW)
    if isinstance(outcome, Match):
        assert outcome.position > facts.high_water
        after = replace(facts, high_water=outcome.position, drift_steps=outcome.drift_steps)
        later = NOW + timedelta(seconds=30 * again)
        assert not isinstance(judge(after, code_at(STEP + offset), now=later), Match)
    match resync(facts, code_at(STEP + offset), code_at(STEP + offset + 1), now=NOW):
        case Match() as match:
            assert match.position - 1 > facts.high_water


@given(code=st.text(max_size=12), high_water=st.sampled_from([-1, 5, 2**64 - 2, 2**64 - 1]))
def test_any_text_is_judged(code: str, high_water: int) -> None:
    judge(replace(HOTP, high_water=high_water), code, now=NOW)
    judge(TOTP, code, now=NOW)
    resync(replace(HOTP, high_water=high_water), code, code, now=NOW)


def test_a_window_of_negative_width_is_refused() -> None:
    with pytest.raises(Invalid) as caught:
        Window(before_steps=-1)
    assert caught.value.field == "before_steps"


def test_the_facts_do_not_show_the_seed() -> None:
    assert "1234" not in repr(TOTP)
