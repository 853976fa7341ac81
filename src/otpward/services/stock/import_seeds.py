"""A seed file is taken in, whole, with a verdict for every row; read again, it makes no doubles."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final

from otpward.clerk.signing import seal_pin
from otpward.clerk.tokens import seal_seed
from otpward.core.audit import Actor, AuditEvent
from otpward.core.formats.detect import read_seed_file
from otpward.core.formats.records import KeyKind, SeedRecord
from otpward.core.ids import BranchId, InstitutionId, MemberId, TokenId, home_bucket
from otpward.core.lifecycle.others import RegistrationState
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.challenge import Signer
from otpward.core.model.institution import Import
from otpward.core.model.member import fold_login
from otpward.core.model.token import Device, Form, Registration, Token
from otpward.core.oath.ocra import hash_pin
from otpward.core.oath.ocra_suite import parse_suite
from otpward.core.secret import Secret
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import UnitOfWork

_SERIAL_LONGEST: Final = 128


class RowVerdict(StrEnum):
    """What became of one row."""

    IMPORTED = "imported"
    REFUSED = "refused"


class Entry(StrEnum):
    """How the tokens begin here: on the shelf, or at once in use (those of another system)."""

    IN_STOCK = "in_stock"
    ACTIVE = "active"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSeeds:
    """A file, and what to do with it. `owners` names the member of each serial; `preview` stores nothing."""

    institution_id: InstitutionId
    data: bytes
    file_name: str
    by: Actor
    key: Secret | None = None
    branch_id: BranchId | None = None
    entry: Entry = Entry.IN_STOCK
    owners: Mapping[str, str] = field(default_factory=dict)
    preview: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedRow:
    """One row of the report. Never a seed. An imported row can have a reason, too, or several with a space between:
    `weak_seed`, under 112 bits, and the `Shortfall`s of its parameters (SP 800-63B-4 §3.1.4.1)."""

    row: int
    serial: str | None
    verdict: RowVerdict
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """Every row of the file, in its order."""

    rows: tuple[ImportedRow, ...]

    @property
    def imported(self) -> int:
        """How many were taken, or would be."""
        return sum(row.verdict is RowVerdict.IMPORTED for row in self.rows)

    @property
    def refused(self) -> int:
        """How many were not."""
        return len(self.rows) - self.imported


def import_seeds(ask: ImportSeeds, *, desk: Desk) -> ImportReport:
    """Store every usable key of the file in one transaction, and say of every other why not.

    Raises:
        Invalid: the file as a whole cannot be read; nothing was stored.
    """
    read = read_seed_file(ask.data, key=ask.key)
    rows = [ImportedRow(row=one.row, serial=one.serial, verdict=RowVerdict.REFUSED, reason=one.reason) for one in read.refused]
    with desk.uow as uow:
        batch = Import(
            id=desk.new_id(),
            institution_id=ask.institution_id,
            file_name=ask.file_name[:200],
            sha256=sha256(ask.data).digest(),
            taken=0,
            refused=0,
            at=desk.now,
        )
        seen: set[str] = set()
        for record in read.records:
            member_id, reason = _check(record, ask, seen, uow=uow, now=desk.now)
            seen.add(record.name)
            verdict = RowVerdict.REFUSED if reason else RowVerdict.IMPORTED
            told = reason or _worth_knowing(record)
            rows.append(ImportedRow(row=record.row, serial=record.name or None, verdict=verdict, reason=told))
            if not reason and not ask.preview:
                _store(record, member_id, ask, batch, desk=desk)
        report = ImportReport(rows=tuple(sorted(rows, key=lambda row: row.row)))
        if not ask.preview:
            _file(batch, report, ask, desk=desk)
            uow.commit()
    return report


def _file(batch: Import, report: ImportReport, ask: ImportSeeds, *, desk: Desk) -> None:
    done = Import(
        id=batch.id,
        institution_id=batch.institution_id,
        file_name=batch.file_name,
        sha256=batch.sha256,
        taken=report.imported,
        refused=report.refused,
        at=batch.at,
    )
    desk.uow.imports.add(done)
    detail = {"imported": report.imported, "refused": report.refused}
    desk.uow.audit.append(
        AuditEvent.SEEDS_IMPORTED, done, by=ask.by, at=desk.now, institution_id=ask.institution_id, detail=detail
    )


def _worth_knowing(record: SeedRecord) -> str:
    """Where a usable record falls short of SP 800-63B-4 §3.1.4.1."""
    weak = ["weak_seed"] if record.weak_secret else []
    return " ".join([*weak, *record.parameters.shortfalls])


def _check(
    record: SeedRecord, ask: ImportSeeds, seen: set[str], *, uow: UnitOfWork, now: datetime
) -> tuple[MemberId | None, str]:
    """The owner, if one is needed, and why this record cannot be stored (empty if it can)."""
    if record.unusable_because is not None:
        return None, record.unusable_because.value
    if not record.name or len(record.name) > _SERIAL_LONGEST:
        return None, "bad_serial"
    if record.valid_until is not None and record.valid_until <= now:
        return None, "expired"
    if record.name in seen or uow.tokens.first(serial=record.name) is not None:
        return None, "exists_already"
    if ask.entry is Entry.IN_STOCK:
        return None, ""
    login = ask.owners.get(record.name)
    if login is None:
        return None, "no_owner"
    member = uow.members.first(login=fold_login(login))
    return (None, "unknown_member") if member is None else (member.id, "")


def _store(record: SeedRecord, member_id: MemberId | None, ask: ImportSeeds, batch: Import, *, desk: Desk) -> None:
    assert record.seed is not None, "a usable record has a seed"
    token_id = TokenId(desk.new_id(home_bucket(str(ask.institution_id), record.name)))
    parameters = record.parameters
    token = Token(
        id=token_id,
        institution_id=ask.institution_id,
        serial=record.name,
        state=TokenState.IN_STOCK if ask.entry is Entry.IN_STOCK else TokenState.ACTIVE,
        kind=parameters.kind,
        algorithm=parameters.algorithm,
        digits=parameters.digits,
        period_s=parameters.period_s or 0,
        high_water=-1 if record.counter is None else record.counter - 1,
        drift_steps=record.drift_steps,
        valid_from=record.valid_from,
        valid_until=record.valid_until,
        seed=seal_seed(record.seed, institution_id=ask.institution_id, token_id=token_id, desk=desk),
    )
    desk.uow.tokens.add(token)
    if record.kind is KeyKind.OCRA:
        desk.uow.signers.add(_signer(record, token, desk=desk))
    desk.uow.devices.add(
        Device(
            id=token_id,
            institution_id=ask.institution_id,
            form=Form.FOB,
            vendor=(record.manufacturer or "")[:200],
            model=(record.model or "")[:200],
            branch_id=ask.branch_id if member_id is None else None,
            import_id=batch.id,
            expires_on=None if record.valid_until is None else record.valid_until.date(),
            stocked_at=desk.now,
        )
    )
    if member_id is not None:
        desk.uow.registrations.add(
            Registration(
                id=desk.new_id(),
                institution_id=ask.institution_id,
                member_id=member_id,
                token_id=token_id,
                state=RegistrationState.LIVE,
                begun_at=desk.now,
                live_at=desk.now,
            )
        )
    desk.uow.audit.append(AuditEvent.TOKEN_STOCKED, token, by=ask.by, at=desk.now, institution_id=ask.institution_id)


def _signer(record: SeedRecord, token: Token, *, desk: Desk) -> Signer:
    suite, pin_hash = parse_suite(record.suite or ""), b""
    if suite.pin_hash is not None and record.pin is not None:
        hashed = hash_pin(suite, record.pin)
        pin_hash = seal_pin(hashed, institution_id=token.institution_id, token_id=token.id, desk=desk)
    return Signer(id=token.id, institution_id=token.institution_id, suite=suite.text, pin_hash=pin_hash)
