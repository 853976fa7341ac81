"""One transaction over the whole store."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType, TracebackType
from typing import Any, Final, Self
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from otpward.core.audit import Actor, AuditEvent, AuditLine
from otpward.core.errors import Invalid, Moved, Unavailable
from otpward.core.ids import BUCKETS, InstitutionId, make_id, make_ids
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
from otpward.core.policy.rates import LONGEST_WINDOW, LOOK_KEPT
from otpward.ports.archive import Archive
from otpward.ports.queue import CaseQueue
from otpward.ports.roll import Roll
from otpward.ports.shelf import Shelf
from otpward.ports.story import Story
from otpward.ports.surroundings import Entropy
from otpward.ports.unit_of_work import Among, AuditTrail, Before, Counts, Intake, NoticePost, Outbox, Records, Row
from otpward.ports.vault import Vault
from otpward.store import tables
from otpward.store.archive import SqlArchive
from otpward.store.bulk import insert_all
from otpward.store.engine import BEGIN
from otpward.store.intake import SqlIntake
from otpward.store.personal import Sealer
from otpward.store.post import SqlNoticePost
from otpward.store.queue import SqlCaseQueue
from otpward.store.records import SqlRecords
from otpward.store.roll import SqlRoll
from otpward.store.shelf import SqlShelf
from otpward.store.story import SqlStory

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TRY_AGAIN: Final = frozenset({"40001", "40P01"})
"""Serialisation failure and deadlock: the server undid everything. A lost connection is never among them: it may have
committed."""


_NO_DETAIL: Final[Mapping[str, Any]] = MappingProxyType({})


class SqlAuditTrail:
    """Audit lines in the transaction of the change they tell of."""

    def __init__(self, connection: sa.Connection, institution_id: InstitutionId | None, entropy: Entropy) -> None:
        self._connection = connection
        self._institution_id = institution_id
        self._entropy = entropy
        self._written = 0

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
        """Write one line about `subject`. Keys rise within the transaction, so that lines of one moment keep their order."""
        if line_id is None:
            line_id = make_id(at, self._entropy.octets(16), self._written % BUCKETS)
        self._written += 1
        self._connection.execute(
            sa.insert(tables.audit_line).values(
                day=at.date(),
                institution_id=institution_id,
                id=line_id,
                at=at,
                event=event,
                actor_kind=by.kind,
                actor_id=by.id,
                source=by.source[:64],
                subject=type(subject).__name__.lower(),
                subject_id=subject.id,
                case_id=case_id,
                result=result,
                detail=detail or {},
            )
        )

    def append_all(
        self, event: AuditEvent, subjects: Sequence[Row], *, by: Actor, at: datetime, institution_id: InstitutionId
    ) -> None:
        """Write one line about each of many subjects of one kind."""
        if subjects:
            keys = [subject.id for subject in subjects]
            self.append_alike(event, type(subjects[0]), keys, by=by, at=at, institution_id=institution_id)

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
        count = len(keys)
        buckets = [(self._written + place) % BUCKETS for place in range(count)]
        ids = sorted(make_ids(at, self._entropy.octets(8 * count), buckets))  # in the order in which they lie on the pages
        self._written += count
        alike: dict[str, Any] = {
            "day": at.date(),
            "institution_id": institution_id,
            "at": at,
            "event": event,
            "actor_kind": by.kind,
            "actor_id": by.id,
            "source": by.source[:64],
            "subject": kind.__name__.lower(),
            "case_id": None,
            "result": "done",
            "detail": _NO_DETAIL,
        }
        insert_all(self._connection, tables.audit_line, {"id": ids, "subject_id": keys}, alike)

    def find(
        self, *, limit: int = 100, offset: int = 0, either: Sequence[Mapping[str, object]] = (), **conditions: object
    ) -> list[AuditLine]:
        """Lines that meet every condition and one of `either`, newest first, in one pass."""
        table = tables.audit_line
        where = [table.c.institution_id == self._institution_id] if self._institution_id is not None else []
        where += _audit_where(conditions)
        if either:
            where.append(sa.or_(*(sa.and_(*_audit_where(one)) for one in either)))
        query = sa.select(table).where(*where).order_by(table.c.day.desc(), table.c.at.desc(), table.c.id.desc())
        rows = self._connection.execute(query.limit(limit).offset(offset)).mappings()
        return [AuditLine(**{name: value for name, value in row.items() if name != "day"}) for row in rows]


def _audit_where(conditions: Mapping[str, object]) -> list[sa.ColumnElement[bool]]:
    where: list[sa.ColumnElement[bool]] = []
    for name, wanted in conditions.items():
        column = tables.audit_line.c[name]
        if isinstance(wanted, Among):
            where.append(column.in_(wanted.values))
        elif isinstance(wanted, Before):
            where.append(column < wanted.at)
        else:
            where.append(column.is_(None) if wanted is None else column == wanted)
    return where


class SqlCounts:
    """One row per key and window."""

    def __init__(self, connection: sa.Connection, institution_id: InstitutionId | None, entropy: Entropy) -> None:
        self._connection = connection
        self._institution_id = institution_id
        self._entropy = entropy

    def hit(self, key: bytes, *, at: datetime, window: timedelta) -> int:
        """Count one more, in one statement: of many at once, each waits its turn and none has to begin again."""
        if self._institution_id is None:
            raise Invalid("tries are counted inside one institution")
        insert = postgresql.insert if self._connection.dialect.name == "postgresql" else sqlite.insert
        counted = tables.count.c["count"]
        row = insert(tables.count).values(
            institution_id=self._institution_id,
            id=make_id(at, self._entropy.octets(16)),
            key=key,
            window_at=at - (at - _EPOCH) % window,
            count=1,
        )
        one_more = row.on_conflict_do_update(
            index_elements=["institution_id", "key", "window_at"], set_={"count": counted + 1}
        ).returning(counted)
        return int(self._connection.execute(one_more).scalar_one())

    def look(self, key: bytes, *, at: datetime, window: timedelta) -> int:
        """How many were counted in this window."""
        table = tables.count
        query = sa.select(table.c["count"]).where(
            table.c.institution_id == self._institution_id, table.c.key == key, table.c.window_at == at - (at - _EPOCH) % window
        )
        return int(self._connection.execute(query).scalar() or 0)


class SqlUnitOfWork:
    """A transaction on one connection, inside one institution where one is given; `writes=False` only looks."""

    def __init__(
        self,
        engine: sa.Engine,
        *,
        vault: Vault,
        entropy: Entropy,
        outbox: Callable[[sa.Connection, InstitutionId | None], Outbox],
        institution_id: InstitutionId | None = None,
        writes: bool = True,
    ) -> None:
        self._engine = engine
        self._vault = vault
        self._entropy = entropy
        self._outbox = outbox
        self._institution_id = institution_id
        self._writes = writes

    def __enter__(self) -> Self:
        self._begin()
        sealer = Sealer(self._connection, self._vault)

        def records(table: sa.Table, kind: type[Any], **bucket: str) -> SqlRecords[Any]:
            return SqlRecords(self._connection, table, kind, institution_id=self._institution_id, sealer=sealer, **bucket)

        self.institutions: Records[Institution] = records(tables.institution, Institution)
        self.branches: Records[Branch] = records(tables.branch, Branch)
        self.api_keys: Records[ApiKey] = records(tables.api_key, ApiKey)
        self.policies: Records[PolicyVersion] = records(tables.policy, PolicyVersion)
        self.members: Records[Member] = records(tables.member_table, Member)
        self.staff: Records[Staff] = records(tables.staff, Staff)
        self.sessions: Records[Session] = records(tables.session, Session)
        self.tokens: Records[Token] = records(tables.token, Token, bucket_from="id", bucket_by="serial")
        self.devices: Records[Device] = records(tables.device, Device)
        self.holds: Records[TokenHold] = records(tables.hold, TokenHold)
        self.registrations: Records[Registration] = records(tables.registration, Registration, bucket_from="member_id")
        self.retirements: Records[Retirement] = records(tables.retirement, Retirement)
        self.health: Records[Health] = records(tables.health, Health)
        self.campaigns: Records[Campaign] = records(tables.campaign, Campaign)
        self.reminders: Records[Reminder] = records(tables.reminder, Reminder)
        self.renewals: Records[RenewalPlan] = records(tables.renewal, RenewalPlan)
        self.roll: Roll = SqlRoll(self._connection, self._institution_id)
        self.exports: Records[SeedExport] = records(tables.seed_export, SeedExport)
        self.passes: Records[TemporaryPass] = records(tables.temporary_pass, TemporaryPass)
        self.device_names: Records[DeviceName] = records(tables.device_name, DeviceName)
        self.checks: Records[DeviceCheck] = records(tables.device_check, DeviceCheck)
        self.imports: Records[Import] = records(tables.seed_import, Import)
        self.uploads: Records[SeedUpload] = records(tables.seed_upload, SeedUpload)
        self.shelf: Shelf = SqlShelf(self._connection, self._institution_id, self.tokens, self.devices)
        self.transfers: Records[StockTransfer] = records(tables.stock_transfer, StockTransfer)
        self.stock_counts: Records[StockCount] = records(tables.stock_count, StockCount)
        self.count_lines: Records[CountLine] = records(tables.count_line, CountLine)
        self.model_rules: Records[ModelRule] = records(tables.model_rule, ModelRule)
        self.cases: Records[Case] = records(tables.case, Case)
        self.steps: Records[CaseStep] = records(tables.case_step, CaseStep)
        self.queue: CaseQueue = SqlCaseQueue(self._connection, self._institution_id, self.cases)
        self.notes: Records[CaseNote] = records(tables.case_note, CaseNote)
        self.looks: Records[CaseLook] = records(tables.case_look, CaseLook)
        self.saved_views: Records[SavedView] = records(tables.saved_view, SavedView)
        self.losses: Records[LossReport] = records(tables.loss_report, LossReport)
        self.fees: Records[Fee] = records(tables.fee, Fee)
        self.consents: Records[Consent] = records(tables.consent, Consent)
        self.documents: Records[Document] = records(tables.document, Document)
        self.document_pages: Records[DocumentPage] = records(tables.document_page, DocumentPage)
        self.proofs: Records[Proof] = records(tables.proof_table, Proof)
        self.phone_codes: Records[PhoneCode] = records(tables.phone_code, PhoneCode)
        self.evidence: Records[KeptEvidence] = records(tables.evidence, KeptEvidence)
        self.contact_changes: Records[ContactChange] = records(tables.contact_change, ContactChange)
        self.pick_ups: Records[PickUp] = records(tables.pick_up, PickUp)
        self.shipments: Records[Shipment] = records(tables.shipment, Shipment)
        self.batches: Records[Batch] = records(tables.batch, Batch)
        self.parcel_events: Records[ParcelEvent] = records(tables.parcel_event, ParcelEvent)
        self.notices: Records[Notice] = records(tables.notice, Notice)
        self.notice_post: NoticePost = SqlNoticePost(self._connection, self._institution_id)
        self.notice_texts: Records[NoticeText] = records(tables.notice_text, NoticeText)
        self.undo_links: Records[UndoLink] = records(tables.undo_link, UndoLink)
        self.answers: Records[KeptAnswer] = records(tables.kept_answer, KeptAnswer)
        self.signers: Records[Signer] = records(tables.signer, Signer)
        self.challenges: Records[Challenge] = records(tables.challenge, Challenge)
        self.recovery_codes: Records[RecoveryCode] = records(tables.recovery_code, RecoveryCode)
        self.passkeys: Records[Passkey] = records(tables.passkey, Passkey)
        self.spent_challenges: Records[SpentChallenge] = records(tables.spent_challenge, SpentChallenge)
        self.counts: Counts = SqlCounts(self._connection, self._institution_id, self._entropy)
        self.audit: AuditTrail = SqlAuditTrail(self._connection, self._institution_id, self._entropy)
        self.story: Story = SqlStory(self._connection, self._institution_id)
        self.intake: Intake = SqlIntake(self._connection, self._institution_id)
        self.archive: Archive = SqlArchive(self._connection, self._institution_id)
        self.outbox: Outbox = self._outbox(self._connection, self._institution_id)
        return self

    def _begin(self) -> None:
        try:
            self._connection = self._engine.connect().execution_options(**{BEGIN: "IMMEDIATE" if self._writes else "DEFERRED"})
        except (sa.exc.DBAPIError, sa.exc.TimeoutError):
            raise Unavailable("the database does not answer") from None
        try:
            self._transaction = self._connection.begin()
        except BaseException as error:
            self._connection.close()
            if isinstance(error, sa.exc.DBAPIError):
                raise self._translate(error) from None
            raise

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if self._transaction.is_active:
                self._transaction.rollback()
        finally:
            self._connection.close()
        if isinstance(error, sa.exc.DBAPIError):
            raise self._translate(error) from None

    def commit(self) -> None:
        """Make it all true, durably; raises `Moved` where the server undid it, `Unavailable` where nobody can know."""
        try:
            self._transaction.commit()
        except sa.exc.DBAPIError as error:
            raise self._translate(error) from None

    def forget(self, at: datetime) -> int:
        """Drop answers, challenges, counts and looks whose time is over."""
        answers, counts, spent, looks = tables.kept_answer, tables.count, tables.spent_challenge, tables.case_look
        gone = 0
        past = (
            (answers, answers.c.until <= at),
            (spent, spent.c.until <= at),
            (counts, counts.c.window_at <= at - LONGEST_WINDOW),
            (looks, looks.c.at <= at - LOOK_KEPT),
        )
        for table, over in past:
            where = [over] if self._institution_id is None else [table.c.institution_id == self._institution_id, over]
            gone += self._connection.execute(sa.delete(table).where(*where)).rowcount
        return gone

    def rollback(self) -> None:
        """Undo what was done."""
        self._transaction.rollback()

    @staticmethod
    def _translate(error: sa.exc.DBAPIError) -> Exception:
        if getattr(error.orig, "sqlstate", None) in _TRY_AGAIN:
            return Moved("the database asks to try again")
        if isinstance(error, sa.exc.DataError):
            return Invalid("a value does not fit its column")
        if isinstance(error, sa.exc.OperationalError):
            return Unavailable("the database did not finish")
        return error
