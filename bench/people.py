"""People with a token each, by the hundred thousand.

The first is made as the product makes them: added, and their token imported as one in use. Every other is a copy of all rows
about the first, whatever tables those lie in, with keys, names and seals of their own; so this need not know the schema.
"""

import itertools
import operator
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final, cast
from uuid import UUID

import psycopg
import sqlalchemy as sa
from psycopg import sql

from bench.devices import DIGITS, seed_of, serial_of
from otpward.clerk.tokens import seal_seed
from otpward.core.audit import Actor, ActorKind
from otpward.core.ids import InstitutionId, MemberId, bucket_of, home_bucket, make_id
from otpward.core.model.member import Member
from otpward.core.secret import Personal, Secret
from otpward.ports.desk import House
from otpward.ports.vault import About
from otpward.services.oversee.add_member import AddMember, add_member
from otpward.services.stock.import_seeds import Entry, ImportSeeds, import_seeds
from otpward.store import tables
from otpward.store.columns import Id
from otpward.store.personal import Sealer, personal_fields

_AT_ONCE: Final = 20_000
_BY: Final = Actor(kind=ActorKind.OPERATOR, source="bench")
_SQLITE_CACHE_KIB: Final = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Mould:
    """One row about the first person: the columns that are the same for everyone, and what stands for the others."""

    table: sa.Table
    names: tuple[str, ...]
    places: tuple[int, ...]


