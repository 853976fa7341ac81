"""The nouns of a one-time code: which hash, which moving factor, how many digits, how long a step."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from otpward.core.errors import Invalid

DIGITS_MIN: Final = 6  # RFC 4226 R4
DIGITS_MAX: Final = 10  # the truncated value has 31 bits: an eleventh digit would always be zero
PERIOD_MIN_S: Final = 15
PERIOD_MAX_S: Final = 300
COUNTER_MAX: Final = 2**64 - 1  # RFC 4226 §5.1: the moving factor has eight octets
SEED_STRONG_OCTETS: Final = 14  # SP 800-63B-4 §3.1.4.1: 112 bits


class Algorithm(StrEnum):
    """The hash inside the HMAC (RFC 6238 §1.2)."""

    SHA1 = "sha1"
    SHA256 = "sha256"
    SHA512 = "sha512"


class TokenKind(StrEnum):
    """What moves the factor: a counter (RFC 4226) or time (RFC 6238)."""

    HOTP = "hotp"
    TOTP = "totp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """What a token and its verifier must agree on, beside the seed (RFC 4226 §5.2, RFC 6238 §4).

    Raises:
        Invalid: `field` names the parameter that is out of range.
    """

    kind: TokenKind
    algorithm: Algorithm = Algorithm.SHA1
    digits: int = DIGITS_MIN
    period_s: int | None = None

    def __post_init__(self) -> None:
        if not DIGITS_MIN <= self.digits <= DIGITS_MAX:
            raise Invalid(f"a code has {DIGITS_MIN} to {DIGITS_MAX} digits", field="digits")
        if self.kind is TokenKind.HOTP:
            if self.period_s is not None:
                raise Invalid("a counter token has no period", field="period_s")
        elif self.period_s is None or not PERIOD_MIN_S <= self.period_s <= PERIOD_MAX_S:
            raise Invalid(f"the period of a time token is {PERIOD_MIN_S} to {PERIOD_MAX_S} seconds", field="period_s")
