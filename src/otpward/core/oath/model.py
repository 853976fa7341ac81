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
OCRA_DIGITS_MIN: Final = 4  # RFC 6287 §5.2
OCRA_PERIOD_MAX_S: Final = 48 * 3600  # RFC 6287 table 3
SEED_STRONG_OCTETS: Final = 14  # SP 800-63B-4 §3.1.4.1: 112 bits
NIST_PERIOD_MAX_S: Final = 120  # SP 800-63B-4 §3.1.4.1: a nonce from a clock changes at least every two minutes


class Algorithm(StrEnum):
    """The hash inside the HMAC (RFC 6238 §1.2)."""

    SHA1 = "sha1"
    SHA256 = "sha256"
    SHA512 = "sha512"


class TokenKind(StrEnum):
    """What moves the factor: a counter (RFC 4226), time (RFC 6238), or a question that is asked (RFC 6287)."""

    HOTP = "hotp"
    TOTP = "totp"
    OCRA = "ocra"


class Shortfall(StrEnum):
    """What SP 800-63B-4 §3.1.4.1 asks of a one-time code and the RFCs do not."""

    FEW_DIGITS = "few_digits"
    LONG_PERIOD = "long_period"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """What a token and its verifier must agree on, beside the seed (RFC 4226 §5.2, RFC 6238 §4).

    Those of an OCRA token follow from its suite, which says more; `period_s` is None where it has no time step.

    Raises:
        Invalid: `field` names the parameter that is out of range.
    """

    kind: TokenKind
    algorithm: Algorithm = Algorithm.SHA1
    digits: int = DIGITS_MIN
    period_s: int | None = None

    def __post_init__(self) -> None:
        fewest = OCRA_DIGITS_MIN if self.kind is TokenKind.OCRA else DIGITS_MIN
        if not fewest <= self.digits <= DIGITS_MAX:
            raise Invalid(f"a code has {fewest} to {DIGITS_MAX} digits", field="digits")
        if self.kind is TokenKind.OCRA:
            if self.period_s is not None and not 1 <= self.period_s <= OCRA_PERIOD_MAX_S:
                raise Invalid("a time step of a challenge token is at most 48 hours", field="period_s")
        elif self.kind is TokenKind.HOTP:
            if self.period_s is not None:
                raise Invalid("a counter token has no period", field="period_s")
        elif self.period_s is None or not PERIOD_MIN_S <= self.period_s <= PERIOD_MAX_S:
            raise Invalid(f"the period of a time token is {PERIOD_MIN_S} to {PERIOD_MAX_S} seconds", field="period_s")

    @property
    def shortfalls(self) -> tuple[Shortfall, ...]:
        """Why its codes are not what SP 800-63B-4 asks for: under six digits, or a step over two minutes. Such a token works;
        whoever relies on it should know."""
        few = [Shortfall.FEW_DIGITS] if self.digits < DIGITS_MIN else []
        slow = self.kind is TokenKind.TOTP and self.period_s is not None and self.period_s > NIST_PERIOD_MAX_S
        return (*few, *([Shortfall.LONG_PERIOD] if slow else []))

    @property
    def nist_conformant(self) -> bool:
        """Whether nothing falls short. The strength of the seed is judged where the seed is seen: at the import."""
        return not self.shortfalls
