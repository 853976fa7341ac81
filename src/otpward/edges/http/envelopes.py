"""The parcels of a batch beside what they are about, each kind fetched once."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.others import ShipmentState
from otpward.core.model.case import Case, Delivery
from otpward.core.model.delivery import Shipment
from otpward.core.model.institution import Branch
from otpward.core.model.member import Member
from otpward.core.model.shipping import Batch
from otpward.core.model.token import Device, Token
from otpward.ports.unit_of_work import Among, UnitOfWork
from otpward.services.deliver.batches import OPEN, parcels_of

_POSTCODE: Final = re.compile(r"[0-9]{5}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a letter goes: the postcode, and the lines above the name."""

    postcode: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """One parcel of a batch."""

    parcel: Shipment
    case: Case
    member: Member
    token: Token
    device: Device

    @property
    def waits(self) -> bool:
        """Whether its application still waits for this device; what has left already waits for nothing."""
        if self.parcel.state is not ShipmentState.PLANNED and self.parcel.state is not ShipmentState.PACKED:
            return True
        case = self.case
        return case.delivery is Delivery.POST and case.state is CaseState.PREPARING and case.new_token_id == self.token.id

    @property
    def packed(self) -> bool:
        """Whether its device was scanned into it."""
        return self.parcel.packed_at is not None

    @property
    def ready(self) -> bool:
        """Whether nothing of it is missing."""
        return self.packed and bool(self.parcel.tracking_number) and self.waits

    @property
    def address(self) -> Address:
        """Where it goes."""
        return address_of(self.case.address.reveal())


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A batch with everything in it, in the order of the pick list."""

    batch: Batch
    branch: Branch
    envelopes: list[Envelope]

    @property
    def left_to_do(self) -> list[Envelope]:
        """What is not ready, in order."""
        return [one for one in self.envelopes if not one.ready]

    @property
    def void(self) -> list[Envelope]:
        """Whose number changed since the sheet was printed: its label is to be printed anew."""
        if not self.batch.printed or self.batch.state not in OPEN:
            return []
        return [one for one in self.envelopes if one.ready and one.parcel.labelled_at is None]

    def at(self, position: int) -> Envelope | None:
        """The envelope at this place."""
        return next((one for one in self.envelopes if one.parcel.position == position), None)


def address_of(kept: str) -> Address:
    """An address as it is kept: the postcode first, if it begins with one."""
    lines = [line.strip() for line in kept.split("\n") if line.strip()]
    if lines and _POSTCODE.fullmatch(lines[0]):
        return Address(postcode=lines[0], lines=tuple(lines[1:]))
    return Address(postcode="", lines=tuple(lines))


def box_of(batch: Batch, *, uow: UnitOfWork) -> Box:
    """The batch, opened."""
    parcels = parcels_of(batch, uow=uow)
    return Box(batch=batch, branch=uow.branches.get(batch.branch_id), envelopes=envelopes_of(parcels, uow=uow))


def envelopes_of(parcels: Sequence[Shipment], *, uow: UnitOfWork) -> list[Envelope]:
    """These parcels beside what they are about."""
    if not parcels:
        return []
    cases = {one.id: one for one in uow.cases.find(id=Among(frozenset(parcel.case_id for parcel in parcels)))}
    members = {one.id: one for one in uow.members.find(id=Among(frozenset(parcel.member_id for parcel in parcels)))}
    devices = {one.id: one for one in uow.devices.find(id=Among(frozenset(parcel.token_id for parcel in parcels)))}
    tokens = {one.id: one for one in uow.tokens.find(id=Among(frozenset(parcel.token_id for parcel in parcels)))}
    return [
        Envelope(
            parcel=parcel,
            case=cases[parcel.case_id],
            member=members[parcel.member_id],
            token=tokens[parcel.token_id],
            device=devices[parcel.token_id],
        )
        for parcel in parcels
    ]
