"""Is this code good for this token, and what becomes of the token?"""

from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otpward.core.ids import InstitutionId, TokenId
from otpward.core.lifecycle.token import Hold, TokenState
from otpward.core.model.token import Token
from otpward.core.oath.hotp import CodeMaker
from otpward.core.oath.model import Algorithm, TokenKind
from otpward.core.policy.verification import LIMITS, Examined, Verdict, examine, examine_pair, standing
from otpward.core.secret import Secret
from tests.fakes.sample import oath_code

NOW = datetime(2026, 11, 23, 3, 0, 20, tzinfo=UTC)
SEED = b"a seed of this test."
STEP = int(NOW.timestamp()) // 60
TOTP = Token(
    id=TokenId(UUID(int=1)),
    institution_id=InstitutionId(UUID(int=2)),
    serial="T-1",
    state=TokenState.ACTIVE,
    kind=TokenKind.TOTP,
    algorithm=Algorithm.SHA1,
    digits=6,
    period_s=60,
    seed=b"sealed",
)
HOTP = replace(TOTP, kind=TokenKind.HOTP, period_s=0, high_water=41)
CODES = CodeMaker(Secret(SEED), algorithm=Algorithm.SHA1, digits=6)
NEARBY = {CODES.code(position) for position in (*range(200), *range(STEP - 200, STEP + 200))}
WRONG = next(f"{n:06d}" for n in range(1000) if f"{n:06d}" not in NEARBY)


def seed() -> Secret:
    return Secret(SEED)


def never() -> Secret:
    raise AssertionError("the seed was opened")


def at_step(offset: int) -> str:
    return oath_code(SEED, NOW + timedelta(minutes=offset))


def at_counter(counter: int) -> str:
    return CODES.code(counter)


def look(token: Token, typed: str, now: datetime = NOW) -> Examined:
    return examine(token, typed, seed=seed, now=now)


def fail(token: Token, times: int, now: datetime = NOW) -> Token:
    for _ in range(times):
        token = look(token, WRONG, now).token
    return token


def test_a_code_is_accepted_once_and_sets_everything_right() -> None:
    first = look(replace(TOTP, failures=3, failures_total=3), at_step(0))
    assert (first.verdict, first.changed, first.tries_left) == (Verdict.ACCEPTED, True, 10)
    assert (first.token.high_water, first.token.failures, first.token.failures_total) == (STEP, 0, 0)
    assert first.token.used_at == NOW
    second = look(first.token, at_step(0))
    assert (second.verdict, second.token.high_water, second.token.failures) == (Verdict.REPLAYED, STEP, 1)


@pytest.mark.parametrize("offset", [-1, 0, 1])
def test_the_window_is_one_step_each_side(offset: int) -> None:
    found = look(TOTP, at_step(offset))
    assert (found.verdict, found.token.high_water) == (Verdict.ACCEPTED, STEP + offset)


def test_after_a_code_an_older_one_is_not_good_any_more() -> None:
    after = look(TOTP, at_step(1)).token
    for offset in (1, 0, -1):
        assert look(after, at_step(offset)).verdict is Verdict.REPLAYED


@pytest.mark.parametrize("ahead", [1, 5, 11])
def test_a_counter_token_may_be_a_little_ahead(ahead: int) -> None:
    found = look(HOTP, at_counter(41 + ahead))
    assert (found.verdict, found.token.high_water) == (Verdict.ACCEPTED, 41 + ahead)
    for used in range(max(42, 41 + ahead - 10), 41 + ahead + 1):
        assert look(found.token, at_counter(used)).verdict is Verdict.REPLAYED


@pytest.mark.parametrize(
    ("token", "code"),
    [(TOTP, at_step(2)), (TOTP, at_step(-2)), (TOTP, at_step(40)), (HOTP, at_counter(53)), (HOTP, at_counter(142))],
    ids=["totp-after", "totp-before", "totp-far", "hotp-next", "hotp-far"],
)
def test_a_real_code_out_of_step_holds_the_token_and_is_no_entry(token: Token, code: str) -> None:
    found = look(token, code)
    assert (found.verdict, found.token.holds) == (Verdict.RESYNC_NEEDED, frozenset({Hold.DRIFTED}))
    assert (found.token.high_water, found.token.failures) == (token.high_water, 1)
    again = examine(found.token, code, seed=never, now=NOW)
    assert (again.verdict, again.changed) == (Verdict.RESYNC_NEEDED, False)


