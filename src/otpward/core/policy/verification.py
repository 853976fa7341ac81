"""Is this code good for this token, and what becomes of the token? Every door asks here; nobody else moves a high-water
mark."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, assert_never

from otpward.core.lifecycle.token import Hold, TokenState
from otpward.core.model.token import Token
from otpward.core.oath.judge import STANDARD, Match, Replayed, ResyncNeeded, TokenFacts, Window, Wrong, judge, resync
from otpward.core.oath.model import Parameters, TokenKind
from otpward.core.oath.typed_code import normalise_code
from otpward.core.secret import Secret


class Verdict(StrEnum):
    """What is said of a code to those who may know."""

    ACCEPTED = "accepted"
    WRONG_CODE = "wrong_code"
    REPLAYED = "replayed"
    RESYNC_NEEDED = "resync_needed"
    LOCKED = "locked"
    BLOCKED = "blocked"
    ON_HOLD = "on_hold"
    EXPIRED = "expired"
    NOT_ACTIVE = "not_active"
    NOT_REGISTERED = "not_registered"
    CHALLENGE_NEEDED = "challenge_needed"
    CHALLENGE_UNFIT = "challenge_unfit"
    CHALLENGE_UNKNOWN = "challenge_unknown"
    CHALLENGE_SPENT = "challenge_spent"
    CHALLENGE_EXPIRED = "challenge_expired"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many wrong codes a token bears (STANDARDS C-01: PCI DSS 8.3.4 and SP 800-63B §3.2.2 together)."""

    in_a_row: int = 10
    in_total: int = 100
    first_lock: timedelta = timedelta(minutes=30)
    longest_lock: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """The verdict, and the token as it must now be saved. `changed` is false if nothing was evaluated."""

    verdict: Verdict
    token: Token
    changed: bool
    tries_left: int


LIMITS: Final = Limits()
_AWAKE: Final = frozenset({TokenState.ACTIVE})
_NOBODYS: Final = Parameters(kind=TokenKind.HOTP)
_NO_SEED: Final = Secret(bytes(20))


def standing(
    token: Token, *, now: datetime, awake: frozenset[TokenState] = _AWAKE, despite: frozenset[Hold] = frozenset()
) -> Verdict | None:
    """Why no code of this token would be good now, or None. A lock whose time is over stops nothing."""
    if token.state not in awake:
        return Verdict.NOT_ACTIVE
    if token.valid_until is not None and now >= token.valid_until:
        return Verdict.EXPIRED
    if token.valid_from is not None and now < token.valid_from:
        return Verdict.NOT_ACTIVE
    holds = token.holds - despite
    if Hold.LOCKED in holds and token.locked_until is not None and now >= token.locked_until:
        holds -= {Hold.LOCKED}
    if Hold.BLOCKED in holds:
        return Verdict.BLOCKED
    if Hold.LOCKED in holds:
        return Verdict.LOCKED
    if holds == {Hold.DRIFTED}:
        return Verdict.RESYNC_NEEDED
    return Verdict.ON_HOLD if holds else None


def examine(
    token: Token,
    typed: str,
    *,
    seed: Callable[[], Secret],
    now: datetime,
    awake: frozenset[TokenState] = _AWAKE,
    despite: frozenset[Hold] = frozenset(),
    limits: Limits = LIMITS,
    window: Window = STANDARD,
) -> Examined:
    """Judge `typed`. A code is only evaluated, and the seed only opened, where a right one would be accepted.

    `awake` are the states in which this door takes codes; `despite` are the holds that it overlooks (the test OTP that lifts
    a loss).
    """
    reason = standing(token, now=now, awake=awake, despite=despite)
    if reason is not None:
        return Examined(verdict=reason, token=token, changed=False, tries_left=0)
    if token.kind is TokenKind.OCRA:
        return _unasked(token, limits)
    code = normalise_code(typed, token.digits)
    if code is None:
        return Examined(verdict=Verdict.WRONG_CODE, token=token, changed=False, tries_left=limits.in_a_row - token.failures)
    match judge(_facts(token, seed()), code, now=now, window=window):
        case Match() as match:
            return _accepted(token, match, token.holds, now, limits)
        case Replayed():
            return _failed(token, Verdict.REPLAYED, token.holds, now, limits)
        case ResyncNeeded():
            return _failed(token, Verdict.RESYNC_NEEDED, token.holds | {Hold.DRIFTED}, now, limits)
        case Wrong():
            return _failed(token, Verdict.WRONG_CODE, token.holds, now, limits)
        case unknown:
            assert_never(unknown)


