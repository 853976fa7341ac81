"""What a seed file holds: a record per key that can be a token, and an account of every key that cannot."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Final

from otpward.core.errors import Invalid
from otpward.core.oath.model import SEED_STRONG_OCTETS, Algorithm, Parameters, TokenKind
from otpward.core.oath.ocra_suite import NoTruncation, Suite, parse_suite
from otpward.core.secret import Secret

FILE_MAX_OCTETS: Final = 4 * 2**30 - 1  # a million encrypted PSKC keys take about two thirds of it
KEYS_MAX: Final = 1_000_000
SEED_MIN_OCTETS: Final = 4  # RFC 6030 figure 2 has four; less is a damaged value. What is too weak to use is policy
SEED_MAX_OCTETS: Final = 256
SERIAL_MAX: Final = 128
COUNTER_STORABLE_MAX: Final = 2**63 - 1  # a database counts in signed 64 bits; no device gets there by pressing


class SeedFormat(StrEnum):
    """How the file is written."""

    PSKC = "pskc"
    OATH_CSV = "oath_csv"
    ENTRA_CSV = "entra_csv"
    YUBICO_CSV = "yubico_csv"
    SAFENET_XML = "safenet_xml"
    SAFEWORD_DAT = "safeword_dat"
    URI_LIST = "uri_list"
    AEGIS = "aegis"
    TWO_FAS = "two_fas"
    FREE_OTP = "free_otp"
    KEYCLOAK = "keycloak"


APPS: Final = frozenset({SeedFormat.URI_LIST, SeedFormat.AEGIS, SeedFormat.TWO_FAS, SeedFormat.FREE_OTP, SeedFormat.KEYCLOAK})
"""What comes from an app on a phone, and has a name where a device has a serial number."""


class SignatureState(StrEnum):
    """What is known of the signature over the whole file."""

    NONE = "none"
    NOT_VERIFIED = "not_verified"
    VERIFIED = "verified"


class KeyKind(StrEnum):
    """What a key in a seed file computes."""

    HOTP = "hotp"
    TOTP = "totp"
    OCRA = "ocra"


class Unusable(StrEnum):
    """Why a key that could be read must not log anybody in (RFC 6030 §5)."""

    NO_SECRET = "no_secret"
    UNKNOWN_POLICY = "unknown_policy"
    USAGE_NOT_OTP = "usage_not_otp"
    PIN_AT_SERVER = "pin_at_server"
    NO_PIN = "no_pin"
    SHORT_SESSION = "short_session"


class RowFault(StrEnum):
    """Why one key or line is not a record."""

    NOT_A_TOKEN = "not_a_token"
    NO_NAME = "no_name"
    BAD_SERIAL = "bad_serial"
    DUPLICATE = "duplicate"
    UNKNOWN_ALGORITHM = "unknown_algorithm"
    UNKNOWN_HASH = "unknown_hash"
    BAD_SEED = "bad_seed"
    SEED_LENGTH = "seed_length"
    DIGITS = "digits"
    PERIOD = "period"
    COUNTER = "counter"
    TIME_OFFSET = "time_offset"
    RESPONSE_FORMAT = "response_format"
    CHALLENGE_FORMAT = "challenge_format"
    SUITE = "suite"
    NO_TRUNCATION = "no_truncation"
    COLUMNS = "columns"
    URI = "uri"
    DATE = "date"


class RefusedRow(Exception):
    """One key cannot be taken; the file goes on. A reader turns it into a RowError, so it never leaves this package."""

    def __init__(self, reason: RowFault, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedRecord:
    """One key. `row` is the line of a CSV file or the number of the key in a PSKC file, from 1.

    `serial` is what is printed on the device, `counter` the next one of a counter token, `drift_steps` what the maker
    measured (device minus server). `pin` is the PIN that enters the answers of an OCRA key; `pin_key_id` names the key of the
    file that holds it. A usable record always has a seed.
    """

    row: int
    serial: str | None
    kind: KeyKind
    algorithm: Algorithm
    digits: int
    seed: Secret | None
    period_s: int | None = None
    counter: int | None = None
    drift_steps: int = 0
    suite: str | None = None
    key_id: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    issuer: str | None = None
    key_user: str | None = None
    device_user: str | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    uses_max: int | None = None
    pin: Secret | None = None
    pin_key_id: str | None = None
    unusable_because: Unusable | None = None

    @property
    def usable(self) -> bool:
        """Nothing in the file forbids to log in with it. Its dates are another question: `valid_at`."""
        return self.unusable_because is None

    @property
    def name(self) -> str:
        """The serial; where the file gives none, the id of the key."""
        return self.serial or self.key_id or ""

    @property
    def weak_secret(self) -> bool:
        """Under 112 bits (SP 800-63B-4 §3.1.4.1)."""
        return self.seed is not None and len(self.seed) < SEED_STRONG_OCTETS

    @property
    def parameters(self) -> Parameters:
        """What a verifier needs beside the seed."""
        if self.kind is KeyKind.OCRA:
            return parse_suite(self.suite or "").parameters
        return _parameters(self.kind, self.algorithm, self.digits, self.period_s)

    def valid_at(self, now: datetime) -> bool:
        """`now` lies within the dates that the maker set (RFC 6030 §5)."""
        begun = self.valid_from is None or self.valid_from <= now
        return begun and (self.valid_until is None or now <= self.valid_until)


@lru_cache(maxsize=256)
def _parameters(kind: KeyKind, algorithm: Algorithm, digits: int, period_s: int | None) -> Parameters:
    """Checked once: the keys of a delivery are mostly alike."""
    return Parameters(kind=TokenKind(kind.value), algorithm=algorithm, digits=digits, period_s=period_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowError:
    """One key or line that was not taken. `serial` is None where none could be read safely."""

    row: int
    serial: str | None
    reason: RowFault
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadResult:
    """Every key of the file, in one of two places."""

    format: SeedFormat
    records: tuple[SeedRecord, ...]
    refused: tuple[RowError, ...]
    signature: SignatureState = SignatureState.NONE


def checked_serial(text: str) -> str:
    """`text` as a serial number that may be shown and logged."""
    if len(text) > SERIAL_MAX or not text.isprintable():
        raise RefusedRow(RowFault.BAD_SERIAL, "the serial number is too long or has unprintable characters")
    return text


def checked_seed(octets: bytes) -> Secret:
    """`octets` as a seed of a length that can be one."""
    if not SEED_MIN_OCTETS <= len(octets) <= SEED_MAX_OCTETS:
        raise RefusedRow(
            RowFault.SEED_LENGTH, f"the seed is shorter than {SEED_MIN_OCTETS} or longer than {SEED_MAX_OCTETS} octets"
        )
    return Secret(octets)


def checked_parameters(kind: TokenKind, algorithm: Algorithm, digits: int, period_s: int | None) -> Parameters:
    """The parameters, or the refusal of this one key that says which is out of range."""
    try:
        return Parameters(kind=kind, algorithm=algorithm, digits=digits, period_s=period_s)
    except Invalid as error:
        raise RefusedRow(RowFault.DIGITS if error.field == "digits" else RowFault.PERIOD, str(error)) from None


def checked_suite(text: str | None) -> Suite:
    """`text` as the suite of an OCRA key, or the refusal of this one key."""
    try:
        return parse_suite(text or "")
    except NoTruncation as error:
        raise RefusedRow(RowFault.NO_TRUNCATION, str(error)) from None
    except Invalid as error:
        raise RefusedRow(RowFault.DIGITS if error.field == "digits" else RowFault.SUITE, str(error)) from None


def checked_counter(counter: int) -> int:
    """`counter` as one that can be stored and moved on from."""
    if not 0 <= counter <= COUNTER_STORABLE_MAX:
        raise RefusedRow(RowFault.COUNTER, "the counter is negative or beyond 63 bits")
    return counter
