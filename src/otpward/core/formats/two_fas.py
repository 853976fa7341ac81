"""The backup of 2FAS, plain or with a password: PBKDF2-SHA-256 and AES-256-GCM over `data:salt:nonce` in base64."""

import base64
import binascii
import json
from collections.abc import Iterator
from functools import partial
from hashlib import pbkdf2_hmac
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from otpward.core.formats.faults import BrokenSeedFile, SeedFileKeyNeeded, SeedFileNotAuthentic
from otpward.core.formats.json_text import entries, part, text
from otpward.core.formats.reading import Row
from otpward.core.formats.records import RowFault, SeedRecord
from otpward.core.formats.rowwise import Rows, app_name, base32_seed, hash_of, key_record, kind_of, number_of
from otpward.core.formats.unlock import Unlock

ROUNDS: Final = 10_000
KEY_OCTETS: Final = 32


def looks_like_two_fas(value: Any) -> bool:
    """A backup names its schema and its services."""
    return isinstance(value, dict) and "schemaVersion" in value and "services" in value


def read_two_fas(value: Any, unlock: Unlock) -> Iterator[Row]:
    """Each service is a record or a refusal; raises `SeedFileFault`."""
    services = part(value, "services")
    if text(value, "servicesEncrypted"):
        services = _opened(text(value, "servicesEncrypted"), unlock)
    rows = Rows()
    for row, service in enumerate(entries(services), start=1):
        yield rows.row(row, None, f"entry {row}", partial(_record, service, row))


def _record(service: Any, row: int) -> SeedRecord:
    otp = part(service, "otp")
    issuer = (text(otp, "issuer") or text(service, "name")).strip()
    account = (text(otp, "account") or text(otp, "label")).strip()
    return key_record(
        row=row,
        key_id=app_name(issuer, account),
        kind=kind_of(part(otp, "tokenType") or "TOTP"),
        seed=base32_seed(text(service, "secret")),
        algorithm=hash_of(part(otp, "algorithm")),
        digits=number_of(_or(part(otp, "digits"), 6), RowFault.DIGITS, "number of digits"),
        period_s=number_of(_or(part(otp, "period"), 30), RowFault.PERIOD, "period"),
        counter=number_of(_or(part(otp, "counter"), 0), RowFault.COUNTER, "counter"),
        user=account,
        issuer=issuer,
    )


def _or(value: Any, default: int) -> Any:
    return default if value is None else value


def _opened(sealed: str, unlock: Unlock) -> Any:
    try:
        data, salt, nonce = (base64.b64decode(piece, validate=True) for piece in sealed.split(":"))
    except (binascii.Error, ValueError):
        raise BrokenSeedFile("the encrypted services are not three parts of base64") from None
    if unlock.password is None:
        raise SeedFileKeyNeeded("the backup is encrypted with a password, which is needed", field="password")
    if not 8 <= len(nonce) <= 128 or not salt:
        raise BrokenSeedFile("the backup has a nonce or a salt that cannot be one")
    key = pbkdf2_hmac("sha256", unlock.password.reveal(), salt, ROUNDS, KEY_OCTETS)
    try:
        return json.loads(AESGCM(key).decrypt(nonce, data, None))
    except InvalidTag:
        raise SeedFileNotAuthentic("the password is another one, or the backup was changed", field="password") from None
    except (ValueError, RecursionError):
        raise BrokenSeedFile("the backup opened, and holds no JSON") from None
