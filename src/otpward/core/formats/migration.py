"""`otpauth-migration://`, the QR codes in which Google Authenticator hands its accounts on: a small protocol buffer.

    message Payload { repeated Key otp = 1; int32 version = 2, batch_size = 3, batch_index = 4, batch_id = 5; }
    message Key { bytes secret = 1; string name = 2, issuer = 3; int32 algorithm = 4, digits = 5, type = 6; int64 counter = 7; }

The period is not carried: it is 30 seconds. Unknown fields are passed over.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_to_bytes

from otpward.core.errors import Invalid
from otpward.core.formats.records import RefusedRow, RowFault, SeedRecord, checked_seed
from otpward.core.formats.rowwise import app_name, key_record
from otpward.core.oath.model import Algorithm, TokenKind
from otpward.core.secret import Secret

SCHEME: Final = "otpauth-migration:"
SHAPE: Final = re.compile(r"otpauth-migration://offline/?\?(?:[^#]*&)?data=(?P<data>[^&#]+)(?:[&#].*)?", re.IGNORECASE)
PAYLOAD_MAX_OCTETS: Final = 8192  # a QR code holds under three thousand
PARTS_MAX: Final = 100
VARINT_MAX_OCTETS: Final = 10
ALGORITHMS: Final[Mapping[int, Algorithm]] = {0: Algorithm.SHA1, 1: Algorithm.SHA1, 2: Algorithm.SHA256, 3: Algorithm.SHA512}
DIGITS: Final[Mapping[int, int]] = {0: 6, 1: 6, 2: 8}
KINDS: Final[Mapping[int, TokenKind]] = {1: TokenKind.HOTP, 2: TokenKind.TOTP}
VERSIONS: Final = frozenset({0, 1, 2})

Value = int | bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One QR code of a transfer. Its keys are still as they were written."""

    batch_id: int
    index: int
    size: int
    keys: tuple[bytes, ...]


def parse_migration(uri: str) -> Part:
    """One part.

    Raises:
        Invalid: no such URI, or damaged; the message never repeats it.
    """
    shape = SHAPE.fullmatch(uri.strip())
    if shape is None:
        raise Invalid("not an otpauth-migration URI", field="uri")
    try:
        text = unquote_to_bytes(shape["data"]).replace(b"-", b"+").replace(b"_", b"/")
        payload = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise Invalid("the data of the migration URI is not base64", field="uri") from None
    if len(payload) > PAYLOAD_MAX_OCTETS:
        raise Invalid("the migration URI is too long", field="uri")
    fields = list(_fields(payload))
    if _last_number(fields, 2) not in VERSIONS:
        raise Invalid("the migration URI is of an unknown version", field="uri")
    size, index = _last_number(fields, 3), _last_number(fields, 4)
    keys = tuple(value for number, value in fields if number == 1 and isinstance(value, bytes))
    if not keys:
        raise Invalid("the migration URI holds no account", field="uri")
    if size > PARTS_MAX or (size and index >= size):
        raise Invalid("the migration URI counts its parts wrongly", field="uri")
    return Part(batch_id=_last_number(fields, 5), index=index, size=max(size, 1), keys=keys)


def account_record(octets: bytes, row: int) -> SeedRecord:
    """The record of one account; raises `RefusedRow`, or `Invalid` where it is damaged."""
    fields = list(_fields(octets))
    kind = KINDS.get(_last_number(fields, 6))
    if kind is None:
        raise RefusedRow(RowFault.UNKNOWN_ALGORITHM, "the account is neither HOTP nor TOTP")
    algorithm = ALGORITHMS.get(_last_number(fields, 4))
    if algorithm is None:
        raise RefusedRow(RowFault.UNKNOWN_HASH, "the hash is none of SHA1, SHA256, SHA512")
    digits = DIGITS.get(_last_number(fields, 5))
    if digits is None:
        raise RefusedRow(RowFault.DIGITS, "the number of digits is unknown")
    name, issuer = _text(fields, 2), _text(fields, 3)
    account = name.partition(":")[2].strip() if issuer and name.startswith(f"{issuer}:") else name
    return key_record(
        row=row,
        key_id=app_name(issuer, account),
        kind=kind,
        seed=_secret(fields),
        algorithm=algorithm,
        digits=digits,
        counter=_last_number(fields, 7),
        user=account,
        issuer=issuer,
    )


def _secret(fields: list[tuple[int, Value]]) -> Secret:
    found = [value for number, value in fields if number == 1 and isinstance(value, bytes)]
    if not found or not found[-1]:
        raise RefusedRow(RowFault.BAD_SEED, "no seed")
    return checked_seed(found[-1])


def _text(fields: list[tuple[int, Value]], wanted: int) -> str:
    found = [value for number, value in fields if number == wanted and isinstance(value, bytes)]
    try:
        return found[-1].decode("utf-8").strip() if found else ""
    except UnicodeError:
        raise Invalid("a name in the migration URI is not UTF-8", field="uri") from None


def _last_number(fields: list[tuple[int, Value]], wanted: int) -> int:
    """The value of a number field: 0 where it is missing, the last one where it is repeated, as protocol buffers say."""
    found = [value for number, value in fields if number == wanted and isinstance(value, int)]
    return found[-1] if found else 0


def _fields(octets: bytes) -> Iterator[tuple[int, Value]]:
    """Each field and its value; fields of fixed width are passed over."""
    place = 0
    while place < len(octets):
        tag, place = _varint(octets, place)
        number, wire = tag >> 3, tag & 7
        if number == 0:
            raise _damaged()
        match wire:
            case 0:
                value, place = _varint(octets, place)
                yield number, value
            case 2:
                length, place = _varint(octets, place)
                if length > len(octets) - place:
                    raise _damaged()
                yield number, octets[place : place + length]
                place += length
            case 1 | 5:
                place += 8 if wire == 1 else 4
                if place > len(octets):
                    raise _damaged()
            case _:
                raise _damaged()


def _varint(octets: bytes, place: int) -> tuple[int, int]:
    value = 0
    for count in range(VARINT_MAX_OCTETS):
        if place >= len(octets):
            raise _damaged()
        octet = octets[place]
        place += 1
        value |= (octet & 0x7F) << (7 * count)
        if octet < 0x80:
            return value & (2**64 - 1), place
    raise _damaged()


def _damaged() -> Invalid:
    return Invalid("the migration URI is damaged or cut off", field="uri")
