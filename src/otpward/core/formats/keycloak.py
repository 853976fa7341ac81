"""OTP credentials of Keycloak: a realm's export, users, or single credentials.

`secretData` and `credentialData` are JSON in a text. Where no `secretEncoding` is given the seed is the text itself, in UTF-8.
"""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from otpward.core.formats.faults import UnknownSeedFile
from otpward.core.formats.json_text import entries, part, text
from otpward.core.formats.reading import Row
from otpward.core.formats.records import RefusedRow, RowFault, SeedRecord, checked_seed
from otpward.core.formats.rowwise import Rows, app_name, base32_seed, hash_of, key_record, kind_of, number_of
from otpward.core.secret import Secret

OTP: Final = frozenset({"otp", "totp", "hotp"})


def looks_like_keycloak(value: Any) -> bool:
    """Users with credentials, or credentials."""
    if isinstance(value, list):
        return any(_is_user(one) or _is_credential(one) for one in value[:50])
    return _is_user(value) or _is_credential(value) or isinstance(part(value, "users"), list)


def read_keycloak(value: Any) -> Iterator[Row]:
    """Each OTP credential is a record or a refusal; other credentials are no tokens and are passed over. Raises
    `SeedFileFault`."""
    rows, row = Rows(), 0
    for user, credential in _credentials(value):
        row += 1
        yield rows.row(row, None, f"credential {row}", partial(_record, user, credential, row))
    if not row:
        raise UnknownSeedFile("the file holds no OTP credential")


def _is_user(value: Any) -> bool:
    return isinstance(part(value, "credentials"), list)


def _is_credential(value: Any) -> bool:
    return isinstance(part(value, "secretData"), str) and isinstance(part(value, "credentialData"), str)


def _credentials(value: Any) -> Iterator[tuple[str, Any]]:
    holders = entries(value if isinstance(value, list) else part(value, "users") or [value])
    for holder in holders:
        if _is_credential(holder):
            found, user = [holder], ""
        elif isinstance(part(holder, "credentials"), list):
            found, user = entries(part(holder, "credentials")), text(holder, "username").strip()
        else:
            continue
        for credential in found:
            if text(credential, "type") in OTP:
                yield user, credential


def _record(user: str, credential: Any, row: int) -> SeedRecord:
    secret, data = _inner(text(credential, "secretData")), _inner(text(credential, "credentialData"))
    label = text(credential, "userLabel").strip()
    return key_record(
        row=row,
        key_id=app_name(user, label or text(credential, "id")[:36]) if user or label else app_name("", text(credential, "id")),
        kind=kind_of(part(data, "subType")),
        seed=_seed(secret, data),
        algorithm=hash_of(part(data, "algorithm")),
        digits=number_of(part(data, "digits"), RowFault.DIGITS, "number of digits"),
        period_s=number_of(part(data, "period") or 30, RowFault.PERIOD, "period"),
        counter=number_of(part(data, "counter") or 0, RowFault.COUNTER, "counter"),
        user=user,
    )


def _seed(secret: Any, data: Any) -> Secret:
    value, encoding = text(secret, "value"), part(data, "secretEncoding")
    if encoding == "BASE32":
        return base32_seed(value)
    if encoding:
        raise RefusedRow(RowFault.BAD_SEED, "the seed is in an unknown encoding")
    return checked_seed(value.encode())


def _inner(value: str) -> Any:
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        raise RefusedRow(RowFault.BAD_SEED, "the credential is not JSON") from None
