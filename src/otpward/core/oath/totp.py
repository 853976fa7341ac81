"""Time becomes a step, and a step a code (RFC 6238 §4)."""

from datetime import UTC, datetime, timedelta
from typing import Final

from otpward.core.errors import Invalid
from otpward.core.oath.hotp import hotp
from otpward.core.oath.model import Algorithm
from otpward.core.secret import Secret

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)  # T0 = 0, RFC 6238 §4.1


def time_step(now: datetime, period_s: int) -> int:
    """The number of whole periods since 1970. Computed in integers, so it stays exact beyond 2038 (RFC 6238 §4.2).

    Raises:
        Invalid: `now` has no time zone, or lies before 1970.
    """
    if now.tzinfo is None:
        raise Invalid("a time without its zone cannot be counted in steps", field="now")
    if now < EPOCH:
        raise Invalid("time steps begin in 1970", field="now")
    return (now - EPOCH) // timedelta(seconds=period_s)


def totp(seed: Secret, now: datetime, *, algorithm: Algorithm = Algorithm.SHA1, digits: int = 6, period_s: int = 30) -> str:
    """The code of `seed` at the time `now` (RFC 6238 §4.2)."""
    return hotp(seed, time_step(now, period_s), algorithm=algorithm, digits=digits)
