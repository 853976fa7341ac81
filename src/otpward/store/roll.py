"""The devices in use in SQL: one walk along the devices in the order of their keys, a look at each one's registration, and at
its token only where its use is asked about.

Tokens are spread over buckets and have no index by key alone, so where they are counted by their use the walk begins with them.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import RowMapping

from otpward.core.ids import InstitutionId, TokenId, bucket_of
from otpward.core.lifecycle.others import RegistrationState
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.campaign import Chosen
from otpward.core.model.reminder import Outcome
from otpward.core.oath.model import TokenKind
from otpward.core.policy.forecast import Cause
from otpward.core.policy.reminding import day_begins
from otpward.ports.roll import Ending, InUse
from otpward.store.tables import device, health, registration, reminder, token

_D, _H, _M, _R, _T = device.c, health.c, reminder.c, registration.c, token.c
_WORTH_READING_STEPS: Final = 2
"""A number typed a moment late looks like one step; two are the clock's."""
_ROW: Final = (
    _D.id.label("token_id"),
    _R.member_id,
    _D.branch_id,
    _D.model,
    _D.expires_on,
    _D.battery_until,
    _H.drift_on,
)


class SqlRoll:
    """Reads only."""

    def __init__(self, connection: sa.Connection, institution_id: InstitutionId | None) -> None:
        self._connection = connection
        self._institution_id = institution_id

    def page(self, chosen: Chosen, *, limit: int, after: TokenId | None = None) -> Sequence[InUse]:
        """The devices behind `after`, by key. Use is looked up for a page at a time: a walk in the order of another table would
        begin anew for every page."""
        found: list[InUse] = []
        while len(found) < limit:
            rows = self._walk(replace(chosen, unused_since=None), limit, after)
            more = [InUse(**row) for row in rows if row["member_id"] is not None]
            found += more if chosen.unused_since is None else self._unused(more, chosen.unused_since)
            if len(rows) < limit:
                break
            after = rows[-1]["token_id"]
        return found[:limit]

    def _walk(self, chosen: Chosen, limit: int, after: TokenId | None) -> Sequence[RowMapping]:
        behind = [] if after is None else [_D.id > after]
        query = sa.select(*_ROW).select_from(_joined(chosen)).where(*self._where(chosen), *behind).order_by(_D.id).limit(limit)
        return self._connection.execute(query).mappings().all()

    def _unused(self, among: Sequence[InUse], since: date) -> list[InUse]:
        keys = [(bucket_of(one.token_id), one.token_id) for one in among]
        if not keys:
            return []
        inside = [] if self._institution_id is None else [_T.institution_id == self._institution_id]
        used = sa.select(_T.id).where(*inside, sa.tuple_(_T.bucket, _T.id).in_(keys), _T.used_at >= day_begins(since))
        lately = set(self._connection.execute(used).scalars())
        return [one for one in among if one.token_id not in lately]

    def count(self, chosen: Chosen) -> int:
        """How many members."""
        query = sa.select(sa.func.count(sa.distinct(_R.member_id)))
        if chosen.is_everything:  # whose registration is live has a device in use
            inside: list[sa.ColumnElement[bool]] = []
            if self._institution_id is not None:  # kept off the index as well: all of them are counted
                plus = "+" if self._connection.dialect.name == "sqlite" else ""
                mine = sa.literal(self._institution_id, _R.institution_id.type)
                inside.append(sa.literal_column(f"{plus}registration.institution_id") == mine)
            query = query.where(*inside, _R.state == RegistrationState.LIVE)
        else:
            query = query.select_from(_joined(chosen, forecast=False)).where(*self._where(chosen))
        return int(self._connection.execute(query).scalar_one())

    def answers(self, campaign_id: UUID, outcome: Outcome | None, *, limit: int, after: UUID | None = None) -> Sequence[UUID]:
        """Along the index, so that a million of them are read in as many steps as there are pages."""
        ended = _M.outcome.is_(None) if outcome is None else _M.outcome == outcome
        behind = [] if after is None else [_M.id > after]
        query = sa.select(_M.id).where(*self._of(campaign_id), ended, *behind).order_by(_M.id).limit(limit)
        return list(self._connection.execute(query).scalars())

    def standing(self, campaign_id: UUID) -> Mapping[Outcome | None, int]:
        """Counted in the index."""
        query = sa.select(_M.outcome, sa.func.count()).where(*self._of(campaign_id)).group_by(_M.outcome)
        return {outcome: int(count) for outcome, count in self._connection.execute(query)}

    def _of(self, campaign_id: UUID) -> list[sa.ColumnElement[bool]]:
        inside = [] if self._institution_id is None else [_M.institution_id == self._institution_id]
        return [*inside, _M.campaign_id == campaign_id]

    def endings(self, first: date, last: date, branch_id: Any = None) -> Sequence[Ending]:
        """Counted by day in the database, by month here."""
        found: Counter[tuple[date, Any, Cause]] = Counter()
        forecast = device.join(health, sa.and_(_H.institution_id == _D.institution_id, _H.id == _D.id))
        for cause, day, source in (
            (Cause.EXPIRY, _D.expires_on, device),
            (Cause.BATTERY, _D.battery_until, device),
            (Cause.DRIFT, _H.drift_on, forecast),
        ):
            here = [] if branch_id is None else [_D.branch_id == branch_id]
            where = [*self._in_use(), *here, day.between(first, last)]
            query = sa.select(day, _D.branch_id, sa.func.count()).select_from(source).where(*where).group_by(day, _D.branch_id)
            for on, branch, count in self._connection.execute(query):
                found[on.replace(day=1), branch, cause] += count
        return [
            Ending(month=month, branch_id=branch, cause=cause, count=count) for (month, branch, cause), count in found.items()
        ]

    def drifted(self, *, limit: int, after: TokenId | None = None) -> Sequence[tuple[TokenId, int, datetime]]:
        """By bucket and key: the order of the table itself."""
        behind: list[sa.ColumnElement[bool]] = []
        if after is not None:
            there = sa.tuple_(sa.literal(bucket_of(after)), sa.literal(after, _T.id.type))
            behind.append(sa.tuple_(_T.bucket, _T.id) > there)
        query = (
            sa.select(_T.id, _T.drift_steps, _T.used_at)
            .where(
                *([] if self._institution_id is None else [_T.institution_id == self._institution_id]),
                _T.state == TokenState.ACTIVE,
                _T.kind == TokenKind.TOTP,
                sa.func.abs(_T.drift_steps) >= _WORTH_READING_STEPS,
                _T.used_at.is_not(None),
                *behind,
            )
            .order_by(_T.bucket, _T.id)
            .limit(limit)
        )
        return [(TokenId(key), steps, at) for key, steps, at in self._connection.execute(query)]

    def _in_use(self, *, walked: bool = True) -> list[sa.ColumnElement[bool]]:
        inside = [] if self._institution_id is None else [_D.institution_id == self._institution_id]
        if walked and self._connection.dialect.name == "sqlite":
            # The plus keeps SQLite off the index: nearly all devices are in use, and it fetches each slower than a walk does.
            return [*inside, sa.literal_column("+device.state") == TokenState.ACTIVE.value]
        return [*inside, _D.state == TokenState.ACTIVE]

    def _where(self, chosen: Chosen) -> list[sa.ColumnElement[bool]]:
        where = self._in_use(walked=chosen.unused_since is None)
        if chosen.branch_id is not None:
            where.append(_D.branch_id == chosen.branch_id)
        if chosen.form is not None:
            where.append(_D.form == chosen.form)
        if chosen.model is not None:
            where.append(_D.model == chosen.model)
        if chosen.expires_from is not None:
            where.append(_D.expires_on >= chosen.expires_from)
        if chosen.expires_until is not None:
            where.append(_D.expires_on <= chosen.expires_until)
        if chosen.fails_until is not None:
            inside = [] if self._institution_id is None else [_H.institution_id == self._institution_id]
            drifting = sa.select(_H.id).where(*inside, _H.drift_on <= chosen.fails_until)
            where.append(sa.or_(_D.battery_until <= chosen.fails_until, _D.id.in_(drifting)))
        if chosen.unused_since is not None:
            where.append(sa.or_(_T.used_at.is_(None), _T.used_at < day_begins(chosen.unused_since)))
        return where


def _joined(chosen: Chosen, *, forecast: bool = True) -> sa.FromClause:
    registered = sa.and_(_R.institution_id == _D.institution_id, _R.token_id == _D.id, _R.state == RegistrationState.LIVE)
    # An outer join: it keeps the walk on the devices, of which few are meant, and off the registrations, which are all meant.
    found = device.outerjoin(registration, registered)
    if chosen.unused_since is not None:
        same = sa.and_(_T.institution_id == _D.institution_id, _T.id == _D.id)
        found = token.join(device, same).outerjoin(registration, registered)
    if not forecast:
        return found
    return found.outerjoin(health, sa.and_(_H.institution_id == _D.institution_id, _H.id == _D.id))
