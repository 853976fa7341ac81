"""Rows of the hot path to records and back, without the cost of asking a general mapper."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final
from uuid import UUID

from otpward.core.audit import AuditLine
from otpward.core.ids import InstitutionId, TokenId
from otpward.core.lifecycle.token import Hold, TokenState
from otpward.core.model.answer import KeptAnswer
from otpward.core.model.institution import ApiKey
from otpward.core.model.token import Token
from otpward.core.oath.model import Algorithm, TokenKind
from otpward.core.policy.rates import WRONG_CODES_PER_CLIENT
from otpward.store.columns import holds_of

TOKEN: Final = (
    "id",
    "institution_id",
    "serial",
    "state",
    "holds",
    "kind",
    "algorithm",
    "digits",
    "period_s",
    "high_water",
    "drift_steps",
    "failures",
    "failures_total",
    "locked_until",
    "valid_from",
    "valid_until",
    "used_at",
    "active_at",
    "hold_until",
    "seed",
    "version",
)
API_KEY: Final = (
    "id",
    "institution_id",
    "handle",
    "digest",
    "scopes",
    "name",
    "created_at",
    "expires_at",
    "revoked_at",
    "version",
)
AUDIT: Final = (
    "day",
    "institution_id",
    "id",
    "at",
    "event",
    "actor_kind",
    "actor_id",
    "source",
    "subject",
    "subject_id",
    "case_id",
    "result",
    "detail",
)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY: Final = _EPOCH.date()
_MICROSECOND: Final = timedelta(microseconds=1)
DAY: Final = timedelta(days=1) // _MICROSECOND
_STATES: Final = {one.value: one for one in TokenState}
_KINDS: Final = {one.value: one for one in TokenKind}
_ALGORITHMS: Final = {one.value: one for one in Algorithm}


def micros(at: datetime) -> int:
    """A moment as it is stored."""
    return (at - _EPOCH) // _MICROSECOND


def moment(stored: int | None) -> datetime | None:
    """A stored moment."""
    return None if stored is None else _EPOCH + timedelta(microseconds=stored)


@cache
def _holds(bits: int) -> frozenset[Hold]:
    return holds_of(bits)


def token_of(row: Sequence[Any], key: UUID, institution_id: UUID, first: int = 0) -> Token:
    """The token in the columns `TOKEN` of a row, which begin at `first`; its keys are handed in as the engine spells them."""
    (_, _, serial, state, bits, kind, algorithm, digits, period_s, high_water, drift_steps, failures, total, *rest) = row[
        first : first + len(TOKEN)
    ]
    locked_until, valid_from, valid_until, used_at, active_at, hold_until, seed, version = rest
    return Token(
        id=TokenId(key),
        institution_id=InstitutionId(institution_id),
        serial=serial,
        state=_STATES[state],
        holds=_holds(bits),
        kind=_KINDS[kind],
        algorithm=_ALGORITHMS[algorithm],
        digits=digits,
        period_s=period_s,
        high_water=high_water,
        drift_steps=drift_steps,
        failures=failures,
        failures_total=total,
        locked_until=moment(locked_until),
        valid_from=moment(valid_from),
        valid_until=moment(valid_until),
        used_at=moment(used_at),
        active_at=moment(active_at),
        hold_until=moment(hold_until),
        seed=seed,
        version=version,
    )


def api_key_of(row: Sequence[Any], key: UUID, institution_id: UUID, first: int = 0) -> ApiKey:
    """The API key in the columns `API_KEY` of a row."""
    _, _, handle, digest, scopes, name, created_at, expires_at, revoked_at, version = row[first : first + len(API_KEY)]
    return ApiKey(
        id=key,
        institution_id=InstitutionId(institution_id),
        handle=handle,
        digest=digest,
        scopes=frozenset(scopes.split()),
        name=name,
        created_at=_EPOCH + timedelta(microseconds=created_at),
        expires_at=moment(expires_at),
        revoked_at=moment(revoked_at),
        version=version,
    )


def line_values(line: AuditLine, at: int) -> tuple[Any, ...]:
    """An audit line as the columns `AUDIT`, keys as UUIDs; `at` is its moment as stored."""
    return (
        at // DAY,
        line.institution_id,
        line.id,
        at,
        line.event.value,
        line.actor_kind.value,
        line.actor_id,
        line.source,
        line.subject,
        line.subject_id,
        line.case_id,
        line.result,
        "{}",
    )


def kept_of(institution_id: UUID, row_id: UUID, values: Sequence[Any]) -> KeptAnswer:
    """A kept answer from its key, request, verification and until."""
    key, request, verification, until = values
    return KeptAnswer(
        id=row_id,
        institution_id=InstitutionId(institution_id),
        key=key,
        request=request,
        verification=json.loads(verification),
        until=_EPOCH + timedelta(microseconds=until),
    )


def verification_text(values: Mapping[str, str | int | None]) -> str:
    """A verification as it is kept, in the form of the column."""
    return json.dumps(dict(values), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def windows(at: int) -> tuple[int, ...]:
    """Where the windows of `WRONG_CODES_PER_CLIENT` begin that this moment falls into."""
    return tuple(at - at % (rate.window // _MICROSECOND) for rate in WRONG_CODES_PER_CLIENT)
