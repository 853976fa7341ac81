"""A delivery in bulk: which serial numbers are here, and taking back what was never used."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from otpward.core.errors import Invalid
from otpward.core.ids import InstitutionId, bucket_of, home_buckets
from otpward.core.lifecycle.token import TokenState
from otpward.store import tables
from otpward.store.bulk import marks, turned

_AT_ONCE: Final = 2_000
"""Serial numbers in one question: three values each, well under SQLite's 32,766 and PostgreSQL's 65,535."""


_AS_IT_CAME: Final = (0, TokenState.IN_STOCK.value)
"""Version and state of a token that nobody has touched."""


_CACHE_KIB: Final = 48 * 1024
"""A batch's pages are written once, not spilled and fetched again."""


class SqlIntake:
    """Inside one institution."""

    def __init__(self, connection: sa.Connection, institution_id: InstitutionId | None) -> None:
        self._connection = connection
        self._institution_id = institution_id

    def known(self, serials: Sequence[str]) -> Mapping[str, UUID | None]:
        """Which exist, and the import each came with."""
        if self._connection.dialect.name == "sqlite":
            self._connection.exec_driver_sql(f"PRAGMA cache_size = -{_CACHE_KIB}")
        found: dict[str, UUID | None] = {}
        for start in range(0, len(serials), _AT_ONCE):
            found |= self._known(serials[start : start + _AT_ONCE])
        return found

    def _known(self, serials: Sequence[str]) -> dict[str, UUID | None]:
        owner = self._owner()
        raw = turned(tables.token.c.institution_id, [owner], self._connection.dialect)[0]
        homes = zip(home_buckets(str(owner), serials), serials, strict=True)
        values = [value for bucket, serial in homes for value in (bucket, raw, serial)]
        query = self._by_three("serial", "id, serial", len(serials))
        here = self._connection.exec_driver_sql(query, tuple(values)).all()
        if not here:
            return {}
        names = {UUID(bytes=bytes(row[0])) if not isinstance(row[0], UUID) else row[0]: row[1] for row in here}
        device = tables.device
        came = sa.select(device.c.id, device.c.import_id).where(device.c.institution_id == owner, device.c.id.in_(names))
        imports = {row.id: row.import_id for row in self._connection.execute(came)}
        return {serial: imports.get(key) for key, serial in names.items()}

    def drop(self, import_id: UUID, *, limit: int) -> int:
        """Remove devices of this import that lie on the shelf as they came."""
        owner = self._owner()
        keys = self._unused(owner, self._untouched(owner, import_id, limit))
        after = UUID(int=0)
        while not keys and (page := self._untouched(owner, import_id, limit, after)):  # all of the first were in use: look on
            keys, after = self._unused(owner, page), page[-1]
        if keys and self._connection.dialect.name == "postgresql":
            self._drop_at_once(owner, keys)
        elif keys:
            self._drop_each(owner, keys)
        return len(keys)

    def _untouched(self, owner: InstitutionId, import_id: UUID, limit: int, after: UUID | None = None) -> list[UUID]:
        """Devices of this import that nobody has moved; in the order of their keys only where that is asked for."""
        device = tables.device
        query = sa.select(device.c.id).where(
            device.c.institution_id == owner, device.c.import_id == import_id, device.c.case_id.is_(None), device.c.version == 0
        )
        if after is not None:
            query = query.where(device.c.id > after).order_by(device.c.id)
        return [row.id for row in self._connection.execute(query.limit(limit))]

    def _unused(self, owner: InstitutionId, keys: Sequence[UUID]) -> list[UUID]:
        """Those whose token is as it came. A token is found by its bucket: joined by key alone, all would be looked through."""
        found: list[UUID] = []
        dialect, column = self._connection.dialect, tables.token.c.id
        raw = turned(column, [owner], dialect)[0]
        for start in range(0, len(keys), _AT_ONCE):
            some = keys[start : start + _AT_ONCE]
            own = zip(some, turned(column, some, dialect), strict=True)
            values = [value for key, octets in own for value in (bucket_of(key), raw, octets)]
            query = self._by_three("id", "id, version, state", len(some))
            here = [row for row in self._connection.exec_driver_sql(query, tuple(values)) if tuple(row[1:]) == _AS_IT_CAME]
            found += [UUID(bytes=bytes(row[0])) if not isinstance(row[0], UUID) else row[0] for row in here]
        return found

    def _drop_each(self, owner: InstitutionId, keys: Sequence[UUID]) -> None:
        for table in (tables.signer, tables.device):
            where = (table.c.institution_id == owner, table.c.id == sa.bindparam("key"))
            self._connection.execute(sa.delete(table).where(*where), [{"key": key} for key in keys])
        token = tables.token
        gone = sa.delete(token).where(
            token.c.bucket == sa.bindparam("at"), token.c.institution_id == owner, token.c.id == sa.bindparam("key")
        )
        self._connection.execute(gone, [{"at": bucket_of(key), "key": key} for key in keys])

    def _drop_at_once(self, owner: InstitutionId, keys: Sequence[UUID]) -> None:
        """Each table in one statement: single ones take four times as long."""
        given = {"owner": owner, "keys": list(keys), "at": [bucket_of(key) for key in keys]}
        for name, beside in (("signer", ""), ("device", ""), ("token", "AND here.bucket = gone.bucket")):
            self._connection.execute(
                sa.text(
                    f"DELETE FROM {name} here USING unnest(CAST(:at AS int[]), CAST(:keys AS uuid[])) AS gone(bucket, id) "  # noqa: S608 -- names of ours
                    f"WHERE here.institution_id = :owner AND here.id = gone.id {beside}"
                ),
                given,
            )

    def _by_three(self, last: str, wanted: str, count: int) -> str:
        """Asks for tokens by bucket, institution and this column, one by one along the index. Asked with IN or simply joined,
        either engine may look through all tokens for every question."""
        asked = f"WITH asked(bucket, owner, last) AS (VALUES {marks(self._connection, 3, count)}) "
        by = f"t.bucket = asked.bucket AND t.institution_id = asked.owner AND t.{last} = asked.last"
        if self._connection.dialect.name == "postgresql":
            one = f"SELECT {wanted} FROM token t WHERE {by} LIMIT 1"  # noqa: S608 -- names of ours
            return f"{asked}SELECT {wanted} FROM asked CROSS JOIN LATERAL ({one}) AS here"  # noqa: S608 -- names of ours
        return f"{asked}SELECT {wanted} FROM asked CROSS JOIN token t WHERE {by}"  # noqa: S608 -- names of ours

    def _owner(self) -> InstitutionId:
        if self._institution_id is None:
            raise Invalid("seed files are taken in inside one institution")
        return self._institution_id
