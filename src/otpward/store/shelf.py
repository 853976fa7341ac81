"""The shelf in SQL: each question is a walk along one index of `device`, cut off at the page's length."""

from uuid import UUID

import sqlalchemy as sa

from otpward.core.ids import BranchId, InstitutionId, bucket_of
from otpward.core.lifecycle.others import RegistrationState
from otpward.core.lifecycle.place import Place
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.token import Device, Token
from otpward.ports.shelf import Found, ShelfQuery, Spot, Sum
from otpward.ports.unit_of_work import Among, Records
from otpward.store import tables

_ELSEWHERE = tuple(place for place in Place if place is not Place.MEMBER)


class SqlShelf:
    """Inside one institution."""

    def __init__(
        self,
        connection: sa.Connection,
        institution_id: InstitutionId | None,
        tokens: Records[Token],
        devices: Records[Device],
    ) -> None:
        self._connection = connection
        self._institution_id = institution_id
        self._tokens = tokens
        self._devices = devices

    def sums(self) -> list[Sum]:
        """All that are not with members: read off `device_by_place`, which is as long as the shelves are."""
        device = tables.device
        alike = (device.c.place, device.c.branch_id, device.c.model, device.c.state)
        query = (
            sa.select(*alike, sa.func.count().label("count"))
            .where(device.c.institution_id == self._institution_id, device.c.place.in_(_ELSEWHERE))
            .group_by(*alike)
        )
        return [Sum(**row) for row in self._connection.execute(query).mappings()]

    def missing(self, count_id: UUID, branch_id: BranchId, *, limit: int) -> list[Device]:
        """Devices that should lie at this branch and have no line in this count."""
        device, line = tables.device, tables.count_line
        counted = sa.select(line.c.token_id).where(
            line.c.institution_id == self._institution_id, line.c.count_id == count_id, line.c.token_id.is_not(None)
        )
        query = (
            sa.select(device.c.id)
            .where(
                device.c.institution_id == self._institution_id,
                device.c.place == Place.BRANCH,
                device.c.branch_id == branch_id,
                device.c.id.not_in(counted),
            )
            .limit(limit)
        )
        return self._devices.find(id=Among(frozenset(self._connection.execute(query).scalars())))

    def page(self, wanted: ShelfQuery, *, limit: int, after: Spot | None = None) -> list[Found]:
        """Devices that meet this, those stocked last first."""
        device = tables.device
        order = (device.c.stocked_at.desc(), device.c.id.desc())
        if wanted.member_id is not None:
            walks = [self._walk(wanted, wanted.state).where(device.c.id.in_(self._bound(wanted.member_id)))]
        elif wanted.state is None:
            walks = [self._walk(wanted, state) for state in TokenState]
        else:
            walks = [self._walk(wanted, wanted.state)]
        if after is not None:
            spot = sa.tuple_(sa.literal(after.at, device.c.stocked_at.type), sa.literal(after.id, device.c.id.type))
            walks = [walk.where(sa.tuple_(device.c.stocked_at, device.c.id) < spot) for walk in walks]
        ends = [sa.select(walk.order_by(*order).limit(limit).subquery()) for walk in walks]
        found = list(self._connection.execute(ends[0] if len(ends) == 1 else sa.union_all(*ends)))
        found.sort(key=lambda row: (row.stocked_at, row.id.bytes), reverse=True)
        return self._read([row.id for row in found[:limit]])

    def _walk(self, wanted: ShelfQuery, state: TokenState | None) -> sa.Select[tuple[UUID, object]]:
        device = tables.device
        query = sa.select(device.c.id, device.c.stocked_at).where(device.c.institution_id == self._institution_id)
        if wanted.branch_id is not None:
            query = query.where(device.c.branch_id == wanted.branch_id)
        return query if state is None else query.where(device.c.state == state)

    def _bound(self, member_id: UUID) -> list[UUID]:
        bound = tables.registration
        query = sa.select(bound.c.token_id).where(
            bound.c.bucket == bucket_of(member_id),
            bound.c.institution_id == self._institution_id,
            bound.c.member_id == member_id,
            bound.c.state != RegistrationState.ENDED,
        )
        return list(self._connection.execute(query).scalars())

    def _read(self, keys: list[UUID]) -> list[Found]:
        wanted, buckets = Among(frozenset(keys)), Among(frozenset(bucket_of(key) for key in keys))
        devices: dict[UUID, Device] = {one.id: one for one in self._devices.find(id=wanted)}
        tokens: dict[UUID, Token] = {one.id: one for one in self._tokens.find(bucket=buckets, id=wanted)}
        return [Found(device=devices[key], token=tokens[key]) for key in keys if key in devices and key in tokens]
