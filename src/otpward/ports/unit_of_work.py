"""The store, as services see it: records, an audit trail and an outbox in one transaction that happens whole or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar
from uuid import UUID

from otpward.core.audit import Actor, AuditEvent, AuditLine
from otpward.core.ids import InstitutionId
from otpward.core.model.answer import KeptAnswer
from otpward.core.model.backup import Passkey, RecoveryCode, SpentChallenge
from otpward.core.model.campaign import Campaign
from otpward.core.model.case import Case, CaseStep
from otpward.core.model.challenge import Challenge, Signer
from otpward.core.model.consent import Consent
from otpward.core.model.contact_change import ContactChange
from otpward.core.model.delivery import PickUp, Shipment
from otpward.core.model.device_check import DeviceCheck
from otpward.core.model.device_name import DeviceName
from otpward.core.model.document import Document, DocumentPage
from otpward.core.model.fee import Fee
from otpward.core.model.health import Health
from otpward.core.model.institution import ApiKey, Branch, Import, Institution
from otpward.core.model.kept_evidence import KeptEvidence
from otpward.core.model.loss import LossReport
from otpward.core.model.member import Member, Session, Staff
from otpward.core.model.notice import Notice, NoticeText, UndoLink
from otpward.core.model.policy_version import PolicyVersion
from otpward.core.model.proof import PhoneCode, Proof
from otpward.core.model.reminder import Reminder
from otpward.core.model.renewal import RenewalPlan
from otpward.core.model.retirement import Retirement
from otpward.core.model.review import CaseLook, CaseNote, SavedView
from otpward.core.model.seed_export import SeedExport
from otpward.core.model.seed_upload import SeedUpload
from otpward.core.model.shipping import Batch, ParcelEvent
from otpward.core.model.stock import CountLine, ModelRule, StockCount, StockTransfer
from otpward.core.model.temporary_pass import TemporaryPass
from otpward.core.model.token import Device, Registration, Token, TokenHold
from otpward.ports.archive import Archive
from otpward.ports.queue import CaseQueue
from otpward.ports.roll import Roll
from otpward.ports.shelf import Shelf
from otpward.ports.story import Story


class Row(Protocol):
    """What every record has."""

    @property
    def id(self) -> UUID: ...

    @property
    def version(self) -> int: ...


R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True)
class Among:
    """A condition: one of these values."""

    values: frozenset[Any]


@dataclass(frozen=True, slots=True)
class Before:
    """A condition: earlier than this."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Behind:
    """A condition: a key that comes after this one in the order of keys."""

    key: UUID


class Records(Protocol[R]):
    """The rows of one kind. Conditions are field names: a value to equal, `Among`, `Before`, `Behind`, or None for
    "not set"."""

    def add(self, row: R) -> None:
        """Keep a new row.

        Raises:
            Conflict: its key, or something that must be unique, is taken.
        """
        ...

    def add_all(self, rows: Sequence[R]) -> None:
        """Keep many new rows at once.

        Raises:
            Conflict: a key, or something that must be unique, is taken.
        """
        ...

    def add_alike(self, model: R, columns: Mapping[str, Sequence[Any]]) -> None:
        """Keep many new rows at once that are as `model` but for these fields, given by column; none of them is made first.

        Raises:
            Conflict: a key, or something that must be unique, is taken.
        """
        ...

    def get(self, key: UUID) -> R:
        """The row of this key.

        Raises:
            NotFound: there is none.
        """
        ...

    def save(self, row: R) -> R:
        """Compare and set: replace the row if it still has `row.version`, and return it with the next version.

        Raises:
            Conflict: it moved meanwhile, or something unique is taken.
        """
        ...

    def find(self, *, order: str = "id", limit: int | None = None, offset: int = 0, **conditions: object) -> list[R]:
        """The rows that meet every condition, in this order (`-field` for descending)."""
        ...

    def first(self, *, order: str = "id", **conditions: object) -> R | None:
        """The first such row, or None."""
        ...

    def count(self, **conditions: object) -> int:
        """How many there are."""
        ...


class Counts(Protocol):
    """Counting tries per window of time."""

    def hit(self, key: bytes, *, at: datetime, window: timedelta) -> int:
        """Count one more under `key` in the window that `at` falls into, and return how many it makes."""
        ...

    def look(self, key: bytes, *, at: datetime, window: timedelta) -> int:
        """How many were counted under `key` in the window that `at` falls into."""
        ...


