"""The store in memory. It keeps every promise of the port that a single process can see; the contract tests hold it to that."""

import threading
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Final, Self
from uuid import UUID

from otpward.core.audit import Actor, ActorKind, AuditEvent, AuditLine
from otpward.core.errors import Invalid, Moved, NotFound, Taken
from otpward.core.ids import InstitutionId
from otpward.core.lifecycle import place as places
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
from otpward.core.policy.rates import LOOK_KEPT
from otpward.ports.queue import Place, Standing, Wanted
from otpward.ports.shelf import Found, ShelfQuery, Spot, Sum
from otpward.ports.unit_of_work import Among, Before, Behind, Row
from tests.fakes.roll import MemoryRoll

UNIQUE: Final[Mapping[type[Any], tuple[str, ...]]] = {
    Institution: ("code",),
    ApiKey: ("handle",),
    Branch: ("code",),
    PolicyVersion: ("number",),
    Member: ("login",),
    Staff: ("member_id",),
    Session: ("secret_digest",),
    Token: ("serial",),
    Case: ("number", "open_key"),
    LossReport: ("number", "once"),
    KeptAnswer: ("key",),
    RecoveryCode: ("live_for",),
    Passkey: ("credential_id",),
    Fee: ("case_id",),
    Consent: ("live_for",),
    CaseLook: ("case_id operator_id",),
    Reminder: ("member_id round", "link_digest"),
    Campaign: ("number",),
    RenewalPlan: ("token_id ends_on",),
    SavedView: ("operator_id name",),
    KeptEvidence: ("provider provider_tx",),
    DeviceName: ("member_id token_id",),
    CountLine: ("count_id serial",),
    Notice: ("campaign_id member_id", "instead_of"),
    NoticeText: ("live_for",),
    UndoLink: ("digest",),
    Retirement: ("open_key",),
    Batch: ("number",),
    ParcelEvent: ("shipment_id state at",),
}
BRANCH, MEMBER = places.Place.BRANCH, places.Place.MEMBER
KINDS: Final[Mapping[str, type[Any]]] = {
    "signers": Signer,
    "challenges": Challenge,
    "institutions": Institution,
    "branches": Branch,
    "api_keys": ApiKey,
    "policies": PolicyVersion,
    "members": Member,
    "staff": Staff,
    "sessions": Session,
    "tokens": Token,
    "devices": Device,
    "holds": TokenHold,
    "registrations": Registration,
    "retirements": Retirement,
    "health": Health,
    "campaigns": Campaign,
    "reminders": Reminder,
    "renewals": RenewalPlan,
    "checks": DeviceCheck,
    "device_names": DeviceName,
    "passes": TemporaryPass,
    "imports": Import,
    "exports": SeedExport,
    "uploads": SeedUpload,
    "transfers": StockTransfer,
    "stock_counts": StockCount,
    "count_lines": CountLine,
    "model_rules": ModelRule,
    "cases": Case,
    "steps": CaseStep,
    "notes": CaseNote,
    "looks": CaseLook,
    "saved_views": SavedView,
    "losses": LossReport,
    "fees": Fee,
    "consents": Consent,
    "proofs": Proof,
    "documents": Document,
    "document_pages": DocumentPage,
    "phone_codes": PhoneCode,
    "evidence": KeptEvidence,
    "contact_changes": ContactChange,
    "pick_ups": PickUp,
    "shipments": Shipment,
    "batches": Batch,
    "parcel_events": ParcelEvent,
    "notices": Notice,
    "notice_texts": NoticeText,
    "undo_links": UndoLink,
    "answers": KeptAnswer,
    "recovery_codes": RecoveryCode,
    "passkeys": Passkey,
    "spent_challenges": SpentChallenge,
}


@dataclass
class MemoryStore:
    """What is committed. Frozen rows need no copies."""

    rows: dict[str, dict[UUID, Any]] = field(default_factory=lambda: {name: {} for name in KINDS})
    counts: dict[tuple[Any, ...], int] = field(default_factory=dict)
    audit: list[AuditLine] = field(default_factory=list)
    sent: list[UUID] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)


