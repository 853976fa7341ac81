"""The queue in SQL. Each state is a walk along one index that holds all it is filtered by (`otp_case_queue`), cut off at the
page's length; what the walks found is merged, and only then are rows read.

A statement depends on which filters there are and not on what they say, so each is built once and kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa

from otpward.core.ids import InstitutionId
from otpward.core.model.case import Case
from otpward.ports.queue import Place, Standing, Wanted
from otpward.ports.unit_of_work import Among, Records
from otpward.store.tables import case

_C: Final = case.c
_SAME: Final = ("reason", "delivery", "branch_id", "assigned_to", "number", "member_id")
_FEW: Final = ("number", "member_id")
"""Whoever names one of these wants so few rows that one search for all states is the better way."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a statement depends on: for each state whether a moment is given, which fields must be equal, and the cut."""

    inside: bool
    states: tuple[bool, ...]
    same: tuple[str, ...]
    nobodys: bool
    newest: bool = False
    after: bool = False


class SqlCaseQueue:
    """Keys from the index, rows from the records."""

    def __init__(self, connection: sa.Connection, institution_id: InstitutionId | None, cases: Records[Case]) -> None:
        self._connection = connection
        self._institution_id = institution_id
        self._cases = cases

    def page(self, wanted: Wanted, *, limit: int, newest: bool = False, after: Place | None = None) -> Sequence[Case]:
        """The cases behind `after`, in order."""
        if not wanted.states:
            return []
        values = self._values(wanted) | {"most": limit}
        if after is not None:
            values |= {"after_since": after.since, "after_id": after.id}
        query = _page(self._shape(wanted, newest=newest, after=after is not None))
        keys = list(self._connection.execute(query, values).scalars())
        rows = {row.id: row for row in self._cases.find(id=Among(frozenset(keys)))} if keys else {}
        return [rows[key] for key in keys]

    def count(self, wanted: Wanted, *, most: int) -> int:
        """How many, up to `most`."""
        return self.stand(wanted, late_before=None, most=most).count

    def stand(self, wanted: Wanted, *, late_before: datetime | None, most: int) -> Standing:
        """How many, the oldest, and how many of them wait since before this moment; the first `most` are looked at."""
        if not wanted.states:
            return Standing(count=0, oldest=None, late=0)
        query = _standing(self._shape(wanted), late_before is not None)
        late = {} if late_before is None else {"late": late_before}
        count, oldest, overdue = self._connection.execute(query, self._values(wanted) | {"most": most} | late).one()
        return Standing(count=count, oldest=oldest, late=overdue or 0)

    def _shape(self, wanted: Wanted, *, newest: bool = False, after: bool = False) -> _Shape:
        return _Shape(
            inside=self._institution_id is not None,
            states=tuple(before is not None for before in wanted.states.values()),
            same=tuple(name for name in _SAME if getattr(wanted, name) is not None),
            nobodys=wanted.nobodys,
            newest=newest,
            after=after,
        )

    def _values(self, wanted: Wanted) -> dict[str, Any]:
        values: dict[str, Any] = {name: getattr(wanted, name) for name in _SAME if getattr(wanted, name) is not None}
        for place, (state, before) in enumerate(wanted.states.items()):
            values[f"state_{place}"] = state
            if before is not None:
                values[f"before_{place}"] = before
        return values if self._institution_id is None else {**values, "inside": self._institution_id}


@lru_cache(maxsize=512)
def _page(shape: _Shape) -> sa.Select[Any]:
    found = _merged(shape)
    return sa.select(found.c.id).order_by(*_order(found.c, shape.newest)).limit(_bound("most", sa.BigInteger()))


@lru_cache(maxsize=512)
def _standing(shape: _Shape, late: bool) -> Any:
    """The walks go oldest first, so what is late is among the first that are counted."""
    found = _merged(shape)
    some = sa.select(found.c.since).order_by(found.c.since).limit(_bound("most", sa.BigInteger())).subquery()
    overdue = sa.func.count(sa.case((some.c.since < _bound("late", _C.since.type), 1))) if late else sa.literal(0)
    return sa.select(sa.func.count(), sa.func.min(some.c.since), overdue).select_from(some)


def _merged(shape: _Shape) -> Any:
    most = _bound("most", sa.BigInteger())
    walks = [
        sa.select(_C.id, _C.since).where(*where).order_by(*_order(_C, shape.newest)).limit(most) for where in _walks(shape)
    ]
    return sa.union_all(*(sa.select(walk.subquery()) for walk in walks)).subquery()


def _walks(shape: _Shape) -> list[list[sa.ColumnElement[bool]]]:
    """The conditions of each walk: one per state, or one for all where a case or a member is named."""
    same: list[sa.ColumnElement[bool]] = [_C.institution_id == _bound("inside", _C.institution_id.type)] if shape.inside else []
    same += [_C[name] == _bound(name, _C[name].type) for name in shape.same]
    if shape.nobodys:
        same.append(_C.assigned_to.is_(None))
    if shape.after:
        here = sa.tuple_(_C.since, _C.id)
        there = sa.tuple_(_bound("after_since", _C.since.type), _bound("after_id", _C.id.type))
        same.append(here < there if shape.newest else here > there)
    if not set(_FEW).isdisjoint(shape.same):
        unindexed = sa.cast(_C.state, sa.Text())  # without statistics SQLite would take the index by state, and read every case
        return [[*same, sa.or_(*(_state(unindexed, place, before) for place, before in enumerate(shape.states)))]]
    return [[*same, _state(_C.state, place, before)] for place, before in enumerate(shape.states)]


def _state(state: sa.ColumnElement[Any], place: int, before: bool) -> sa.ColumnElement[bool]:
    in_state = state == _bound(f"state_{place}", _C.state.type)
    return sa.and_(in_state, _C.since < _bound(f"before_{place}", _C.since.type)) if before else in_state


def _bound(name: str, kind: Any) -> sa.BindParameter[Any]:
    return sa.bindparam(name, type_=kind)


def _order(columns: Any, newest: bool) -> tuple[Any, Any]:
    return (columns.since.desc(), columns.id.desc()) if newest else (columns.since, columns.id)
