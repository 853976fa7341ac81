"""Frozen records in tables: added once, saved by compare-and-set, found by conditions."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from operator import attrgetter
from typing import Any, Generic, TypeVar, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import RowMapping

from otpward.core.errors import Invalid, Moved, NotFound, Taken
from otpward.core.ids import InstitutionId, bucket_of, home_bucket
from otpward.ports.unit_of_work import Among, Before, Behind, Row
from otpward.ports.vault import About
from otpward.store.bulk import insert_all
from otpward.store.personal import Sealer, octet_fields, personal_fields

R = TypeVar("R", bound=Row)


class SqlRecords(Generic[R]):
    """The rows of one table as records of one kind, kept inside one institution where one is given.

    `bucket_from` names the field whose key carries the bucket, for tables that lead with one; `bucket_by` the text that the
    bucket was made of, so that a search by it stays in one bucket.
    """

    def __init__(
        self,
        connection: sa.Connection,
        table: sa.Table,
        kind: type[R],
        *,
        institution_id: InstitutionId | None,
        sealer: Sealer,
        bucket_from: str | None = None,
        bucket_by: str | None = None,
    ) -> None:
        self._connection = connection
        self._table = table
        self._kind = kind
        self._institution_id = institution_id if "institution_id" in table.c else None
        self._sealer = sealer
        self._bucket_from = bucket_from
        self._bucket_by = bucket_by
        self._names = [field.name for field in fields(cast(Any, kind))]
        self._personal = personal_fields(kind)
        self._octets = octet_fields(kind)
        # What the model works out by itself stands in a column of its own where rows are searched by it.
        derived = [column.name for column in table.c if column.name not in self._names]
        self._derived = [name for name in derived if isinstance(getattr(kind, name, None), property)]

    def add(self, row: R) -> None:
        """Keep a new row; raises `Taken`."""
        self._refuse_strangers(row)
        values = self._values(row)
        if "data_key" in self._table.c:
            values["data_key"] = self._sealer.make_key(values["institution_id"], row.id)
        values |= self._seal(row)
        try:
            self._connection.execute(sa.insert(self._table).values(values))
        except sa.exc.IntegrityError:
            raise Taken(f"{self._table.name}: this key or number exists already") from None

    def add_all(self, rows: Sequence[R]) -> None:
        """Keep many new rows at once; raises `Taken`."""
        if "data_key" in self._table.c:
            for row in rows:
                self.add(row)
            return
        for row in rows:
            self._refuse_strangers(row)
        if self._personal and rows and "member_id" in self._names:
            self._sealer.fetch_keys(cast(Any, rows[0]).institution_id, [row.member_id for row in cast(Any, rows)])
        columns: dict[str, list[Any]] = {name: list(map(attrgetter(name), rows)) for name in [*self._names, *self._derived]}
        if self._personal:
            sealed = [self._seal(row) for row in rows]
            columns |= {name: [one[name] for one in sealed] for name in self._personal}
        if self._bucket_from is not None:
            columns["bucket"] = [bucket_of(key) for key in columns[self._bucket_from]]
        try:
            insert_all(self._connection, self._table, columns)
        except sa.exc.IntegrityError:
            raise Taken(f"{self._table.name}: a key or number exists already") from None

    def add_alike(self, model: R, columns: Mapping[str, Sequence[Any]]) -> None:
        """Keep many new rows that differ in these fields alone; raises `Taken`."""
        self._refuse_strangers(model)
        if self._personal or self._derived or "institution_id" in columns:
            raise TypeError(f"{self._table.name}: such rows are made one by one")
        shared = {name: getattr(model, name) for name in self._names if name not in columns}
        apart = dict(columns)
        if self._bucket_from is not None:
            apart["bucket"] = [bucket_of(key) for key in columns[self._bucket_from]]
        try:
            insert_all(self._connection, self._table, apart, shared)
        except sa.exc.IntegrityError:
            raise Taken(f"{self._table.name}: a key or number exists already") from None

    def get(self, key: UUID) -> R:
        """The row of this key; raises `NotFound`."""
        row = self.first(id=key)
        if row is None:
            raise NotFound(f"{self._table.name}: no such row")
        return row

    def save(self, row: R) -> R:
        """Compare and set; raises `Moved`, `Taken`."""
        self._refuse_strangers(row)
        saved = replace(cast(Any, row), version=row.version + 1)
        values = self._values(saved) | self._seal(saved)
        where = [self._table.c.id == row.id, self._table.c.version == row.version]
        if self._bucket_from is not None:
            where.append(self._table.c.bucket == values.pop("bucket"))
        if "institution_id" in self._table.c:
            where.append(self._table.c.institution_id == values["institution_id"])
        try:
            changed = self._connection.execute(sa.update(self._table).where(*where).values(values)).rowcount
        except sa.exc.IntegrityError:
            raise Taken(f"{self._table.name}: something that must be unique is taken") from None
        if changed != 1:
            raise Moved(f"{self._table.name}: the row moved meanwhile")
        return cast(R, saved)

    def find(self, *, order: str = "id", limit: int | None = None, offset: int = 0, **conditions: object) -> list[R]:
        """The rows that meet every condition, in order."""
        return self._select(order, limit, offset, conditions)

    def _select(self, order: str, limit: int | None, offset: int, conditions: Mapping[str, object]) -> list[R]:
        column = self._table.c[order.removeprefix("-")]
        direction = column.desc().nulls_last() if order.startswith("-") else column.asc().nulls_first()
        query = sa.select(self._table).where(*self._where(conditions)).order_by(direction, self._table.c.id)
        rows = self._connection.execute(query.limit(limit).offset(offset or None)).mappings().all()
        if self._personal and len(rows) > 1:
            self._fetch_keys(rows)
        return [self._record(row) for row in rows]

    def _fetch_keys(self, rows: Sequence[RowMapping]) -> None:
        """The keys of all their members in one look, instead of one each."""
        if "data_key" in self._table.c:
            self._sealer.know_keys({row["id"]: row["data_key"] for row in rows})
        elif "member_id" in self._names:
            self._sealer.fetch_keys(rows[0]["institution_id"], [row["member_id"] for row in rows])

    def first(self, *, order: str = "id", **conditions: object) -> R | None:
        """The first such row, or None."""
        found = self._select(order, 1, 0, conditions)
        return found[0] if found else None

    def count(self, **conditions: object) -> int:
        """How many there are."""
        query = sa.select(sa.func.count()).select_from(self._table).where(*self._where(conditions))
        return int(self._connection.execute(query).scalar_one())

    def _where(self, conditions: Mapping[str, object]) -> list[sa.ColumnElement[bool]]:
        where: list[sa.ColumnElement[bool]] = []
        if self._institution_id is not None:
            where.append(self._table.c.institution_id == self._institution_id)
        for name, wanted in conditions.items():
            column = self._table.c[name]
            if isinstance(wanted, Among):
                where.append(column.in_(wanted.values))
            elif isinstance(wanted, Before):
                where.append(column < wanted.at)
            elif isinstance(wanted, Behind):
                where.append(column > wanted.key)
            elif wanted is None:
                where.append(column.is_(None))
            else:
                where.append(column == wanted)
            if self._bucket_from is not None and isinstance(wanted, UUID) and name == self._bucket_from:
                where.append(self._table.c.bucket == bucket_of(wanted))
            if name == self._bucket_by and isinstance(wanted, str) and self._institution_id is not None:
                where.append(self._table.c.bucket == home_bucket(str(self._institution_id), wanted))
        return where

    def _values(self, row: R) -> dict[str, Any]:
        values = {name: getattr(row, name) for name in self._names if name not in self._personal}
        values |= {name: getattr(row, name) for name in self._derived}
        if self._bucket_from is not None:
            values["bucket"] = bucket_of(getattr(row, self._bucket_from))
        return values

    def _owner(self, values: Any, key: UUID) -> UUID | None:
        if "data_key" in self._table.c:
            return key
        owner: UUID | None = values.get("member_id")
        return owner

    def _seal(self, row: R) -> dict[str, bytes]:
        values = {name: getattr(row, name) for name in self._names}
        owner = self._owner(values, row.id)
        return {name: self._sealer.seal(values[name], self._about(values, name), owner) for name in self._personal}

    def _record(self, row: RowMapping) -> R:
        values = {name: row[name] for name in self._names}
        owner = self._owner(values, values["id"])
        for name in self._personal:
            opened = self._sealer.open_octets if name in self._octets else self._sealer.open
            values[name] = opened(values[name] or b"", self._about(values, name), owner)
        return self._kind(**values)

    def _about(self, values: Mapping[str, Any], name: str) -> About:
        return About(values["institution_id"], values["id"], f"{self._table.name}.{name}")

    def _refuse_strangers(self, row: R) -> None:
        if self._institution_id is not None and getattr(row, "institution_id", None) != self._institution_id:
            raise Invalid(f"{self._table.name}: the row belongs to another institution")
