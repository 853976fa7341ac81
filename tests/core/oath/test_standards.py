"""The rules of RFC 4226, RFC 6238 and SP 800-63B-4 for one-time codes, each tried by name (STANDARDS §4 and §1).

Those that need more than arithmetic are tried where they are kept: H-02 and H-03 in `tests/core/policy/test_verification.py`,
`tests/services/verify` and `tests/store/test_races.py`, H-04 and H-08 in `tests/store/test_secrets.py` and
`tests/services/issue/test_make_app_token.py`, H-09 in `tests/store/test_races.py`.
"""

import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from otpward.core.errors import Invalid
from otpward.core.oath import window as windows
from otpward.core.oath.hotp import CodeMaker, hotp
from otpward.core.oath.judge import STANDARD, STRICT, Match, Replayed, ResyncNeeded, TokenFacts, Window, Wrong, judge, resync
from otpward.core.oath.model import PERIOD_MAX_S, PERIOD_MIN_S, Algorithm, Parameters, Shortfall, TokenKind
from otpward.core.oath.totp import EPOCH, time_step, totp
from otpward.core.oath.window import find_codes
from otpward.core.secret import Secret

SEED = Secret(b"a seed of thirty-two octets, yes")
NOW = datetime(2026, 11, 23, 9, 0, 7, tzinfo=UTC)
COUNTED = Parameters(kind=TokenKind.HOTP)
TIMED = Parameters(kind=TokenKind.TOTP, period_s=30)

EVERY_ALGORITHM = pytest.mark.parametrize("algorithm", list(Algorithm))
EVERY_LENGTH = pytest.mark.parametrize("digits", range(6, 11))


def reference(position: int, algorithm: Algorithm, digits: int) -> str:
    """RFC 4226 §5.3 once more, word by word, with `hmac` of the standard library."""
    mac = hmac.new(SEED.reveal(), position.to_bytes(8, "big"), getattr(hashlib, algorithm.value)).digest()
    offset = mac[-1] & 15
    binary = (mac[offset] & 0x7F) << 24 | mac[offset + 1] << 16 | mac[offset + 2] << 8 | mac[offset + 3]
    return str(binary % 10**digits).rjust(digits, "0")


@EVERY_ALGORITHM
@EVERY_LENGTH
def test_every_hash_and_length_is_that_of_the_rfc(algorithm: Algorithm, digits: int) -> None:
    positions = [0, 1, 9, 255, 256, 2**31 - 1, 2**31, 2**32, 2**63, 2**64 - 1]
    maker = CodeMaker(SEED, algorithm=algorithm, digits=digits)
    assert maker.codes(positions) == [reference(position, algorithm, digits) for position in positions]
    assert [maker.code(position) for position in positions] == maker.codes(iter(positions))


def test_h_01_fewer_than_six_digits_are_refused() -> None:
    for digits in (0, 4, 5, 11):
        with pytest.raises(Invalid):
            Parameters(kind=TokenKind.TOTP, digits=digits, period_s=30)


def test_h_02_the_look_ahead_is_bounded_and_the_counter_never_goes_back() -> None:
    facts = TokenFacts(parameters=COUNTED, seed=SEED, high_water=500)
    for ahead in range(1, 12):
        assert judge(facts, hotp(SEED, 500 + ahead), now=NOW) == Match(position=500 + ahead, drift_steps=0)
    assert not isinstance(judge(facts, hotp(SEED, 512), now=NOW), Match)
    for used in range(490, 501):
        assert judge(facts, hotp(SEED, used), now=NOW) == Replayed(position=used)


@EVERY_ALGORITHM
@EVERY_LENGTH
@pytest.mark.parametrize("period_s", [15, 30, 60, 120, 121, 300])
def test_h_05_a_time_code_is_good_in_its_own_step_counted_from_1970(algorithm: Algorithm, digits: int, period_s: int) -> None:
    parameters = Parameters(kind=TokenKind.TOTP, algorithm=algorithm, digits=digits, period_s=period_s)
    facts = TokenFacts(parameters=parameters, seed=SEED)
    step = int(NOW.timestamp()) // period_s
    code = totp(SEED, NOW, algorithm=algorithm, digits=digits, period_s=period_s)
    assert code == reference(step, algorithm, digits)
    assert judge(facts, code, now=NOW) == Match(position=step, drift_steps=0)
    assert judge(facts, code, now=EPOCH + timedelta(seconds=period_s * step)) == Match(position=step, drift_steps=0)