class MemoryRecords:
    def __init__(self, rows: dict[UUID, Any], kind: type[Any], institution_id: InstitutionId | None) -> None:
        self._rows, self._kind = rows, kind
        self._institution_id = institution_id if kind is not Institution else None

    def add(self, row: Any) -> None:
        self._check(row)
        if row.id in self._rows:
            raise Taken("the key exists already")
        self._rows[row.id] = row

    def add_all(self, rows: Sequence[Any]) -> None:
        for row in rows:
            self.add(row)

    def add_alike(self, model: Any, columns: Mapping[str, Sequence[Any]]) -> None:
        for values in zip(*columns.values(), strict=True):
            self.add(replace(model, **dict(zip(columns, values, strict=True))))

    def get(self, key: UUID) -> Any:
        row = self.first(id=key)
        if row is None:
            raise NotFound("no such row")
        return row

    def save(self, row: Any) -> Any:
        self._check(row)
        old = self._rows.get(row.id)
        if old is None or old.version != row.version:
            raise Moved("the row moved meanwhile")
        self._rows[row.id] = replace(row, version=row.version + 1)
        return self._rows[row.id]

    def find(self, *, order: str = "id", limit: int | None = None, offset: int = 0, **conditions: object) -> list[Any]:
        found = [row for row in self._rows.values() if self._here(row) and _meets(row, conditions)]
        found.sort(key=lambda row: row.id.bytes)
        name = order.removeprefix("-")
        known = [row for row in found if getattr(row, name) is not None]
        known.sort(key=lambda row: _sortable(getattr(row, name)), reverse=order.startswith("-"))
        unknown = [row for row in found if getattr(row, name) is None]
        return (known + unknown if order.startswith("-") else unknown + known)[offset:][:limit]

    def first(self, *, order: str = "id", **conditions: object) -> Any:
        found = self.find(order=order, limit=1, **conditions)  # type: ignore[arg-type]
        return found[0] if found else None

    def count(self, **conditions: object) -> int:
        return len(self.find(**conditions))  # type: ignore[arg-type]

    def _here(self, row: Any) -> bool:
        return self._institution_id is None or row.institution_id == self._institution_id

    def _check(self, row: Any) -> None:
        if not self._here(row):
            raise Invalid("the row belongs to another institution")
        for names in UNIQUE.get(self._kind, ()):
            key = [getattr(row, name) for name in names.split()]
            for other in self._rows.values():
                same = self._kind in {Institution, ApiKey} or other.institution_id == row.institution_id
                if other.id != row.id and same and None not in key and [getattr(other, name) for name in names.split()] == key:
                    raise Taken(f"{names} is taken")


def _sortable(value: Any) -> Any:
    return value.bytes if isinstance(value, UUID) else value


def _meets(row: Any, conditions: Mapping[str, object]) -> bool:
    for name, wanted in conditions.items():
        value = getattr(row, name)
        match wanted:
            case Among():
                fits = value in wanted.values
            case Before():
                fits = value is not None and value < wanted.at
            case Behind():
                fits = value.bytes > wanted.key.bytes
            case _:
                fits = value == wanted
        if not fits:
            return False
    return True


