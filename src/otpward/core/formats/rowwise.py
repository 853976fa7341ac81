"""What readers of lists share: a row is a record or a refusal, never nothing, and no name comes twice."""

import re
from collections.abc import Callable
from typing import Final

from otpward.core.errors import Invalid
from otpward.core.formats.reading import Row
from otpward.core.formats.records import (
    KeyKind,
    RefusedRow,
    RowError,
    RowFault,
    SeedRecord,
    checked_counter,
    checked_parameters,
    checked_seed,
    checked_serial,
)
from otpward.core.oath.base32 import decode_base32
from otpward.core.oath.model import Algorithm, TokenKind
from otpward.core.secret import Secret

HEX: Final = re.compile(r"(?:[0-9A-Fa-f]{2})+", re.ASCII)
SEED_LIKE: Final = re.compile(
    r"(?=.*[A-Fa-f])[0-9A-Fa-f]{20,}|[0-9]{32,}", re.ASCII
)  # 80 bits in hex, not a long decimal number
NUMBER: Final = re.compile(r"[0-9]{1,20}", re.ASCII)
KINDS: Final = {kind.value: kind for kind in (TokenKind.HOTP, TokenKind.TOTP)}
FIELD_FAULTS: Final = {
    "secret": RowFault.BAD_SEED,
    "algorithm": RowFault.UNKNOWN_HASH,
    "digits": RowFault.DIGITS,
    "period": RowFault.PERIOD,
    "period_s": RowFault.PERIOD,
    "counter": RowFault.COUNTER,
    "type": RowFault.UNKNOWN_ALGORITHM,
    "account": RowFault.NO_NAME,
    "issuer": RowFault.BAD_SERIAL,
}


class Rows:
    """Turns one entry after the other into a row; remembers names, as hashes."""

    __slots__ = ("_seen",)

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def row(self, number: int, serial: str | None, place: str, make: Callable[[], SeedRecord]) -> Row:
        """What `make` makes, or why it cannot. `place` is named in the message."""
        try:
            if serial is not None and hash(serial) in self._seen:
                raise RefusedRow(RowFault.DUPLICATE, "this serial number is already in the file")
            record = make()
            if hash(record.name) in self._seen:
                raise RefusedRow(RowFault.DUPLICATE, "this name is already in the file")
            self._seen.add(hash(record.name))
            return record
        except RefusedRow as refusal:
            return RowError(row=number, serial=serial, reason=refusal.reason, message=f"{place}: {refusal.message}")
        except Invalid as fault:
            reason = FIELD_FAULTS.get(fault.field or "", RowFault.URI)
            return RowError(row=number, serial=serial, reason=reason, message=f"{place}: {fault}")


def shown_serial(text: str) -> str | None:
    """`text` as a serial that may stand in a report, or None: it may be a seed in the wrong column."""
    try:
        return serial_of(text)
    except RefusedRow:
        return None


def serial_of(text: str) -> str:
    """The serial number; raises `RefusedRow`."""
    if not text:
        raise RefusedRow(RowFault.NO_NAME, "no serial number")
    if SEED_LIKE.fullmatch(text):
        raise RefusedRow(RowFault.BAD_SERIAL, "the serial number looks like a seed: are the columns in order?")
    return checked_serial(text)


def hex_seed(text: str) -> Secret:
    """A seed in hexadecimal; raises `RefusedRow`."""
    if not HEX.fullmatch(text):
        raise RefusedRow(RowFault.BAD_SEED, "the seed is not an even number of hex digits")
    return checked_seed(bytes.fromhex(text))


def base32_seed(text: str) -> Secret:
    """A seed in base32; raises `RefusedRow`."""
    try:
        return checked_seed(decode_base32(text).reveal())
    except Invalid as error:
        raise RefusedRow(RowFault.BAD_SEED, str(error)) from None


def number_of(value: object, reason: RowFault, name: str) -> int:
    """A whole number, written in digits or as JSON has it; raises `RefusedRow`."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**20:
        return value
    if isinstance(value, str) and NUMBER.fullmatch(value):
        return int(value)
    raise RefusedRow(reason, f"the {name} is not a whole number")


def kind_of(text: object) -> TokenKind:
    """HOTP or TOTP; raises `RefusedRow`."""
    kind = KINDS.get(text.casefold()) if isinstance(text, str) else None
    if kind is None:
        raise RefusedRow(RowFault.UNKNOWN_ALGORITHM, "the type is neither HOTP nor TOTP")
    return kind


def hash_of(text: object) -> Algorithm:
    """SHA-1, SHA-256 or SHA-512, as `SHA1`, `HmacSHA256`, `sha-512`; SHA-1 where nothing is said. Raises `RefusedRow`."""
    try:
        plain = str(text or "").casefold().replace("-", "").removeprefix("hmac")
        return Algorithm(plain or Algorithm.SHA1)
    except ValueError:
        raise RefusedRow(RowFault.UNKNOWN_HASH, "the hash is none of SHA1, SHA256, SHA512") from None


def key_record(
    *,
    row: int,
    kind: TokenKind,
    seed: Secret,
    algorithm: Algorithm = Algorithm.SHA1,
    digits: int = 6,
    period_s: int = 30,
    counter: int = 0,
    serial: str | None = None,
    key_id: str | None = None,
    user: str | None = None,
    issuer: str | None = None,
    manufacturer: str | None = None,
    model: str | None = None,
) -> SeedRecord:
    """The record of a key that counts or tells time, its parameters checked; raises `RefusedRow`."""
    timed = kind is TokenKind.TOTP
    checked_parameters(kind, algorithm, digits, period_s if timed else None)
    return SeedRecord(
        row=row,
        serial=serial,
        key_id=key_id,
        kind=KeyKind(kind.value),
        algorithm=algorithm,
        digits=digits,
        seed=seed,
        period_s=period_s if timed else None,
        counter=None if timed else checked_counter(counter),
        key_user=user or None,
        issuer=issuer or None,
        manufacturer=manufacturer or None,
        model=model or None,
    )


def app_name(issuer: str, account: str) -> str:
    """How a key of an app is called, which has no serial number; raises `RefusedRow`."""
    name = f"{issuer}:{account}" if issuer and account else issuer or account
    if not name.strip():
        raise RefusedRow(RowFault.NO_NAME, "the entry has no name")
    return checked_serial(name.strip())