@pytest.mark.parametrize("period_s", [PERIOD_MIN_S - 1, PERIOD_MAX_S + 1, 0, -30])
def test_h_05_a_step_is_from_15_to_300_seconds(period_s: int) -> None:
    with pytest.raises(Invalid) as caught:
        Parameters(kind=TokenKind.TOTP, period_s=period_s)
    assert caught.value.field == "period_s"


@pytest.mark.parametrize(
    "now",
    [datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC), datetime(6053, 1, 23, 2, 8, 0, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)],
    ids=["time-beyond-31-bits", "step-beyond-32-bits", "as-late-as-dates-go"],
)
def test_h_05_time_is_counted_beyond_32_bits(now: datetime) -> None:
    seconds = (now - EPOCH) // timedelta(seconds=1)
    step = time_step(now, 30)
    assert step == seconds // 30
    assert seconds >= 2**31
    assert (step >= 2**32) == (now.year > 6000)
    facts = TokenFacts(parameters=TIMED, seed=SEED, high_water=step - 1)
    assert judge(facts, reference(step, Algorithm.SHA1, 6), now=now) == Match(position=step, drift_steps=0)


def test_h_05_and_n_05_the_second_use_after_a_success_is_refused_as_long_as_the_code_lives() -> None:
    step = time_step(NOW, 30)
    spent = TokenFacts(parameters=TIMED, seed=SEED, high_water=step)
    for seconds in range(-30, 121, 5):
        assert judge(spent, hotp(SEED, step), now=NOW + timedelta(seconds=seconds)) == Replayed(position=step)


@pytest.mark.parametrize(
    ("window", "taken"),
    [
        (STANDARD, range(-1, 2)),
        (STRICT, range(1)),
        (Window(before_steps=2, after_steps=0), range(-2, 1)),
        (Window(before_steps=0, after_steps=3), range(4)),
    ],
    ids=["standard", "strict", "only-late", "only-early"],
)
def test_h_06_the_window_is_a_policy_in_numbers(window: Window, taken: range) -> None:
    step = time_step(NOW, 30)
    facts = TokenFacts(parameters=TIMED, seed=SEED)
    answers = {offset: judge(facts, hotp(SEED, step + offset), now=NOW, window=window) for offset in range(-6, 7)}
    assert {offset for offset, answer in answers.items() if isinstance(answer, Match)} == set(taken)
    assert {answer for answer in answers.values() if not isinstance(answer, Match)} == {ResyncNeeded()}


def test_c_02_the_strict_profile_learns_nothing_and_looks_at_one_step() -> None:
    step = time_step(NOW, 30)
    for drift_steps in (-3, 0, 3):
        facts = TokenFacts(parameters=TIMED, seed=SEED, drift_steps=drift_steps)
        assert judge(facts, hotp(SEED, step), now=NOW, window=STRICT) == Match(position=step, drift_steps=drift_steps)
        assert judge(facts, hotp(SEED, step + (drift_steps or 1)), now=NOW, window=STRICT) == ResyncNeeded()


@pytest.mark.parametrize("direction", [-1, 1])
def test_h_07_a_drift_is_learned_step_by_step_up_to_its_cap(direction: int) -> None:
    facts, learned = TokenFacts(parameters=TIMED, seed=SEED), list[int]()
    for month in range(1, 14):
        now = NOW + timedelta(days=30 * month)
        position = time_step(now, 30) + direction * month
        match judge(facts, hotp(SEED, position), now=now):
            case Match() as match:
                learned.append(match.drift_steps)
                facts = replace(facts, high_water=match.position, drift_steps=match.drift_steps)
            case other:
                assert other == ResyncNeeded()
                assert month == STANDARD.drift_cap_steps + 2, "one step more than the cap is the last within the window"
                break
    assert learned == [direction * min(month, STANDARD.drift_cap_steps) for month in range(1, 12)]