class MemoryUnitOfWork:
    """A transaction over a MemoryStore: works on copies of the dictionaries, and holds the lock as SQLite's writer does."""

    def __init__(self, store: MemoryStore, institution_id: InstitutionId | None, make_id: Callable[[], UUID]) -> None:
        self._store, self._institution_id, self._make_id = store, institution_id, make_id

    def __enter__(self) -> Self:
        self._store.lock.acquire()
        self._begin()
        return self

    def _begin(self) -> None:
        self._rows = {name: dict(rows) for name, rows in self._store.rows.items()}
        self._counts = dict(self._store.counts)
        self._audit = list(self._store.audit)
        self._sent = list(self._store.sent)
        for name, kind in KINDS.items():
            setattr(self, name, MemoryRecords(self._rows[name], kind, self._institution_id))
        self.story = MemoryStory(self)
        self.counts, self.audit, self.outbox, self.intake = (
            self,
            MemoryAudit(self),
            self,
            MemoryIntake(self._rows, self._institution_id),
        )
        self.roll = MemoryRoll(self)
        self.notice_post = self
        self.queue = MemoryQueue(self.cases)  # type: ignore[attr-defined]
        self.shelf = MemoryShelf(self)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._store.lock.release()

    def commit(self) -> None:
        self._store.rows, self._store.counts = self._rows, self._counts
        self._store.audit, self._store.sent = self._audit, self._sent
        self._begin()

    def rollback(self) -> None:
        self._begin()

    def hit(self, key: bytes, *, at: datetime, window: timedelta) -> int:
        start = at - (at - datetime(1970, 1, 1, tzinfo=UTC)) % window
        place = (self._institution_id, key, start)
        made: int = self._counts.get(place, 0) + 1
        self._counts[place] = made
        return made

    def look(self, key: bytes, *, at: datetime, window: timedelta) -> int:
        start = at - (at - datetime(1970, 1, 1, tzinfo=UTC)) % window
        seen: int = self._counts.get((self._institution_id, key, start), 0)
        return seen

    def forget(self, at: datetime) -> int:
        answers = self._rows["answers"]
        old = [key for key, row in answers.items() if row.until <= at]
        past = [place for place in self._counts if place[2] <= at - timedelta(hours=24)]
        challenges = self._rows["spent_challenges"]
        spent = [key for key, row in challenges.items() if row.until <= at]
        for key in old:
            del answers[key]
        for key in spent:
            del challenges[key]
        for place in past:
            del self._counts[place]
        looks = self._rows["looks"]
        gone = [key for key, row in looks.items() if row.at <= at - LOOK_KEPT]
        for key in gone:
            del looks[key]
        return len(old) + len(spent) + len(past) + len(gone)

    def send_notice(self, notice_id: UUID) -> None:
        self._sent.append(notice_id)

    def move(self, notices: Sequence[Notice]) -> None:
        for notice in notices:
            self.notices.save(notice)  # type: ignore[attr-defined]

    def send_batch(self, batch_id: UUID, *, not_before: datetime | None = None) -> None:
        self._sent.append(batch_id)

    def order_numbers(self, batch_id: UUID, round_no: int) -> None:
        self._sent.append(batch_id)


class MemoryQueue:
    def __init__(self, cases: MemoryRecords) -> None:
        self._cases = cases

    def page(self, wanted: Wanted, *, limit: int, newest: bool = False, after: Place | None = None) -> list[Case]:
        found = sorted(self._meeting(wanted), key=_place, reverse=newest)
        if after is not None:
            there = (after.since, after.id.bytes)
            found = [case for case in found if (_place(case) < there if newest else _place(case) > there)]
        return found[:limit]

    def count(self, wanted: Wanted, *, most: int) -> int:
        return min(most, len(self._meeting(wanted)))

    def stand(self, wanted: Wanted, *, late_before: datetime | None, most: int) -> Standing:
        found = [case.since for case in self.page(wanted, limit=most)]
        late = sum(since < late_before for since in found) if late_before else 0
        return Standing(count=len(found), oldest=found[0] if found else None, late=late)

    def _meeting(self, wanted: Wanted) -> list[Case]:
        names = ("reason", "delivery", "branch_id", "assigned_to", "number", "member_id")
        same = {name: getattr(wanted, name) for name in names if getattr(wanted, name) is not None}
        same |= {"assigned_to": None} if wanted.nobodys else {}
        return [
            case
            for state, before in wanted.states.items()
            for case in self._cases.find(state=state, **same)
            if before is None or case.since < before
        ]


def _place(case: Case) -> tuple[datetime, bytes]:
    return case.since, case.id.bytes


class MemoryShelf:
    def __init__(self, uow: Any) -> None:
        self._uow = uow

    def sums(self) -> list[Sum]:
        devices = [device for device in self._uow.devices.find() if device.place is not MEMBER]
        counted = Counter((device.place, device.branch_id, device.model, device.state) for device in devices)
        return [Sum(place=key[0], branch_id=key[1], model=key[2], state=key[3], count=n) for key, n in counted.items()]

    def missing(self, count_id: UUID, branch_id: UUID, *, limit: int) -> list[Device]:
        seen = {line.token_id for line in self._uow.count_lines.find(count_id=count_id)}
        here = self._uow.devices.find(place=BRANCH, branch_id=branch_id)
        return [device for device in here if device.id not in seen][:limit]

    def page(self, wanted: ShelfQuery, *, limit: int, after: Spot | None = None) -> list[Found]:
        found = [self._found(device) for device in self._uow.devices.find() if self._fits(device, wanted)]
        found.sort(key=lambda one: (one.device.stocked_at, one.device.id.bytes), reverse=True)
        if after is not None:
            found = [one for one in found if (one.device.stocked_at, one.device.id.bytes) < (after.at, after.id.bytes)]
        return found[:limit]

    def _found(self, device: Device) -> Found:
        return Found(device=device, token=self._uow.tokens.get(device.id))

    def _fits(self, device: Device, wanted: ShelfQuery) -> bool:
        if wanted.member_id is not None:
            bound = self._uow.registrations.find(member_id=wanted.member_id, token_id=device.id)
            if not [one for one in bound if one.state != "ended"]:
                return False
        return (wanted.state in {None, device.state}) and (wanted.branch_id in {None, device.branch_id})


