"""The backup of FreeOTP+: `tokens`, each with its secret as a list of signed octets."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from otpward.core.formats.json_text import entries, part, text
from otpward.core.formats.reading import Row
from otpward.core.formats.records import RefusedRow, RowFault, SeedRecord, checked_seed
from otpward.core.formats.rowwise import Rows, app_name, hash_of, key_record, kind_of, number_of
from otpward.core.secret import Secret


def looks_like_free_otp(value: Any) -> bool:
    """A backup has its tokens and their order."""
    return isinstance(value, dict) and "tokens" in value and "tokenOrder" in value


def read_free_otp(value: Any) -> Iterator[Row]:
    """Each token is a record or a refusal; raises `SeedFileFault`."""
    rows = Rows()
    for row, token in enumerate(entries(value["tokens"]), start=1):
        yield rows.row(row, None, f"entry {row}", partial(_record, token, row))


def _record(token: Any, row: int) -> SeedRecord:
    issuer = (text(token, "issuerExt") or text(token, "issuerInt")).strip()
    label = text(token, "label").strip()
    return key_record(
        row=row,
        key_id=app_name(issuer, label),
        kind=kind_of(part(token, "type")),
        seed=_seed(part(token, "secret")),
        algorithm=hash_of(part(token, "algo")),
        digits=number_of(part(token, "digits"), RowFault.DIGITS, "number of digits"),
        period_s=number_of(part(token, "period"), RowFault.PERIOD, "period"),
        counter=number_of(part(token, "counter") or 0, RowFault.COUNTER, "counter"),
        user=label,
        issuer=issuer,
    )


def _seed(value: Any) -> Secret:
    if not isinstance(value, list) or not all(type(octet) is int and -128 <= octet <= 255 for octet in value):
        raise RefusedRow(RowFault.BAD_SEED, "the seed is not a list of octets")
    return checked_seed(bytes(octet & 0xFF for octet in value))
