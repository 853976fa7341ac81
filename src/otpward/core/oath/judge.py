"""What a typed code means for a token: good, used, out of step, or wrong. Facts in, decision out.

A position (HOTP counter, TOTP step) is good at most once: only those above the token's high-water mark can match
(RFC 4226 §7.2, RFC 6238 §5.2). The caller must move that mark to `Match.position` in one conditional change.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final, assert_never

from otpward.core.errors import Invalid
from otpward.core.oath.model import Parameters, TokenKind
from otpward.core.oath.totp import time_step
from otpward.core.oath.window import find_codes, hotp_candidates, totp_candidates
from otpward.core.secret import Secret

NEVER_USED: Final = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """How far a code may be from where it is expected: policy, as numbers.

    A code found only in the wider resync range is no entry, but a hint that token and server have come apart. One random code
    hits that range by chance with a probability of its width in a million, hence not wider than needed.
    """

    before_steps: int = 1
    after_steps: int = 1
    look_ahead: int = 10
    learns_drift: bool = True
    drift_cap_steps: int = 10  # five minutes of 30 s steps: years of an honest crystal, learned bit by bit
    resync_steps: int = 40
    resync_look_ahead: int = 100

    def __post_init__(self) -> None:
        for field in fields(self):
            if getattr(self, field.name) < 0:
                raise Invalid("a window has no negative width", field=field.name)

    def code_life_s(self, period_s: int) -> int:
        """How long one code of a time token can be accepted at most, drift aside (SP 800-63B-4 §3.1.5.2 wants it as a number):
        its own step and those on either side."""
        return (self.before_steps + 1 + self.after_steps) * period_s


STANDARD: Final = Window()
STRICT: Final = Window(before_steps=0, after_steps=0, look_ahead=0, learns_drift=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenFacts:
    """What the decision needs to know of a token. `high_water` is the last accepted position, -1 if there is none."""

    parameters: Parameters
    seed: Secret
    high_water: int = NEVER_USED
    drift_steps: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The code is good. `position` is the new high-water mark, `drift_steps` what to remember of the token's clock."""

    position: int
    drift_steps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """The code belongs to a position at or below the high-water mark."""

    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ResyncNeeded:
    """The code is real but outside the window: two consecutive codes are needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """The code belongs to no position near this one."""


def judge(facts: TokenFacts, code: str, *, now: datetime, window: Window = STANDARD) -> Match | Replayed | ResyncNeeded | Wrong:
    """Decide what `code` means at `now` (RFC 4226 §7.2 and §7.4, RFC 6238 §5.2 and §6)."""
    step = _step(facts.parameters, now)
    near = _near(facts, step, window)
    found = find_codes(facts.seed, code, parameters=facts.parameters, candidates=near)
    for position in found:
        if position > facts.high_water:
            return Match(position=position, drift_steps=_learned_drift(facts, position, step, window))
    # A used code is searched for as long as a wrong one, so the time of a refusal does not tell them apart.
    far = list(dict.fromkeys((*near, *_far(facts, step, window))))[len(near) :]
    distant = find_codes(facts.seed, code, parameters=facts.parameters, candidates=far)
    if found:
        return Replayed(position=found[0])
    if any(position > facts.high_water for position in distant):
        return ResyncNeeded()
    return Replayed(position=distant[0]) if distant else Wrong()


def resync(facts: TokenFacts, first: str, second: str, *, now: datetime, window: Window = STANDARD) -> Match | Replayed | Wrong:
    """Find two consecutive codes in the wider range, both above the high-water mark (RFC 4226 §7.4).

    Both are spent: the match is the position of the second. The drift is taken as it is, beyond the cap too.
    """
    step = _step(facts.parameters, now)
    far = _far(facts, step, window)
    firsts = find_codes(facts.seed, first, parameters=facts.parameters, candidates=far)
    seconds = frozenset(find_codes(facts.seed, second, parameters=facts.parameters, candidates=far))
    pairs = [position for position in firsts if position + 1 in seconds]
    for position in pairs:
        if position > facts.high_water:
            return Match(position=position + 1, drift_steps=_drift(facts, position + 1, step))
    return Replayed(position=pairs[0]) if pairs else Wrong()


def _near(facts: TokenFacts, step: int, window: Window) -> tuple[int, ...] | range:
    match facts.parameters.kind:
        case TokenKind.HOTP:
            return hotp_candidates(facts.high_water + 1, window.look_ahead)
        case TokenKind.TOTP:
            drift = facts.drift_steps if window.learns_drift else 0
            return totp_candidates(step, drift, before=window.before_steps, after=window.after_steps)
        case TokenKind.OCRA:
            raise Invalid("a token that answers challenges has no codes of its own", field="kind")
        case kind:
            assert_never(kind)


def _far(facts: TokenFacts, step: int, window: Window) -> tuple[int, ...] | range:
    match facts.parameters.kind:
        case TokenKind.HOTP:
            ahead = hotp_candidates(facts.high_water + 1, window.resync_look_ahead)
            return range(max(0, facts.high_water - window.look_ahead), ahead.stop)
        case TokenKind.TOTP:
            wide = window.resync_steps
            return totp_candidates(step, facts.drift_steps, before=wide, after=wide)
        case TokenKind.OCRA:
            raise Invalid("a token that answers challenges has no codes of its own", field="kind")
        case kind:
            assert_never(kind)


def _step(parameters: Parameters, now: datetime) -> int:
    """Where time stands; a counter token knows none."""
    return 0 if parameters.period_s is None else time_step(now, parameters.period_s)


def _drift(facts: TokenFacts, position: int, step: int) -> int:
    return position - step if facts.parameters.kind is TokenKind.TOTP else 0


def _learned_drift(facts: TokenFacts, position: int, step: int, window: Window) -> int:
    """Match minus now, each time (RFC 6238 §6). By itself it never grows beyond the cap; a resync may have put it there."""
    if not window.learns_drift:
        return facts.drift_steps
    limit = max(window.drift_cap_steps, abs(facts.drift_steps))
    return max(-limit, min(limit, _drift(facts, position, step)))