class MemoryIntake:
    def __init__(self, rows: dict[str, dict[UUID, Any]], institution_id: InstitutionId | None) -> None:
        self._rows, self._institution_id = rows, institution_id

    def known(self, serials: Sequence[str]) -> Mapping[str, UUID | None]:
        wanted, devices = set(serials), self._rows["devices"]
        return {
            token.serial: devices[token.id].import_id if token.id in devices else None
            for token in self._rows["tokens"].values()
            if token.serial in wanted and self._institution_id in {None, token.institution_id}
        }

    def drop(self, import_id: UUID, *, limit: int) -> int:
        devices, tokens = self._rows["devices"], self._rows["tokens"]
        unused = [
            key
            for key, device in devices.items()
            if device.import_id == import_id and device.case_id is None and device.version == tokens[key].version == 0
            and tokens[key].state == "in_stock"
        ][:limit]  # fmt: skip
        for key in unused:
            del devices[key], tokens[key]
            self._rows["signers"].pop(key, None)
        return len(unused)


class MemoryStory:
    """What the audit names, read from all of it."""

    def __init__(self, uow: MemoryUnitOfWork) -> None:
        self._uow = uow

    def about(
        self,
        things: Mapping[UUID, datetime | None],
        events: Collection[AuditEvent] | None = None,
        *,
        limit: int,
        before: datetime | None = None,
    ) -> list[AuditLine]:
        scope = self._uow._institution_id
        here = [line for line in reversed(self._uow._audit) if scope in (None, line.institution_id)]
        here = [line for line in here if events is None or line.event in events]
        here = [line for line in here if before is None or line.at < before]
        found = [line for line in here if any(_names(line, thing, until) for thing, until in things.items())]
        return sorted(found, key=lambda line: line.at, reverse=True)[:limit]

    def roll_up(self, until: datetime, *, most: int) -> int:
        return 0


def _names(line: AuditLine, thing: UUID, until: datetime | None) -> bool:
    if until is not None:
        return line.subject_id == thing and line.at <= until
    acted = line.actor_id == thing and line.actor_kind in {ActorKind.MEMBER, ActorKind.STRANGER}
    subject = line.subject_id == thing and line.subject in {"member", "token", "device", "proof", "passkey"}
    return acted or subject or line.case_id == thing


class MemoryAudit:
    def __init__(self, uow: MemoryUnitOfWork) -> None:
        self._uow = uow

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
        line = AuditLine(
            id=line_id or self._uow._make_id(),
            institution_id=institution_id,
            at=at,
            event=event,
            actor_kind=by.kind,
            actor_id=by.id,
            source=by.source[:64],
            subject=type(subject).__name__.lower(),
            subject_id=subject.id,
            case_id=case_id,
            result=result,
            detail=dict(detail or {}),
        )
        self._uow._audit.append(line)

    def append_all(
        self, event: AuditEvent, subjects: Sequence[Row], *, by: Actor, at: datetime, institution_id: InstitutionId
    ) -> None:
        for subject in subjects:
            self.append(event, subject, by=by, at=at, institution_id=institution_id)

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
        rows: dict[UUID, Any] = next(rows for name, rows in self._uow._rows.items() if KINDS[name] is kind)
        self.append_all(event, [rows[key] for key in keys], by=by, at=at, institution_id=institution_id)

    def find(
        self, *, limit: int = 100, offset: int = 0, either: Sequence[Mapping[str, object]] = (), **conditions: object
    ) -> list[AuditLine]:
        scope = self._uow._institution_id
        lines = reversed(self._uow._audit)  # of one moment, the last written is the newest
        here = [line for line in lines if scope in (None, line.institution_id) and _meets(line, conditions)]
        here = [line for line in here if not either or any(_meets(line, one) for one in either)]
        return sorted(here, key=lambda line: line.at, reverse=True)[offset:][:limit]
