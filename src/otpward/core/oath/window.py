"""Where a code is looked for, and how: every candidate is computed and compared, whichever matches (RFC 6238 §5.2)."""

from collections.abc import Iterable
from hmac import compare_digest

from otpward.core.oath.hotp import CodeMaker
from otpward.core.oath.model import COUNTER_MAX, Parameters
from otpward.core.secret import Secret


def find_codes(seed: Secret, code: str, *, parameters: Parameters, candidates: Iterable[int]) -> tuple[int, ...]:
    """All of `candidates` whose code is `code`, in their order.

    Codes are compared as text of exact length in constant time, with their leading zeros, and the search never stops early,
    so its duration does not tell which candidate matched.
    """
    positions = tuple(candidates)
    codes = CodeMaker(seed, algorithm=parameters.algorithm, digits=parameters.digits).codes(positions)
    typed = code if code.isascii() else ""  # other text cannot be compared so, and is no code
    return tuple([position for position, made in zip(positions, codes, strict=True) if compare_digest(made, typed)])


def find_code(seed: Secret, code: str, *, parameters: Parameters, candidates: Iterable[int]) -> int | None:
    """The first of `candidates` whose code is `code`, or None. All are computed either way."""
    found = find_codes(seed, code, parameters=parameters, candidates=candidates)
    return found[0] if found else None


def totp_candidates(step: int, drift_steps: int, *, before: int = 1, after: int = 1) -> tuple[int, ...]:
    """The plain window around `step`, then what the window moved by the learned drift adds to it (RFC 6238 §6)."""
    plain = _around(step, before, after)
    moved = _around(step + drift_steps, before, after)
    if drift_steps > 0:
        return (*plain, *range(max(moved.start, plain.stop), moved.stop))
    return (*plain, *range(moved.start, min(moved.stop, plain.start)))


def hotp_candidates(next_counter: int, look_ahead: int = 10) -> range:
    """`next_counter` and the `look_ahead` counters after it (RFC 4226 §7.4)."""
    return range(next_counter, min(next_counter + look_ahead, COUNTER_MAX) + 1)


def _around(step: int, before: int, after: int) -> range:
    return range(max(0, step - before), min(step + after, COUNTER_MAX) + 1)