def test_a_code_beyond_the_resync_range_is_simply_wrong() -> None:
    assert look(TOTP, at_step(41)).verdict is Verdict.WRONG_CODE
    assert look(HOTP, at_counter(143)).verdict is Verdict.WRONG_CODE


def test_ten_wrong_codes_in_a_row_lock_and_the_eleventh_is_not_looked_at() -> None:
    nine = fail(TOTP, 9)
    assert (nine.failures, nine.holds) == (9, frozenset())
    tenth = look(nine, WRONG)
    assert (tenth.verdict, tenth.tries_left, tenth.token.holds) == (Verdict.WRONG_CODE, 0, frozenset({Hold.LOCKED}))
    assert tenth.token.locked_until == NOW + timedelta(minutes=30)
    for code in (WRONG, at_step(0)):
        found = examine(tenth.token, code, seed=never, now=NOW)
        assert (found.verdict, found.changed, found.tries_left) == (Verdict.LOCKED, False, 0)


def test_tries_are_counted_down() -> None:
    token, left = TOTP, list[int]()
    for _ in range(10):
        found = look(token, WRONG)
        token, left = found.token, [*left, found.tries_left]
    assert left == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]


def test_nine_wrong_codes_and_a_right_one_begin_anew() -> None:
    token = look(fail(TOTP, 9), at_step(0)).token
    assert (token.failures, token.failures_total) == (0, 0)
    assert fail(token, 9).holds == frozenset()


def test_replayed_and_wrong_codes_count_alike() -> None:
    token = look(TOTP, at_step(0)).token
    for _ in range(10):
        token = look(token, at_step(0)).token
    assert token.holds == frozenset({Hold.LOCKED})


def test_a_lock_ends_by_time_to_the_second() -> None:
    locked = fail(TOTP, 10)
    until = NOW + timedelta(minutes=30)
    assert standing(locked, now=until - timedelta(microseconds=1)) is Verdict.LOCKED
    assert standing(locked, now=until) is None
    found = look(locked, oath_code(SEED, until), until)
    assert (found.verdict, found.token.holds, found.token.locked_until) == (Verdict.ACCEPTED, frozenset(), None)


def test_locks_grow_and_the_hundredth_failure_blocks_for_good() -> None:
    token, now, lengths = TOTP, NOW, []
    while Hold.BLOCKED not in token.holds:
        token = fail(token, 10, now)
        assert token.locked_until is not None
        lengths.append(int((token.locked_until - now).total_seconds() // 60))
        now = token.locked_until
    assert lengths == [30, 60, 120, 240, 480, 960, 1440, 1440, 1440, 1440]
    assert token.failures_total == LIMITS.in_total
    found = examine(token, oath_code(SEED, now), seed=never, now=now + timedelta(days=365))
    assert (found.verdict, found.changed) == (Verdict.BLOCKED, False)


def test_the_total_starts_anew_after_a_success_and_never_without() -> None:
    token = fail(TOTP, 10)
    now = NOW + timedelta(hours=1)
    token = fail(token, 9, now)
    assert (token.failures, token.failures_total) == (9, 19)
    assert look(token, oath_code(SEED, now), now).token.failures_total == 0


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"valid_until": NOW}, Verdict.EXPIRED),
        ({"valid_until": NOW - timedelta(days=1)}, Verdict.EXPIRED),
        ({"valid_from": NOW + timedelta(microseconds=1)}, Verdict.NOT_ACTIVE),
        ({"valid_from": NOW, "valid_until": NOW + timedelta(microseconds=1)}, None),
        ({"holds": frozenset({Hold.DRIFTED})}, Verdict.RESYNC_NEEDED),
        ({"holds": frozenset({Hold.DRIFTED, Hold.LOST})}, Verdict.ON_HOLD),
        ({"holds": frozenset({Hold.BLOCKED, Hold.LOST})}, Verdict.BLOCKED),
        ({"holds": frozenset({Hold.LOCKED}), "locked_until": None}, Verdict.LOCKED),
        ({"holds": frozenset({Hold.LOCKED, Hold.LOST}), "locked_until": NOW}, Verdict.ON_HOLD),
        *(
            ({"holds": frozenset({hold})}, Verdict.ON_HOLD)
            for hold in Hold
            if hold not in {Hold.BLOCKED, Hold.LOCKED, Hold.DRIFTED}
        ),
        *(({"state": state}, Verdict.NOT_ACTIVE) for state in TokenState if state is not TokenState.ACTIVE),
    ],
)
def test_a_token_that_is_not_awake_is_refused_with_its_seed_closed(changes: dict[str, object], verdict: Verdict | None) -> None:
    token = replace(TOTP, **changes)  # type: ignore[arg-type]
    assert standing(token, now=NOW) is verdict
    if verdict is not None:
        found = examine(token, at_step(0), seed=never, now=NOW)
        assert (found.verdict, found.changed, found.token) == (verdict, False, token)


