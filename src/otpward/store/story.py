"""The audit by what it names: rolled up in bulk, in the order of keys, and read together with what came since."""

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from otpward.core.audit import ActorKind, AuditEvent, AuditLine
from otpward.core.errors import Invalid
from otpward.core.ids import InstitutionId, make_id
from otpward.store import tables as t

_NAMED: Final = ("member", "token", "device", "proof", "passkey")
"""Subjects that somebody asks after; of all others the case or the member who acted is asked."""
_PEOPLE: Final = (ActorKind.MEMBER, ActorKind.STRANGER)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_A_DAY: Final = timedelta(days=1)
_DAYS_MOST: Final = 60
"""A mark that is older than that is no help any more: then the end of the audit is read by days and not by keys."""


class SqlStory:
    """The rows of `story_line` up to the mark, and `audit_line` behind it."""

    def __init__(self, connection: sa.Connection, institution_id: InstitutionId | None) -> None:
        self._connection = connection
        self._institution_id = institution_id

    def about(
        self,
        things: Mapping[UUID, datetime | None],
        events: Collection[AuditEvent] | None = None,
        *,
        limit: int,
        before: datetime | None = None,
    ) -> list[AuditLine]:
        """The newest of both, each line once."""
        mark, today = self._mark(), self._newest_day()
        if not things or today is None:
            return []
        found = self._behind(mark, today, things, events, limit, before)
        if mark is not None:
            found += self._rolled(things, events, limit, before)
        found.sort(key=lambda line: (line.at, line.id), reverse=True)
        return found[:limit]

    def roll_up(self, until: datetime, *, most: int) -> int:
        """One day's lines at a time, all in the database. What was rolled up before is left as it is."""
        if self._institution_id is None:
            raise Invalid("the audit is rolled up inside one institution")
        mark, line = self._mark(), t.audit_line.c
        end = make_id(until, bytes(16), 0)
        day = self._next_day(mark, until)
        if day is None:
            return 0
        inside = [line.day == day, line.institution_id == self._institution_id, line.id < end]
        inside += [] if mark is None else [line.id > mark]
        ids = list(self._connection.execute(sa.select(line.id).where(*inside).order_by(line.id).limit(most)).scalars())
        if ids:
            self._file([*inside, line.id <= ids[-1]])
            self._put(ids[-1])
        return len(ids)

    def _file(self, inside: list[Any]) -> None:
        """A row for each thing that these lines name; PostgreSQL and SQLite read them once for each kind of name."""
        line, into = t.audit_line.c, t.story_line
        named = (
            (line.subject_id, [line.subject.in_(_NAMED), line.subject_id.is_not(None)]),
            (line.case_id, [line.case_id.is_not(None)]),
            (line.actor_id, [line.actor_id.is_not(None), line.actor_kind.in_(_PEOPLE)]),
        )
        insert = postgresql.insert if self._connection.dialect.name == "postgresql" else sqlite.insert
        for about, where in named:
            rows = sa.select(line.institution_id, about, line.at, line.id, line.day, line.event).where(*inside, *where)
            columns = ["institution_id", "about", "at", "id", "day", "event"]
            self._connection.execute(insert(into).from_select(columns, rows).on_conflict_do_nothing())

    def _rolled(
        self, things: Mapping[UUID, datetime | None], events: Collection[AuditEvent] | None, limit: int, before: datetime | None
    ) -> list[AuditLine]:
        row, line = t.story_line.c, t.audit_line
        whole = [thing for thing, until in things.items() if until is None]
        parts = [row.about.in_(whole)] + [sa.and_(row.about == one, row.at <= at) for one, at in things.items() if at]
        where = [row.institution_id == self._institution_id, sa.or_(*parts)]
        where += [] if events is None else [row.event.in_(events)]
        where += [] if before is None else [row.at < before]
        newest = sa.select(row.day, row.at, row.id).distinct().where(*where).order_by(row.at.desc(), row.id.desc()).limit(limit)
        hits = newest.subquery()
        same = sa.and_(line.c.day == hits.c.day, line.c.institution_id == self._institution_id, line.c.id == hits.c.id)
        return _lines(self._connection.execute(sa.select(line).select_from(hits).join(line, same)))

    def _behind(
        self,
        mark: UUID | None,
        today: date,
        things: Mapping[UUID, datetime | None],
        events: Collection[AuditEvent] | None,
        limit: int,
        before: datetime | None,
    ) -> list[AuditLine]:
        line = t.audit_line.c
        where = [line.institution_id == self._institution_id, *self._since(mark, today)]
        where += [] if events is None else [line.event.in_(events)]
        where += [] if before is None else [line.at < before]
        whole = [thing for thing, until in things.items() if until is None]
        own = sa.and_(line.actor_id.in_(whole), line.actor_kind.in_(_PEOPLE))
        named = sa.and_(line.subject.in_(_NAMED), line.subject_id.in_(whole))
        parts = [sa.and_(line.subject_id == one, line.at <= at) for one, at in things.items() if at]
        query = sa.select(t.audit_line).where(*where, sa.or_(own, named, line.case_id.in_(whole), *parts))
        query = query.order_by(line.day.desc(), line.at.desc(), line.id.desc()).limit(limit)
        return _lines(self._connection.execute(query))

    def _since(self, mark: UUID | None, today: date) -> list[sa.ColumnElement[bool]]:
        """What is behind the mark, as ranges of the key of the audit."""
        if mark is None:
            return []
        line, first = t.audit_line.c, _day_of(mark)
        count = (today - first).days + 1
        if count > _DAYS_MOST:
            return [line.day >= first, line.id > mark]
        return [line.day.in_([first + number * _A_DAY for number in range(max(count, 1))]), line.id > mark]

    def _mark(self) -> UUID | None:
        mark = t.story_mark.c
        query = sa.select(mark.last_id).where(mark.institution_id == self._institution_id)
        return self._connection.execute(query).scalar()

    def _put(self, last_id: UUID) -> None:
        insert = postgresql.insert if self._connection.dialect.name == "postgresql" else sqlite.insert
        mark = t.story_mark
        row = insert(mark).values(institution_id=self._institution_id, id=self._institution_id, last_id=last_id)
        moved = {"last_id": last_id, "version": mark.c.version + 1}
        self._connection.execute(row.on_conflict_do_update(index_elements=["institution_id", "id"], set_=moved))

    def _newest_day(self) -> date | None:
        return self._connection.execute(sa.select(sa.func.max(t.audit_line.c.day))).scalar()

    def _next_day(self, mark: UUID | None, until: datetime) -> date | None:
        """The first day, from the mark's on, that has lines of this institution behind the mark."""
        line = t.audit_line.c
        day = None if mark is None else _day_of(mark)
        while True:
            if day is not None and day <= until.date():
                more = [line.day == day, line.institution_id == self._institution_id]
                more += [] if mark is None else [line.id > mark]
                if self._connection.execute(sa.select(line.id).where(*more).limit(1)).first() is not None:
                    return day
            later = [] if day is None else [line.day > day]
            day = self._connection.execute(sa.select(sa.func.min(line.day)).where(*later)).scalar()
            if day is None or day > until.date():
                return None


def _day_of(key: UUID) -> date:
    """The day that a key carries."""
    return (_EPOCH + timedelta(milliseconds=key.int >> 80)).date()


def _lines(rows: sa.CursorResult[Any]) -> list[AuditLine]:
    return [AuditLine(**{name: value for name, value in row.items() if name != "day"}) for row in rows.mappings()]
