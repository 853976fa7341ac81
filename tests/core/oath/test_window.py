import pytest

from otpward.core.oath.hotp import hotp
from otpward.core.oath.model import Algorithm, Parameters, TokenKind
from otpward.core.oath.window import find_code, find_codes, hotp_candidates, totp_candidates
from otpward.core.secret import Secret

SEED = Secret(b"12345678901234567890")
HOTP = Parameters(kind=TokenKind.HOTP)


def first_with_a_leading_zero() -> int:
    return next(counter for counter in range(1000) if hotp(SEED, counter).startswith("0"))


def test_every_candidate_can_be_found() -> None:
    candidates = range(50, 61)
    for counter in candidates:
        assert find_code(SEED, hotp(SEED, counter), parameters=HOTP, candidates=candidates) == counter


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_the_search_uses_the_hash_and_digits_of_the_token(algorithm: Algorithm) -> None:
    parameters = Parameters(kind=TokenKind.HOTP, algorithm=algorithm, digits=8)
    code = hotp(SEED, 7, algorithm=algorithm, digits=8)
    assert find_code(SEED, code, parameters=parameters, candidates=range(10)) == 7


def test_a_leading_zero_counts() -> None:
    counter = first_with_a_leading_zero()
    code = hotp(SEED, counter)
    assert find_code(SEED, code, parameters=HOTP, candidates=[counter]) == counter
    assert find_code(SEED, code.lstrip("0"), parameters=HOTP, candidates=[counter]) is None


@pytest.mark.parametrize("code", ["", "75522", "7552244", " 755224", "७५५२२४", "\ud800", "755224\0"])
def test_only_the_exact_text_matches(code: str) -> None:
    assert find_code(SEED, code, parameters=HOTP, candidates=range(3)) is None


def test_the_search_looks_at_every_candidate_even_after_a_match() -> None:
    looked_at = []

    def watched() -> object:
        for counter in range(10):
            looked_at.append(counter)
            yield counter

    assert find_code(SEED, hotp(SEED, 0), parameters=HOTP, candidates=watched()) == 0  # type: ignore[arg-type]
    assert looked_at == list(range(10))


def test_all_matches_are_told() -> None:
    assert find_codes(SEED, hotp(SEED, 3), parameters=HOTP, candidates=[3, 4, 3]) == (3, 3)


@pytest.mark.parametrize(
    ("drift_steps", "before", "after", "candidates"),
    [
        (0, 1, 1, (99, 100, 101)),
        (0, 0, 0, (100,)),
        (1, 1, 1, (99, 100, 101, 102)),
        (5, 1, 1, (99, 100, 101, 104, 105, 106)),
        (-3, 1, 1, (99, 100, 101, 96, 97, 98)),
        (0, 2, 0, (98, 99, 100)),
    ],
)
def test_the_window_is_the_plain_one_and_the_drifted_one(
    drift_steps: int, before: int, after: int, candidates: tuple[int, ...]
) -> None:
    assert totp_candidates(100, drift_steps, before=before, after=after) == candidates


def test_a_window_never_begins_before_the_first_step() -> None:
    assert totp_candidates(0, -5) == (0, 1)


def test_the_look_ahead_is_bounded_and_ends_with_the_counter() -> None:
    assert hotp_candidates(7) == range(7, 18)
    assert hotp_candidates(7, 0) == range(7, 8)
    assert hotp_candidates(2**64 - 3) == range(2**64 - 3, 2**64)
    assert len(hotp_candidates(2**64)) == 0
