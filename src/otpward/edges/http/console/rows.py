"""Records beside what they name: a case with its member, a parcel with its case. Each kind is fetched once for a page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from otpward.core.lifecycle.others import ShipmentState
from otpward.core.model.case import Case
from otpward.core.model.delivery import Shipment
from otpward.core.model.institution import Branch
from otpward.core.model.member import Member
from otpward.core.model.token import Token
from otpward.ports.unit_of_work import Among, Records, Row, UnitOfWork

R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """A case in a list."""

    case: Case
    member: Member
    branch: Branch | None

    @property
    def since(self) -> datetime:
        """Since when it waits: sent, or opened if it never was."""
        return self.case.submitted_at or self.case.opened_at


@dataclass(frozen=True, slots=True, kw_only=True)
class PackRow:
    """An application whose device is to be sent; `packed` once the device lies in its envelope."""

    row: CaseRow
    token: Token | None
    packed: bool


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
    members = named(uow.members, (case.member_id for case in cases))
    branches = named(uow.branches, (case.branch_id for case in cases))
    return [
        CaseRow(case=case, member=members[case.member_id], branch=branches.get(case.branch_id) if case.branch_id else None)
        for case in cases
    ]


def pack_rows(cases: Sequence[Case], uow: UnitOfWork) -> list[PackRow]:
    """These applications, each with the device that was set aside."""
    wanted = Among(frozenset(case.id for case in cases))
    packed = {parcel.case_id for parcel in uow.shipments.find(case_id=wanted, state=ShipmentState.PACKED)} if cases else set()
    return [
        PackRow(
            row=row,
            token=uow.tokens.get(row.case.new_token_id) if row.case.new_token_id else None,
            packed=row.case.id in packed,
        )
        for row in case_rows(cases, uow)
    ]


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