class AuditTrail(Protocol):
    """What happened. Lines are added, never changed."""

    def append(
        self,
        event: AuditEvent,
        subject: Row,
        *,
        by: Actor,
        at: datetime,
        institution_id: InstitutionId,
        case_id: UUID | None = None,
        result: str = "done",
        detail: Mapping[str, str | int] | None = None,
        line_id: UUID | None = None,
    ) -> None:
        """Write one line about `subject`; under this key, if one was given out already."""
        ...

    def append_all(
        self, event: AuditEvent, subjects: Sequence[Row], *, by: Actor, at: datetime, institution_id: InstitutionId
    ) -> None:
        """Write one line about each of many subjects of one kind."""
        ...

    def append_alike(
        self,
        event: AuditEvent,
        kind: type[Row],
        keys: Sequence[UUID],
        *,
        by: Actor,
        at: datetime,
        institution_id: InstitutionId,
    ) -> None:
        """Write one line about each row of this kind that has one of these keys."""
        ...

    def find(
        self, *, limit: int = 100, offset: int = 0, either: Sequence[Mapping[str, object]] = (), **conditions: object
    ) -> list[AuditLine]:
        """Lines that meet every condition, and all of at least one of `either`, if there are any; newest first."""
        ...


class Intake(Protocol):
    """What a delivery of a million devices needs, and row by row would take an hour."""

    def known(self, serials: Sequence[str]) -> Mapping[str, UUID | None]:
        """Which of these serial numbers exist, and the import that each came with."""
        ...

    def drop(self, import_id: UUID, *, limit: int) -> int:
        """Remove up to `limit` devices that came with this import and lie on the shelf as they came, unused since; how many
        that were."""
        ...


class NoticePost(Protocol):
    """Where many notices stand is written down at once."""

    def move(self, notices: Sequence[Notice]) -> None:
        """Keep state, provider, times and reference of each; a text that is empty here is erased there.

        Raises:
            Moved: one of them moved meanwhile.
        """
        ...


class Outbox(Protocol):
    """What the transaction sets off. It happens if the transaction commits, once, after a crash too."""

    def send_notice(self, notice_id: UUID) -> None:
        """Send this notice."""
        ...

    def order_numbers(self, batch_id: UUID, round_no: int) -> None:
        """Ask the carrier for the numbers of this batch, for the `round_no`th time."""
        ...

    def send_batch(self, batch_id: UUID, *, not_before: datetime | None = None) -> None:
        """Send the notices of this batch, together; not before this moment, if one is given."""
        ...


class UnitOfWork(Protocol):
    """One transaction. Leaving the block without `commit()` undoes everything."""

    institutions: Records[Institution]
    branches: Records[Branch]
    api_keys: Records[ApiKey]
    policies: Records[PolicyVersion]
    members: Records[Member]
    staff: Records[Staff]
    sessions: Records[Session]
    tokens: Records[Token]
    devices: Records[Device]
    holds: Records[TokenHold]
    registrations: Records[Registration]
    retirements: Records[Retirement]
    health: Records[Health]
    campaigns: Records[Campaign]
    reminders: Records[Reminder]
    renewals: Records[RenewalPlan]
    roll: Roll
    passes: Records[TemporaryPass]
    device_names: Records[DeviceName]
    checks: Records[DeviceCheck]
    imports: Records[Import]
    exports: Records[SeedExport]
    uploads: Records[SeedUpload]
    shelf: Shelf
    transfers: Records[StockTransfer]
    stock_counts: Records[StockCount]
    count_lines: Records[CountLine]
    model_rules: Records[ModelRule]
    cases: Records[Case]
    steps: Records[CaseStep]
    queue: CaseQueue
    notes: Records[CaseNote]
    looks: Records[CaseLook]
    saved_views: Records[SavedView]
    losses: Records[LossReport]
    fees: Records[Fee]
    consents: Records[Consent]
    proofs: Records[Proof]
    documents: Records[Document]
    document_pages: Records[DocumentPage]
    phone_codes: Records[PhoneCode]
    evidence: Records[KeptEvidence]
    contact_changes: Records[ContactChange]
    pick_ups: Records[PickUp]
    shipments: Records[Shipment]
    batches: Records[Batch]
    parcel_events: Records[ParcelEvent]
    notices: Records[Notice]
    notice_post: NoticePost
    notice_texts: Records[NoticeText]
    undo_links: Records[UndoLink]
    answers: Records[KeptAnswer]
    signers: Records[Signer]
    challenges: Records[Challenge]
    recovery_codes: Records[RecoveryCode]
    passkeys: Records[Passkey]
    spent_challenges: Records[SpentChallenge]
    counts: Counts
    audit: AuditTrail
    story: Story
    intake: Intake
    archive: Archive
    outbox: Outbox

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...

    def commit(self) -> None:
        """Make it all true, durably.

        Raises:
            Conflict: somebody else was faster; nothing was changed.
        """
        ...

    def forget(self, at: datetime) -> int:
        """Drop what was kept for a time that is over: answers, challenges, counts. Returns how many rows."""
        ...

    def rollback(self) -> None:
        """Undo what was done since the block began or was last committed."""
        ...
