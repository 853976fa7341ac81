"""How a device travels: over the counter (방문 수령) or by post (우편 발송)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from otpward.core.ids import BranchId, CaseId, InstitutionId, MemberId, ProofId, TokenId
from otpward.core.lifecycle.others import PickUpState, ShipmentState
from otpward.core.model.shipping import MailClass
from otpward.core.secret import NOTHING, Personal


class Signed(StrEnum):
    """How the receipt of a hand-over was signed."""

    SCREEN = "screen"
    PAPER = "paper"


@dataclass(frozen=True, slots=True, kw_only=True)
class PickUp:
    """A device waiting at a counter, and the code that its holder shows.

    Once handed over: `seen` is the paper by which the person was known, `collected_by` who that was where it was not the
    member, `collected_as` as what they act for them (a `Relation`), `proof_id` the proof in person. `signed` is how the receipt
    was signed; `signature` the strokes, if it was on the screen. `old_back_at` is when the old device was left here.
    """

    id: UUID
    institution_id: InstitutionId
    case_id: CaseId
    member_id: MemberId
    token_id: TokenId
    branch_id: BranchId
    state: PickUpState
    code: Personal
    code_print: bytes
    ready_at: datetime | None = None
    until: datetime
    handed_over_at: datetime | None = None
    handed_over_by: MemberId | None = None
    seen: str = ""
    collected_by: Personal = NOTHING
    collected_as: Personal = NOTHING
    proof_id: ProofId | None = None
    signed: Signed | None = None
    signed_at: datetime | None = None
    signature: Personal = NOTHING
    old_back_at: datetime | None = None
    dead_token_id: TokenId | None = None
    reminded_at: datetime | None = None
    version: int = 0


_RUNNING: Final = frozenset({ShipmentState.PLANNED, ShipmentState.PACKED, ShipmentState.DISPATCHED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """A parcel with one device in it.

    `position` is its place in the pick list of its batch. `heard_at` is when the newest word about it happened, `checked_at`
    when the carrier last answered, `ask_at` when it is asked next; `misses` in a row it did not know the parcel or did not
    answer, and since `silent_since` it has not answered at all. Since `look_at` a person must look: what was said contradicts
    itself. `chosen_at` is when another way was chosen for what came back. `labelled_at` is when the label with its present
    number was printed.
    """

    id: UUID
    institution_id: InstitutionId
    case_id: CaseId
    member_id: MemberId
    token_id: TokenId
    branch_id: BranchId
    state: ShipmentState
    tracking_number: str = ""
    planned_at: datetime
    dispatched_at: datetime | None = None
    ended_at: datetime | None = None
    checked_at: datetime | None = None
    place: str = ""
    batch_id: UUID | None = None
    position: int = 0
    mail_class: MailClass = MailClass.REGISTERED
    packed_at: datetime | None = None
    heard_at: datetime | None = None
    ask_at: datetime | None = None
    misses: int = 0
    silent_since: datetime | None = None
    look_at: datetime | None = None
    chosen_at: datetime | None = None
    labelled_at: datetime | None = None
    version: int = 0

    @property
    def running_number(self) -> str | None:
        """Its number until it arrived, came back or went missing: no other parcel of the institution has it as long."""
        return self.tracking_number if self.tracking_number and self.state in _RUNNING else None