def examine_pair(
    token: Token,
    first: str,
    second: str,
    *,
    seed: Callable[[], Secret],
    now: datetime,
    awake: frozenset[TokenState] = _AWAKE,
    limits: Limits = LIMITS,
    window: Window = STANDARD,
) -> Examined:
    """Judge two consecutive codes, which set the clock or counter right again (RFC 4226 §7.4). Both are spent."""
    reason = standing(token, now=now, awake=awake, despite=frozenset({Hold.DRIFTED}))
    if reason is not None:
        return Examined(verdict=reason, token=token, changed=False, tries_left=0)
    if token.kind is TokenKind.OCRA:
        return _unasked(token, limits)
    one, two = normalise_code(first, token.digits), normalise_code(second, token.digits)
    if one is None or two is None:
        return Examined(verdict=Verdict.WRONG_CODE, token=token, changed=False, tries_left=limits.in_a_row - token.failures)
    match resync(_facts(token, seed()), one, two, now=now, window=window):
        case Match() as match:
            return _accepted(token, match, token.holds - {Hold.DRIFTED}, now, limits)
        case Replayed():
            return _failed(token, Verdict.REPLAYED, token.holds, now, limits)
        case Wrong():
            return _failed(token, Verdict.WRONG_CODE, token.holds, now, limits)
        case unknown:
            assert_never(unknown)


def pretend(typed: str, token: Token | None, *, now: datetime) -> None:
    """Spend the time of a wrong code where nothing is evaluated, so that the time of a refusal tells little of whether there is
    such a token, or whether it is locked (ASVS V6.3.8)."""
    plain = token is not None and token.kind is not TokenKind.OCRA
    parameters = token.parameters if token is not None and plain else _NOBODYS
    judge(TokenFacts(parameters=parameters, seed=_NO_SEED), normalise_code(typed, parameters.digits) or "", now=now)


def settle(token: Token, match: Match | None, *, now: datetime, limits: Limits = LIMITS) -> Examined:
    """What becomes of a token whose answer to a challenge was good, or (None) wrong: the same as after any other code."""
    if match is None:
        return _failed(token, Verdict.WRONG_CODE, token.holds, now, limits)
    return _accepted(token, match, token.holds, now, limits)


def _unasked(token: Token, limits: Limits) -> Examined:
    left = limits.in_a_row - token.failures
    return Examined(verdict=Verdict.CHALLENGE_NEEDED, token=token, changed=False, tries_left=left)


def _facts(token: Token, seed: Secret) -> TokenFacts:
    return TokenFacts(parameters=token.parameters, seed=seed, high_water=token.high_water, drift_steps=token.drift_steps)


def _accepted(token: Token, match: Match, holds: frozenset[Hold], now: datetime, limits: Limits) -> Examined:
    after = token.judged(
        high_water=match.position,
        drift_steps=match.drift_steps,
        failures=0,
        failures_total=0,
        holds=holds - {Hold.LOCKED},
        locked_until=None,
        used_at=now,
    )
    return Examined(verdict=Verdict.ACCEPTED, token=after, changed=True, tries_left=limits.in_a_row)


def _failed(token: Token, verdict: Verdict, holds: frozenset[Hold], now: datetime, limits: Limits) -> Examined:
    failures, total = token.failures + 1, token.failures_total + 1
    holds, until = holds - {Hold.LOCKED}, None
    if failures >= limits.in_a_row:
        times = max(0, total // limits.in_a_row - 1)
        until = now + min(limits.first_lock * 2 ** min(times, 10), limits.longest_lock)
        holds, failures = holds | {Hold.LOCKED}, 0
    if total >= limits.in_total:
        holds = holds | {Hold.BLOCKED}
    left = 0 if holds & {Hold.LOCKED, Hold.BLOCKED} else limits.in_a_row - failures
    after = token.judged(
        high_water=token.high_water,
        drift_steps=token.drift_steps,
        failures=failures,
        failures_total=total,
        holds=holds,
        locked_until=until,
        used_at=token.used_at,
    )
    return Examined(verdict=verdict, token=after, changed=True, tries_left=left)
