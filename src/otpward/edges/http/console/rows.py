"""Records beside what they name: a case with its member, a parcel with its case. Each kind is fetched once for a page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar
from uuid import UUID

from otpward.core.lifecycle.others import ShipmentState
from otpward.core.model.case import Case
from otpward.core.model.delivery import Shipment
from otpward.core.model.institution import Branch
from otpward.core.model.member import Member, Role
from otpward.core.model.shipping import Batch
from otpward.core.model.token import Token
from otpward.core.policy.roles import ALLOWED, Permission
from otpward.edges.http.gathering import Waiting
from otpward.ports.unit_of_work import Among, Records, Row, UnitOfWork

R = TypeVar("R", bound=Row)
_STAFF_SHOWN: Final = 100
_HERE: Final = Among(frozenset({ShipmentState.PLANNED, ShipmentState.PACKED}))


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """A case in a list."""

    case: Case
    member: Member
    branch: Branch | None
    assignee: Member | None = None

    @property
    def since(self) -> datetime:
        """Since when it waits: sent, or opened if it never was."""
        return self.case.since


@dataclass(frozen=True, slots=True, kw_only=True)
class PackRow:
    """An application whose device is to be sent; `packed` once the device lies in its envelope; in `batch`, if in one. While
    `choice_open`, the last parcel came back and the member has not said where to send the next."""

    row: CaseRow
    token: Token | None
    packed: bool
    batch: Batch | None = None
    choice_open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentRow:
    """A parcel in a list."""

    shipment: Shipment
    case: Case
    member: Member
    token: Token
    branch: Branch | None


def named(records: Records[R], keys: Iterable[UUID | None]) -> dict[UUID, R]:
    """The rows of these keys, by key, in one question; what is not there is left out."""
    wanted = frozenset(key for key in keys if key is not None)
    return {row.id: row for row in records.find(id=Among(wanted))} if wanted else {}


def case_rows(cases: Sequence[Case], uow: UnitOfWork) -> list[CaseRow]:
    """These cases, each with its member and branch."""
    members = named(uow.members, (key for case in cases for key in (case.member_id, case.assigned_to)))
    branches = named(uow.branches, (case.branch_id for case in cases))
    return [
        CaseRow(
            case=case,
            member=members[case.member_id],
            branch=branches.get(case.branch_id) if case.branch_id else None,
            assignee=members.get(case.assigned_to) if case.assigned_to else None,
        )
        for case in cases
    ]


def reviewers(uow: UnitOfWork) -> list[tuple[str, str]]:
    """Who can be given an application: key and name, by name."""
    roles = Among(frozenset(role for role in Role if Permission.REVIEW in ALLOWED[role]))
    keys = [one.member_id for one in uow.staff.find(role=roles, ended_at=None, limit=_STAFF_SHOWN)]
    return sorted(
        ((str(key), member.name.reveal()) for key, member in named(uow.members, keys).items()), key=lambda one: one[1]
    )


def pack_rows(waiting: Sequence[Waiting], uow: UnitOfWork) -> list[PackRow]:
    """These applications, each with the device that was set aside and the batch that it is in."""
    cases = [one.case for one in waiting]
    wanted = Among(frozenset(case.id for case in cases))
    parcels = {one.case_id: one for one in uow.shipments.find(case_id=wanted, state=_HERE)} if cases else {}
    batches = named(uow.batches, (parcel.batch_id for parcel in parcels.values()))
    rows = zip(waiting, case_rows(cases, uow), strict=True)
    return [_pack_row(one, row, parcels.get(row.case.id), batches, uow) for one, row in rows]


def _pack_row(waits: Waiting, row: CaseRow, parcel: Shipment | None, batches: Mapping[UUID, Batch], uow: UnitOfWork) -> PackRow:
    return PackRow(
        row=row,
        token=uow.tokens.get(row.case.new_token_id) if row.case.new_token_id else None,
        packed=parcel is not None and parcel.state is ShipmentState.PACKED,
        batch=batches.get(parcel.batch_id) if parcel is not None and parcel.batch_id is not None else None,
        choice_open=waits.choice_open,
    )


def shipment_rows(shipments: Sequence[Shipment], uow: UnitOfWork) -> list[ShipmentRow]:
    """These parcels, each with its case, member, device and branch."""
    cases = named(uow.cases, (shipment.case_id for shipment in shipments))
    members = named(uow.members, (shipment.member_id for shipment in shipments))
    branches = named(uow.branches, (shipment.branch_id for shipment in shipments))
    return [
        ShipmentRow(
            shipment=shipment,
            case=cases[shipment.case_id],
            member=members[shipment.member_id],
            # one by one: a token's key says its bucket, so this is the quicker way to few of very many
            token=uow.tokens.get(shipment.token_id),
            branch=branches.get(shipment.branch_id),
        )
        for shipment in shipments
    ]
