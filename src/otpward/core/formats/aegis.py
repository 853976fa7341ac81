"""The vault of Aegis, plain or with a password: scrypt opens the slot, the slot's key opens the entries (AES-256-GCM)."""

import base64
import binascii
import json
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from otpward.core.formats.faults import BrokenSeedFile, SeedFileKeyNeeded, SeedFileNotAuthentic
from otpward.core.formats.json_text import entries, part, text
from otpward.core.formats.reading import Row
from otpward.core.formats.records import RowFault, SeedRecord
from otpward.core.formats.rowwise import Rows, app_name, base32_seed, hash_of, key_record, kind_of, number_of
from otpward.core.formats.unlock import Unlock
from otpward.core.oath.model import TokenKind

PASSWORD_SLOT: Final = 1
KEY_OCTETS: Final = 32
SLOTS_MAX: Final = 8
MEMORY_MAX_OCTETS: Final = 64 * 2**20  # scrypt takes 128·n·r; Aegis writes n = 32768, r = 8
PARALLEL_MAX: Final = 4


def looks_like_aegis(value: Any) -> bool:
    """A vault: a header and a database."""
    return isinstance(value, dict) and isinstance(value.get("header"), dict) and "db" in value


def read_aegis(value: Any, unlock: Unlock) -> Iterator[Row]:
    """Each entry is a record or a refusal; raises `SeedFileFault`."""
    database = value["db"] if isinstance(value["db"], dict) else _opened(value, unlock)
    rows = Rows()
    for row, entry in enumerate(entries(part(database, "entries")), start=1):
        yield rows.row(row, None, f"entry {row}", partial(_record, entry, row))


def _record(entry: Any, row: int) -> SeedRecord:
    kind = kind_of(part(entry, "type"))
    info = part(entry, "info")
    name, issuer = text(entry, "name").strip(), text(entry, "issuer").strip()
    timed = kind is TokenKind.TOTP
    return key_record(
        row=row,
        key_id=app_name(issuer, name),
        kind=kind,
        seed=base32_seed(text(info, "secret")),
        algorithm=hash_of(part(info, "algo")),
        digits=number_of(part(info, "digits"), RowFault.DIGITS, "number of digits"),
        period_s=number_of(part(info, "period"), RowFault.PERIOD, "period") if timed else 30,
        counter=0 if timed else number_of(part(info, "counter"), RowFault.COUNTER, "counter"),
        user=name,
        issuer=issuer,
    )


def _opened(value: Any, unlock: Unlock) -> Any:
    slots = [slot for slot in entries(part(value, "header", "slots")) if part(slot, "type") == PASSWORD_SLOT]
    if not slots:
        raise SeedFileKeyNeeded("the vault has no slot for a password; export it with a password", field="password")
    if len(slots) > SLOTS_MAX:
        raise BrokenSeedFile("the vault has too many slots")
    if unlock.password is None:
        raise SeedFileKeyNeeded("the vault is encrypted with a password, which is needed", field="password")
    for slot in slots:
        key = _slot_key(slot, unlock.password.reveal())
        if key is not None:
            plain = _gcm(key, part(value, "header", "params"), _base64(text(value, "db")))
            if plain is None:
                break
            return _parsed(plain)
    raise SeedFileNotAuthentic("the password is another one, or the vault was changed", field="password")


def _slot_key(slot: Any, password: bytes) -> bytes | None:
    n, r, p = (_number(part(slot, name)) for name in ("n", "r", "p"))
    if n & (n - 1) or not n > 1 or 128 * n * r > MEMORY_MAX_OCTETS or not 1 <= p <= PARALLEL_MAX or not 1 <= r <= 64:
        raise BrokenSeedFile("the vault asks for more work than a vault does")
    wrapping = Scrypt(salt=_hex(text(slot, "salt")), length=KEY_OCTETS, n=n, r=r, p=p).derive(password)
    key = _gcm(wrapping, part(slot, "key_params"), _hex(text(slot, "key")))
    return key if key is not None and len(key) == KEY_OCTETS else None


def _gcm(key: bytes, parameters: Any, sealed: bytes) -> bytes | None:
    nonce, tag = _hex(text(parameters, "nonce")), _hex(text(parameters, "tag"))
    if not 8 <= len(nonce) <= 128 or len(tag) != 16:
        raise BrokenSeedFile("the vault has a nonce or a tag that cannot be one")
    try:
        return AESGCM(key).decrypt(nonce, sealed + tag, None)
    except InvalidTag:
        return None


def _parsed(plain: bytes) -> Any:
    try:
        return json.loads(plain)
    except (ValueError, RecursionError):
        raise BrokenSeedFile("the vault opened, and holds no JSON") from None


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31:
        raise BrokenSeedFile("the vault has a number that is none")
    return value


def _hex(value: str) -> bytes:
    try:
        return bytes.fromhex(value)
    except ValueError:
        raise BrokenSeedFile("the vault has a value that is not hexadecimal") from None


def _base64(value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise BrokenSeedFile("the vault is not base64") from None
