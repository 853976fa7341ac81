"""Many notices change where they stand in one statement; their sealed texts are not touched, but erased."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

from otpward.core.errors import Invalid, Moved
from otpward.core.ids import InstitutionId
from otpward.core.model.notice import Notice
from otpward.store import tables

_MOVING: Final = (
    "state",
    "provider",
    "handing_at",
    "sent_at",
    "failed_at",
    "delivered_at",
    "provider_reference",
    "talk_code",
)


class SqlNoticePost:
    """Notices of one institution."""

    def __init__(self, connection: sa.Connection, institution_id: InstitutionId | None) -> None:
        self._connection = connection
        self._institution_id = institution_id

    def move(self, notices: Sequence[Notice]) -> None:
        """Compare and set; raises `Moved`."""
        for erased in (False, True):
            some = [one for one in notices if bool(one.text) is not erased]
            if some:
                self._move(some, erase=erased)

    def _move(self, notices: Sequence[Notice], *, erase: bool) -> None:
        if self._institution_id is None or any(one.institution_id != self._institution_id for one in notices):
            raise Invalid("notices are moved inside one institution")
        table = tables.notice
        statement = (
            sa.update(table)
            .where(
                table.c.institution_id == self._institution_id,
                table.c.id == sa.bindparam("of_id", type_=table.c.id.type),
                table.c.version == sa.bindparam("of_version"),
            )
            .values({name: sa.bindparam(f"new_{name}", type_=table.c[name].type) for name in _MOVING})
            .values(version=sa.bindparam("of_version") + 1)
        )
        if erase:
            statement = statement.values(text=b"", talk_values=None)
        rows = [
            {"of_id": one.id, "of_version": one.version, **{f"new_{name}": getattr(one, name) for name in _MOVING}}
            for one in notices
        ]
        if self._connection.execute(statement, rows).rowcount != len(rows):
            raise Moved("notice: a row moved meanwhile")
