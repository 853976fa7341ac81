"""A delivery in bulk: which serial numbers are here, and taking back what was never used."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from otpward.core.errors import Invalid
from otpward.core.ids import InstitutionId, bucket_of, home_bucket
from otpward.core.lifecycle.token import TokenState
from otpward.store import tables
from otpward.store.bulk import marks, turned

_AT_ONCE: Final = 2_000
"""Serial numbers in one question: three values each, well under SQLite's 32,766 and PostgreSQL's 65,535."""


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
        values = [value for serial in serials for value in (home_bucket(str(owner), serial), raw, serial)]
        query = (
            "SELECT t.id, t.serial FROM token t WHERE (t.bucket, t.institution_id, t.serial) IN "  # noqa: S608 -- only marks
            f"(VALUES {marks(self._connection, 3, len(serials))})"
        )
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
        owner, token, device = self._owner(), tables.token, tables.device
        query = (
            sa.select(token.c.id)
            .join(device, sa.and_(device.c.institution_id == token.c.institution_id, device.c.id == token.c.id))
            .where(
                device.c.institution_id == owner,
                device.c.import_id == import_id,
                device.c.case_id.is_(None),
                device.c.version == 0,
                token.c.version == 0,
                token.c.state == TokenState.IN_STOCK,
            )
            .limit(limit)
        )
        keys: list[UUID] = [row.id for row in self._connection.execute(query)]
        for table in (tables.signer, device):
            where = (table.c.institution_id == owner, table.c.id == sa.bindparam("key"))
            if keys:
                self._connection.execute(sa.delete(table).where(*where), [{"key": key} for key in keys])
        if keys:
            gone = sa.delete(token).where(
                token.c.bucket == sa.bindparam("at"), token.c.institution_id == owner, token.c.id == sa.bindparam("key")
            )
            self._connection.execute(gone, [{"at": bucket_of(key), "key": key} for key in keys])
        return len(keys)

    def _owner(self) -> InstitutionId:
        if self._institution_id is None:
            raise Invalid("seed files are taken in inside one institution")
        return self._institution_id