class Crowd:
    """The people of one institution, numbered as their devices are."""

    def __init__(self, engine: sa.Engine, house: House, institution_id: InstitutionId, secret: bytes) -> None:
        self._engine = engine
        self._house = house
        self._institution_id = institution_id
        self._secret = secret
        self._constants: list[Any] = []
        self._moulds: list[Mould] = []

    def settle(self, count: int) -> list[str]:
        """Make so many people, the first among them; the tables that hold something about each."""
        member = self._first()
        self._cast(member)
        rows = self._rows(range(1, count), member)
        if self._engine.dialect.name == "sqlite":
            self._into_sqlite(rows)
        else:
            self._into_postgresql(rows)
        return [mould.table.name for mould in self._moulds]

    def _first(self) -> Member:
        inside, house = self._institution_id, self._house
        new = AddMember(institution_id=inside, login="b0", name="Bench")
        member = house.do(inside, lambda desk: add_member(new, desk=desk, passwords=house.passwords))
        serial = serial_of(0)
        line = f"{serial},{seed_of(self._secret, 0).hex()},hotp,{DIGITS},0\n".encode()
        ask = ImportSeeds(
            institution_id=inside, data=line, file_name="bench.csv", by=_BY, entry=Entry.ACTIVE, owners={serial: member.login}
        )
        assert house.do(inside, lambda desk: import_seeds(ask, desk=desk)).imported == 1
        return member

    def _cast(self, member: Member) -> None:
        """Find what there is about the first person."""
        token = self._house.look(self._institution_id, lambda uow: uow.tokens.first(serial=serial_of(0)))
        assert token is not None
        known = {member.id: 0, token.id: 1, "b0": 4, serial_of(0): 5}
        sealed = {(tables.token.name, "seed"): 6, (tables.member_table.name, "data_key"): 7}
        personal = sorted(name for name in personal_fields(Member) if getattr(member, name))
        sealed |= {(tables.member_table.name, name): 8 + place for place, name in enumerate(personal)}
        fresh = itertools.count(8 + len(personal))
        found = list(self._about({member.id, token.id}))
        own = {row["id"]: next(fresh) for table, row in found if row["id"] not in known}
        first_constant = next(fresh)
        buckets = {bucket_of(member.id): 2, bucket_of(token.id): 3}
        assert len(buckets) == 2, "the first person and token lie in buckets of their own"
        for table, row in found:
            places = []
            for column in table.c:
                value = row[column.name]
                if column.name == "bucket":
                    place = buckets[value]
                elif (table.name, column.name) in sealed:
                    place = sealed[table.name, column.name]
                elif isinstance(value, UUID | str) and (value in known or value in own):
                    place = known[value] if value in known else own[value]
                else:
                    place = first_constant + len(self._constants)
                    self._constants.append(self._bound(column, value))
                places.append(place)
            self._moulds.append(Mould(table=table, names=tuple(table.c.keys()), places=tuple(places)))
        self._personal = personal
        self._fresh = len(own)

    def _about(self, keys: set[UUID]) -> Iterator[tuple[sa.Table, dict[str, Any]]]:
        with self._engine.connect() as connection:
            for table in tables.metadata.sorted_tables:
                naming = [column for column in table.c if isinstance(column.type, Id)]
                if table is tables.audit_line or not naming:
                    continue
                query = sa.select(table).where(sa.or_(*(column.in_(keys) for column in naming)))
                for row in connection.execute(query).mappings():
                    yield table, dict(row)

    def _bound(self, column: sa.Column[Any], value: Any) -> Any:
        """As the driver takes it."""
        dialect = self._engine.dialect
        process = column.type.dialect_impl(dialect).bind_processor(dialect)
        return process(value) if process else value

    def _key(self, key: UUID) -> Any:
        return key.bytes if self._engine.dialect.name == "sqlite" else key

    def _rows(self, numbers: Iterable[int], like: Member) -> Iterator[list[tuple[Any, ...]]]:
        """For so many people at a time, the rows of each mould in turn."""
        pick = [operator.itemgetter(*mould.places) for mould in self._moulds]
        texts = [cast(Personal, getattr(like, name)) for name in self._personal]
        desk = self._house.desk(self._institution_id)
        inside, now = self._institution_id, desk.now
        waiting = iter(numbers)
        with self._engine.connect() as connection:
            while some := list(itertools.islice(waiting, _AT_ONCE)):
                sealer = Sealer(connection, self._house.vault)
                people = []
                for number in some:
                    serial, login = serial_of(number), f"b{number}"
                    member_id = MemberId(make_id(now, os.urandom(16), home_bucket(str(inside), login)))
                    token_id = make_id(now, os.urandom(16), home_bucket(str(inside), serial))
                    seed = Secret(seed_of(self._secret, number))
                    people.append(
                        [
                            self._key(member_id),
                            self._key(token_id),
                            bucket_of(member_id),
                            bucket_of(token_id),
                            login,
                            serial,
                            seal_seed(seed, institution_id=inside, token_id=token_id, desk=desk),
                            sealer.make_key(inside, member_id),
                            *(
                                sealer.seal(text, About(inside, member_id, f"{tables.member_table.name}.{name}"), member_id)
                                for name, text in zip(self._personal, texts, strict=True)
                            ),
                            *(self._key(make_id(now, os.urandom(16))) for _ in range(self._fresh)),
                            *self._constants,
                        ]
                    )
                for one in pick:
                    yield [one(person) for person in people]

    def _into_sqlite(self, batches: Iterator[list[tuple[Any, ...]]]) -> None:
        """One transaction with a big cache, not synced: the file holds nothing yet that anybody would miss."""
        path = self._engine.url.database
        assert path
        statements = itertools.cycle(
            f"INSERT INTO {mould.table.name} ({', '.join(mould.names)}) VALUES ({', '.join('?' * len(mould.names))})"
            for mould in self._moulds
        )
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute(f"PRAGMA cache_size=-{_SQLITE_CACHE_KIB}")
            connection.execute("BEGIN IMMEDIATE")
            for statement, rows in zip(statements, batches, strict=False):
                connection.executemany(statement, rows)
            connection.execute("COMMIT")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _into_postgresql(self, batches: Iterator[list[tuple[Any, ...]]]) -> None:
        """COPY, and then what autovacuum would do in its time."""
        url = self._engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        targets: Sequence[sql.Composed] = [
            sql.SQL("COPY {} ({}) FROM STDIN").format(
                sql.Identifier(mould.table.name), sql.SQL(", ").join(map(sql.Identifier, mould.names))
            )
            for mould in self._moulds
        ]
        with psycopg.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
            for target, rows in zip(itertools.cycle(targets), batches, strict=False):
                with cursor.copy(target) as copy:
                    for row in rows:
                        copy.write_row(row)
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("CHECKPOINT")