@given(st.sampled_from(list(TokenState)), st.sets(st.sampled_from(list(Hold)), min_size=1))
def test_no_hold_and_no_other_state_ever_lets_a_good_code_through(state: TokenState, holds: Iterable[Hold]) -> None:
    token = replace(TOTP, state=state, holds=frozenset(holds), locked_until=NOW + timedelta(days=1))
    assert look(token, CODES.code(STEP)).verdict is not Verdict.ACCEPTED


def test_despite_overlooks_only_the_hold_it_names_and_does_not_lift_it() -> None:
    lost = frozenset({Hold.LOST})
    found = examine(replace(TOTP, holds=lost), at_step(0), seed=seed, now=NOW, despite=lost)
    assert (found.verdict, found.token.holds) == (Verdict.ACCEPTED, lost)
    both = replace(TOTP, holds=lost | {Hold.STOLEN})
    assert examine(both, at_step(0), seed=never, now=NOW, despite=lost).verdict is Verdict.ON_HOLD
    locked = replace(TOTP, holds=lost | {Hold.LOCKED}, locked_until=NOW + timedelta(hours=1))
    assert examine(locked, at_step(0), seed=never, now=NOW, despite=lost).verdict is Verdict.LOCKED


def test_awake_names_the_states_in_which_a_door_takes_codes() -> None:
    registered = replace(TOTP, state=TokenState.REGISTERED)
    awake = frozenset({TokenState.REGISTERED})
    assert examine(registered, at_step(0), seed=seed, now=NOW, awake=awake).verdict is Verdict.ACCEPTED
    assert examine(TOTP, at_step(0), seed=never, now=NOW, awake=awake).verdict is Verdict.NOT_ACTIVE


@pytest.mark.parametrize(
    "typed", ["", "12345", "1234567", "12345a", "123-456", "१२३४५६", "1" * 65, "١٢٣٤٥٦", "12345\x00", "+12345", "0x1234"]
)
def test_what_cannot_be_a_code_is_not_counted_and_opens_no_seed(typed: str) -> None:
    token = replace(TOTP, failures=4)
    found = examine(token, typed, seed=never, now=NOW)
    assert (found.verdict, found.changed, found.tries_left, found.token) == (Verdict.WRONG_CODE, False, 6, token)


def test_spaces_and_full_width_digits_are_what_the_person_meant() -> None:
    code = at_step(0)
    assert look(TOTP, f" {code[:3]} {code[3:]} ").verdict is Verdict.ACCEPTED
    assert look(TOTP, code.translate({48 + n: 0xFF10 + n for n in range(10)})).verdict is Verdict.ACCEPTED


def test_two_codes_in_a_row_set_a_drifted_token_right_and_are_both_spent() -> None:
    drifted = replace(TOTP, holds=frozenset({Hold.DRIFTED}), high_water=STEP - 1000)
    found = examine_pair(drifted, at_step(20), at_step(21), seed=seed, now=NOW)
    assert (found.verdict, found.token.holds, found.token.high_water) == (Verdict.ACCEPTED, frozenset(), STEP + 21)
    for offset in (20, 21):
        assert look(found.token, at_step(offset)).verdict is not Verdict.ACCEPTED
    later = NOW + timedelta(minutes=2)
    assert look(found.token, oath_code(SEED, later + timedelta(minutes=21)), later).verdict is Verdict.ACCEPTED