@pytest.mark.parametrize("parameters", [COUNTED, TIMED], ids=["counted", "timed"])
def test_h_07_a_resync_takes_two_consecutive_codes_above_the_high_water_mark(parameters: Parameters) -> None:
    now_at = 0 if parameters is COUNTED else time_step(NOW, 30)
    facts = TokenFacts(parameters=parameters, seed=SEED, high_water=now_at + 5)
    for first in range(now_at + 1, now_at + 6):
        assert resync(facts, hotp(SEED, first), hotp(SEED, first + 1), now=NOW) == Replayed(position=first)
    for first in (now_at + 6, now_at + 20, now_at + 39):
        found = resync(facts, hotp(SEED, first), hotp(SEED, first + 1), now=NOW)
        assert isinstance(found, Match)
        assert found.position == first + 1
        assert resync(facts, hotp(SEED, first), hotp(SEED, first + 2), now=NOW) == Wrong()


def test_h_10_no_search_stops_before_its_end_and_every_comparison_is_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[str, str]] = []

    def watched(made: str, typed: str) -> bool:
        compared.append((made, typed))
        return hmac.compare_digest(made, typed)

    monkeypatch.setattr(windows, "compare_digest", watched)
    for position in (0, 7, 19):
        compared.clear()
        assert find_codes(SEED, hotp(SEED, position), parameters=COUNTED, candidates=range(20)) == (position,)
        assert len(compared) == 20
        assert {(len(made), len(typed)) for made, typed in compared} == {(6, 6)}


@pytest.mark.parametrize("typed", ["", "1", "é23456", "１２３４５６", "\ud800", "1" * 1000])
def test_h_10_what_is_no_code_matches_nothing(typed: str) -> None:
    assert find_codes(SEED, typed, parameters=COUNTED, candidates=range(50)) == ()


@EVERY_LENGTH
def test_h_10_a_refusal_computes_as_many_codes_whether_used_or_wrong(digits: int, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [0]
    codes = CodeMaker.codes

    def counted(self: CodeMaker, counters: Any) -> list[str]:
        found = codes(self, counters)
        made[-1] += len(found)
        return found

    monkeypatch.setattr(CodeMaker, "codes", counted)
    for kind, period_s in ((TokenKind.HOTP, None), (TokenKind.TOTP, 30)):
        step = time_step(NOW, 30) if period_s else 200
        parameters = Parameters(kind=kind, digits=digits, period_s=period_s)
        facts = TokenFacts(parameters=parameters, seed=SEED, high_water=step)
        used, far = (hotp(SEED, position, digits=digits) for position in (step, step + 30))
        made.clear()
        for code in (used, far, "0" * digits):
            made.append(0)
            assert not isinstance(judge(facts, code, now=NOW), Match)
        assert len(set(made)) == 1
        assert made[0] == {TokenKind.HOTP: 112, TokenKind.TOTP: 81}[kind], "no position twice"


@pytest.mark.parametrize("period_s", range(PERIOD_MIN_S, PERIOD_MAX_S + 1, 15))
def test_n_06_a_number_that_stays_for_over_two_minutes_is_flagged(period_s: int) -> None:
    parameters = Parameters(kind=TokenKind.TOTP, period_s=period_s)
    assert parameters.nist_conformant is (period_s <= 120)
    assert parameters.shortfalls == (() if period_s <= 120 else (Shortfall.LONG_PERIOD,))


def test_n_06_two_minutes_are_the_last_that_conform_and_a_counter_has_none() -> None:
    assert Parameters(kind=TokenKind.TOTP, period_s=120).nist_conformant
    assert not Parameters(kind=TokenKind.TOTP, period_s=121).nist_conformant
    assert COUNTED.nist_conformant


@pytest.mark.parametrize(("period_s", "life_s"), [(15, 45), (30, 90), (60, 180), (300, 900)])
def test_n_09_the_life_of_a_time_code_is_a_number_that_holds(period_s: int, life_s: int) -> None:
    assert STANDARD.code_life_s(period_s) == life_s
    assert STRICT.code_life_s(period_s) == period_s
    step = time_step(NOW, period_s)
    facts = TokenFacts(parameters=Parameters(kind=TokenKind.TOTP, period_s=period_s), seed=SEED)
    begin = EPOCH + timedelta(seconds=(step - STANDARD.after_steps) * period_s)
    end = begin + timedelta(seconds=life_s)
    moment = timedelta(microseconds=1)
    good = {at: isinstance(judge(facts, hotp(SEED, step), now=at), Match) for at in (begin - moment, begin, end - moment, end)}
    assert list(good.values()) == [False, True, True, False]
