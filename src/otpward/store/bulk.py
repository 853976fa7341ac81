"""Many rows in one statement, each column turned into the database's form at once: a tenth of the time of single rows."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

import sqlalchemy as sa

from otpward.store.columns import Id

_FEW: Final = 4096
"""Of a column with fewer different values than this, each is turned once."""
_MANY: Final = 64
"""From so many rows on PostgreSQL is sent columns; for fewer the statement is not worth its planning."""


def insert_all(
    connection: sa.Connection,
    table: sa.Table,
    columns: Mapping[str, Sequence[Any]],
    shared: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Insert rows given by column, and what all of them `shared`; every other column of the table has its default in the
    database.

    Raises:
        sqlalchemy.exc.IntegrityError: a key, or something that must be unique, is taken.
    """
    count = len(next(iter(columns.values())))
    if not count:
        return
    if connection.dialect.name == "postgresql" and count >= _MANY:
        _insert_columns(connection, table, columns, shared)
        return
    ready = [_turned(table.c[name], values, connection.dialect) for name, values in columns.items()]
    ready += [_turned(table.c[name], [value], connection.dialect) * count for name, value in shared.items()]
    statement = _statement(table, (*columns, *shared), _mark(connection))
    connection.exec_driver_sql(statement, list(zip(*ready, strict=True)))


def _insert_columns(
    connection: sa.Connection, table: sa.Table, columns: Mapping[str, Sequence[Any]], shared: Mapping[str, Any]
) -> None:
    """What all rows share goes once, the rest as an array for each column: the server takes a third of the time of rows."""
    shared = {**shared, **{name: values[0] for name, values in columns.items() if _alike(values)}}
    apart = tuple(name for name in columns if name not in shared)
    given = [_turned(table.c[name], [value], connection.dialect)[0] for name, value in shared.items()]
    given += [_turned(table.c[name], columns[name], connection.dialect) for name in apart]
    count = () if apart else (len(next(iter(columns.values()))),)
    connection.exec_driver_sql(_by_columns(connection.dialect, table, tuple(shared), apart), (*given, *count))


def marks(connection: sa.Connection, columns: int, rows: int) -> str:
    """So many rows of values in a statement: `(?, ?), (?, ?)`."""
    one = f"({', '.join([_mark(connection)] * columns)})"
    return ", ".join([one] * rows)


def turned(column: sa.Column[Any], values: Sequence[Any], dialect: sa.Dialect) -> list[Any]:
    """The values in the database's form."""
    return _turned(column, values, dialect)


def _mark(connection: sa.Connection) -> str:
    return "?" if connection.dialect.name == "sqlite" else "%s"


@lru_cache(maxsize=64)
def _statement(table: sa.Table, names: tuple[str, ...], mark: str) -> str:
    listed = ", ".join(f'"{name}"' for name in names)
    return f'INSERT INTO "{table.name}" ({listed}) VALUES ({", ".join([mark] * len(names))})'  # noqa: S608 -- names of ours


@lru_cache(maxsize=256)
def _by_columns(dialect: sa.Dialect, table: sa.Table, shared: tuple[str, ...], apart: tuple[str, ...]) -> str:
    kinds = {name: table.c[name].type.compile(dialect) for name in (*shared, *apart)}
    listed = ", ".join(f'"{name}"' for name in (*shared, *apart))
    values = ", ".join([*(f"%b::{kinds[name]}" for name in shared), *(f'here."{name}"' for name in apart)])
    arrays = ", ".join(f"%b::{kinds[name]}[]" for name in apart)
    names = ", ".join(f'"{name}"' for name in apart)
    rows = f"unnest({arrays}) AS here({names})" if apart else "generate_series(1, %s)"
    return f'INSERT INTO "{table.name}" ({listed}) SELECT {values} FROM {rows}'  # noqa: S608 -- names of ours


def _alike(values: Sequence[Any]) -> bool:
    """Whether they are all the same; a flag is no number here."""
    first = values[0]
    same = first is values[-1] or (type(first) is type(values[-1]) and first == values[-1])
    return bool(same and list(values).count(first) == len(values))


def _turned(column: sa.Column[Any], values: Sequence[Any], dialect: sa.Dialect) -> list[Any]:
    turn: Callable[[Any], Any] | None = column.type.dialect_impl(dialect).bind_processor(dialect)
    if turn is None or not values:
        return list(values)
    if _alike(values):
        return [turn(values[0])] * len(values)
    if isinstance(column.type, Id):
        return list(values) if dialect.name == "postgresql" else [value if value is None else value.bytes for value in values]
    if type(column.type) is sa.LargeBinary:
        return list(values)  # octets are octets to either driver
    known: dict[Any, Any] = {}
    answers: list[Any] = []
    for value in values:
        try:
            answers.append(known[value])
        except KeyError:
            answer = turn(value)
            if len(known) < _FEW:
                known[value] = answer
            answers.append(answer)
        except TypeError:  # a value that cannot be a key
            answers.append(turn(value))
    return answers