@pytest.mark.parametrize(
    ("first", "second"),
    [(5, 5), (6, 5), (5, 7), (41, 42), (-42, -41)],
    ids=["the-same", "swapped", "a-gap", "too-far", "too-old"],
)
def test_any_other_pair_is_one_failure(first: int, second: int) -> None:
    found = examine_pair(TOTP, at_step(first), at_step(second), seed=seed, now=NOW)
    assert found.verdict is Verdict.WRONG_CODE
    assert (found.token.failures, found.token.high_water) == (1, TOTP.high_water)


def test_a_pair_below_the_high_water_mark_is_a_replay() -> None:
    used = replace(TOTP, high_water=STEP + 10)
    found = examine_pair(used, at_step(5), at_step(6), seed=seed, now=NOW)
    assert (found.verdict, found.token.high_water) == (Verdict.REPLAYED, STEP + 10)
    half_used = examine_pair(used, at_step(10), at_step(11), seed=seed, now=NOW)
    assert half_used.verdict is Verdict.REPLAYED


@pytest.mark.parametrize("hold", sorted(set(Hold) - {Hold.DRIFTED, Hold.LOCKED, Hold.BLOCKED}))
def test_a_pair_lifts_no_other_hold(hold: Hold) -> None:
    token = replace(TOTP, holds=frozenset({Hold.DRIFTED, hold}))
    found = examine_pair(token, at_step(5), at_step(6), seed=never, now=NOW)
    assert (found.verdict, found.changed) == (Verdict.ON_HOLD, False)


def test_pairs_are_counted_like_codes() -> None:
    token = replace(TOTP, holds=frozenset({Hold.DRIFTED}))
    for _ in range(10):
        token = examine_pair(token, WRONG, WRONG, seed=seed, now=NOW).token
    assert token.holds == frozenset({Hold.DRIFTED, Hold.LOCKED})
    assert examine_pair(token, at_step(5), at_step(6), seed=never, now=NOW).verdict is Verdict.LOCKED


def test_half_a_pair_is_not_counted() -> None:
    found = examine_pair(TOTP, at_step(0), "12345", seed=never, now=NOW)
    assert (found.verdict, found.changed, found.tries_left) == (Verdict.WRONG_CODE, False, 10)


@given(st.lists(st.tuples(st.integers(-45, 45), st.integers(0, 3)), max_size=12))
def test_the_high_water_mark_never_falls(tried: list[tuple[int, int]]) -> None:
    token, now, accepted = TOTP, NOW, set[int]()
    for offset, minutes in tried:
        now += timedelta(minutes=minutes)
        position = int(now.timestamp()) // 60 + offset
        before = token.high_water
        found = look(token, CODES.code(position), now)
        token = replace(found.token, holds=found.token.holds - {Hold.DRIFTED})
        assert token.high_water >= before
        if found.verdict is Verdict.ACCEPTED:
            assert token.high_water > before
            assert token.high_water not in accepted
            accepted.add(token.high_water)


def test_a_judged_token_keeps_all_that_no_code_changes() -> None:
    """`Token.judged` names every field; one that is added later and forgotten there is found here."""
    token = replace(
        TOTP,
        holds=frozenset({Hold.LOST}),
        high_water=7,
        drift_steps=2,
        failures=3,
        failures_total=13,
        locked_until=NOW,
        valid_from=NOW - timedelta(days=1),
        valid_until=NOW + timedelta(days=1),
        used_at=NOW - timedelta(hours=1),
        active_at=NOW - timedelta(days=1),
        hold_until=NOW + timedelta(hours=1),
        version=5,
    )
    every_field = {field.name: getattr(token, field.name) for field in fields(token)}
    assert all(every_field[field.name] != field.default for field in fields(token)), "give the new field a value here"
    changes: dict[str, Any] = {
        "high_water": 9,
        "drift_steps": -1,
        "failures": 0,
        "failures_total": 14,
        "holds": frozenset[Hold](),
        "locked_until": None,
        "used_at": NOW,
    }
    assert token.judged(**changes) == replace(token, **changes)
