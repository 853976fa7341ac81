"""Column types that mean the same on both engines."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from otpward.core.lifecycle.token import Hold
from otpward.core.model.health import DriftSample

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_HOLD_BITS: Final[Mapping[Hold, int]] = {
    Hold.LOST: 1,
    Hold.STOLEN: 2,
    Hold.MISUSED: 4,
    Hold.LOCKED: 8,
    Hold.BLOCKED: 16,
    Hold.DRIFTED: 32,
    Hold.SUSPENDED: 64,
    Hold.DORMANT: 128,
}
"""Part of the schema: a bit never changes its meaning."""


def holds_of(bits: int) -> frozenset[Hold]:
    """The holds that these bits mean."""
    return frozenset(hold for hold, bit in _HOLD_BITS.items() if bit & bits)


class Id(TypeDecorator[UUID]):
    """A key: `uuid` on PostgreSQL, 16 octets on SQLite (half of what text would take)."""

    impl = sa.LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(sa.Uuid(as_uuid=True))
        return dialect.type_descriptor(sa.LargeBinary(16))

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> Any:
        return value if value is None or dialect.name == "postgresql" else value.bytes

    def process_result_value(self, value: Any | None, dialect: Dialect) -> UUID | None:
        return value if value is None or isinstance(value, UUID) else UUID(bytes=bytes(value))


class Time(TypeDecorator[datetime]):
    """A moment: microseconds since 1970 in UTC, as a 64-bit number."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else (value - _EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else _EPOCH + timedelta(microseconds=value)


class Day(TypeDecorator[date]):
    """A calendar day: its number since 1970."""

    impl = sa.Integer
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> int | None:
        return None if value is None else (value - _EPOCH.date()).days

    def process_result_value(self, value: int | None, dialect: Dialect) -> date | None:
        return None if value is None else _EPOCH.date() + timedelta(days=value)


class Word(TypeDecorator[Any]):
    """One word of an enumeration, as text."""

    impl = sa.String
    cache_ok = True

    def __init__(self, kind: type[Enum]) -> None:
        super().__init__(32)
        self.kind = kind

    def process_bind_param(self, value: Any | None, dialect: Dialect) -> str | None:
        return None if value is None else str(self.kind(value).value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else self.kind(value)


class Holds(TypeDecorator[frozenset[Hold]]):
    """A set of holds, as bits in one number; 0 is a token that nothing stops."""

    impl = sa.Integer
    cache_ok = True

    def process_bind_param(self, value: frozenset[Hold] | None, dialect: Dialect) -> int:
        return sum(_HOLD_BITS[hold] for hold in value or ())

    def process_result_value(self, value: int | None, dialect: Dialect) -> frozenset[Hold]:
        return holds_of(value or 0)


class Words(TypeDecorator[frozenset[str]]):
    """A small set of words without spaces, as text."""

    impl = sa.String
    cache_ok = True

    def process_bind_param(self, value: frozenset[str] | None, dialect: Dialect) -> str:
        return " ".join(sorted(value or ()))

    def process_result_value(self, value: str | None, dialect: Dialect) -> frozenset[str]:
        return frozenset((value or "").split())


class Detail(TypeDecorator[Mapping[str, Any]]):
    """A small object, as canonical JSON text."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Mapping[str, Any] | None, dialect: Dialect) -> str:
        return json.dumps(dict(value or {}), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Mapping[str, Any]:
        loaded: Mapping[str, Any] = json.loads(value or "{}")
        return loaded


class Samples(TypeDecorator[tuple[DriftSample, ...]]):
    """A few readings of a clock, as text: `seconds:steps` since 1970, oldest first."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: tuple[DriftSample, ...] | None, dialect: Dialect) -> str:
        return " ".join(f"{(one.at - _EPOCH) // timedelta(seconds=1)}:{one.steps}" for one in value or ())

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[DriftSample, ...]:
        pairs = (one.partition(":") for one in (value or "").split())
        return tuple(DriftSample(_EPOCH + timedelta(seconds=int(at)), int(steps)) for at, _, steps in pairs)
