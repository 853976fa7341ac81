"""Parcels that go out together, and what was said about each on its way."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from otpward.core.ids import BranchId, InstitutionId, MemberId
from otpward.core.lifecycle.batch import BatchState
from otpward.core.lifecycle.parcel import ParcelState


class MailClass(StrEnum):
    """Into whose hands registered mail is given: anybody's at the address (등기), or those of the recipient alone, whose ID
    is checked (본인지정 등기)."""

    REGISTERED = "registered"
    RECIPIENT_ONLY = "recipient_only"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Parcels of one place that are packed, labelled and handed in together. `printed` is how often its label sheet was."""

    id: UUID
    institution_id: InstitutionId
    number: str
    branch_id: BranchId
    state: BatchState
    parcels: int
    made_at: datetime
    made_by: MemberId | None = None
    printed: int = 0
    printed_at: datetime | None = None
    asked_at: datetime | None = None
    handed_in_at: datetime | None = None
    version: int = 0


class Source(StrEnum):
    """Who said it: the carrier when asked, the carrier by itself, staff, or a deadline of ours."""

    ASKED = "asked"
    TOLD = "told"
    STAFF = "staff"
    DEADLINE = "deadline"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelEvent:
    """One word about a parcel: when it happened, and when it was heard of here. `place` is the carrier's own word, and
    `did` what it did (a `Reading`)."""

    id: UUID
    institution_id: InstitutionId
    shipment_id: UUID
    state: ParcelState
    at: datetime
    heard_at: datetime
    source: Source
    did: str
    place: str = ""
    version: int = 0
