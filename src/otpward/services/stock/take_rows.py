"""Rows of a seed file become devices on the shelf, each with its verdict. What both ways of importing share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from otpward.clerk.signing import seal_pin
from otpward.clerk.tokens import open_seed, seal_seeds
from otpward.core.audit import Actor, AuditEvent
from otpward.core.formats.reading import Row
from otpward.core.formats.records import APPS, KeyKind, RowError, SeedFormat, SeedRecord
from otpward.core.ids import BranchId, InstitutionId, MemberId, TokenId, home_buckets, make_ids
from otpward.core.lifecycle.others import RegistrationState
from otpward.core.lifecycle.place import Place
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.challenge import Signer
from otpward.core.model.member import fold_login
from otpward.core.model.token import Device, Form, Registration, Token
from otpward.core.oath.model import Parameters
from otpward.core.oath.ocra import hash_pin
from otpward.core.oath.ocra_suite import parse_suite
from otpward.core.secret import Secret
from otpward.ports.desk import Desk

_SERIAL_LONGEST: Final = 128


class RowVerdict(StrEnum):
    """What became of one row."""

    IMPORTED = "imported"
    SKIPPED = "skipped"
    REFUSED = "refused"


class Entry(StrEnum):
    """How the tokens begin here: on the shelf, or at once in use (those of another system)."""

    IN_STOCK = "in_stock"
    ACTIVE = "active"


class Doubles(StrEnum):
    """What to do with a serial number that is here already: refuse the row, pass over it, or pass over it if it is the same
    key and refuse it otherwise. What is here is never changed."""

    REFUSE = "refuse"
    SKIP = "skip"
    SAME = "same"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedRow:
    """One row of the report. Never a seed. An imported row can have a reason, too, or several with a space between:
    `weak_seed`, under 112 bits, and the `Shortfall`s of its parameters (SP 800-63B-4 §3.1.4.1)."""

    row: int
    serial: str | None
    verdict: RowVerdict
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intention:
    """How rows are to be taken. `owners` names the member of each serial; `preview` stores nothing."""

    institution_id: InstitutionId
    by: Actor
    branch_id: BranchId | None = None
    entry: Entry = Entry.IN_STOCK
    owners: Mapping[str, str] = field(default_factory=dict)
    doubles: Doubles = Doubles.REFUSE
    preview: bool = False


def take_rows(
    rows: Sequence[Row], intention: Intention, *, import_id: UUID, format_: SeedFormat, desk: Desk
) -> list[ImportedRow]:
    """The verdict of each row. Without `preview` those that are imported are kept, in the open transaction."""
    judge = _Judge(rows, intention, import_id=import_id, desk=desk)
    made: list[tuple[SeedRecord, MemberId | None]] = []
    verdicts: list[ImportedRow] = []
    for row in rows:
        verdict, member_id, is_new = judge.verdict(row)
        verdicts.append(verdict)
        if is_new and isinstance(row, SeedRecord):
            made.append((row, member_id))
    if made and not intention.preview:
        form = Form.APP if format_ in APPS else Form.FOB
        _keep(made, intention, import_id, form, desk=desk)
    return verdicts


class _Judge:
    """What is asked of the store for all rows at once, and the verdict over each."""

    def __init__(self, rows: Sequence[Row], intention: Intention, *, import_id: UUID, desk: Desk) -> None:
        self._intention = intention
        self._import_id = import_id
        self._desk = desk
        names = [row.name for row in rows if isinstance(row, SeedRecord) and 0 < len(row.name) <= _SERIAL_LONGEST]
        self._known = desk.uow.intake.known(names)
        self._seen: set[str] = set()

    def verdict(self, row: Row) -> tuple[ImportedRow, MemberId | None, bool]:
        """The verdict, the owner, and whether it is to be kept."""
        if isinstance(row, RowError):
            return _refused(row.row, row.serial, row.reason), None, False
        name = row.name
        reason = self._flaw(row)
        if reason:
            return _refused(row.row, name or None, reason), None, False
        if name in self._seen:
            return _refused(row.row, name, "exists_already"), None, False
        if name in self._known:
            self._seen.add(name)
            return self._double(row), None, False
        member_id, reason = self._owner(name)
        if reason:
            return _refused(row.row, name, reason), None, False
        self._seen.add(name)
        return _imported(row), member_id, True

    def _flaw(self, record: SeedRecord) -> str:
        """Why this record cannot be stored wherever it comes from (empty if it can)."""
        if record.unusable_because is not None:
            return record.unusable_because.value
        if not record.name or len(record.name) > _SERIAL_LONGEST:
            return "bad_serial"
        if record.valid_until is not None and record.valid_until <= self._desk.now:
            return "expired"
        return ""

    def _double(self, record: SeedRecord) -> ImportedRow:
        """The serial number is here already: from this very file, before it was cut off, or from elsewhere."""
        if self._known[record.name] == self._import_id:
            return _imported(record)
        match self._intention.doubles:
            case Doubles.SKIP:
                return _skipped(record)
            case Doubles.SAME:
                if self._is_same(record):
                    return _skipped(record)
                return _refused(record.row, record.name, "exists_otherwise")
            case _:
                return _refused(record.row, record.name, "exists_already")

    def _is_same(self, record: SeedRecord) -> bool:
        token = self._desk.uow.tokens.first(serial=record.name)
        if token is None or record.seed is None or token.parameters != record.parameters or not token.seed:
            return False
        return open_seed(token, desk=self._desk) == record.seed

    def _owner(self, name: str) -> tuple[MemberId | None, str]:
        if self._intention.entry is Entry.IN_STOCK:
            return None, ""
        login = self._intention.owners.get(name)
        if login is None:
            return None, "no_owner"
        member = self._desk.uow.members.first(login=fold_login(login))
        return (None, "unknown_member") if member is None else (member.id, "")


def _keep(
    made: Sequence[tuple[SeedRecord, MemberId | None]], intention: Intention, import_id: UUID, form: Form, *, desk: Desk
) -> None:
    """None of the devices is made as an object: what they share is said by the first of them, the rest by column."""
    owner = intention.institution_id
    buckets = home_buckets(str(owner), [record.name for record, _member_id in made])
    # Rows of one bucket lie side by side: a third of the pages to write.
    order = sorted(range(len(made)), key=buckets.__getitem__)
    records, members = [made[place][0] for place in order], [made[place][1] for place in order]
    keys = make_ids(desk.now, desk.entropy.octets(8 * len(made)), [buckets[place] for place in order])
    seeds = seal_seeds([_seed(record) for record in records], institution_id=owner, token_ids=keys, desk=desk)
    token = _token(records[0], TokenId(keys[0]), seeds[0], intention, desk=desk)
    device = _device(records[0], token, members[0], intention, import_id, form, desk=desk)
    uow = desk.uow
    uow.tokens.add_alike(token, {"id": keys, "seed": seeds, **_token_columns(records)})
    uow.devices.add_alike(device, {"id": keys, **_device_columns(records), **_place_columns(members, intention)})
    beside = list(zip(keys, records, members, strict=True))
    uow.signers.add_all(
        [_signer(record, TokenId(key), owner, desk=desk) for key, record, _ in beside if record.kind is KeyKind.OCRA]
    )
    uow.registrations.add_all([_registration(TokenId(key), owner, one, desk=desk) for key, _, one in beside if one is not None])
    uow.audit.append_alike(AuditEvent.TOKEN_STOCKED, Token, keys, by=intention.by, at=desk.now, institution_id=owner)


def _seed(record: SeedRecord) -> Secret:
    assert record.seed is not None, "a usable record has a seed"
    return record.seed


def _token(record: SeedRecord, token_id: TokenId, seed: bytes, intention: Intention, *, desk: Desk) -> Token:
    columns = {name: values[0] for name, values in _token_columns([record]).items()}
    return Token(
        id=token_id,
        institution_id=intention.institution_id,
        state=TokenState.IN_STOCK if intention.entry is Entry.IN_STOCK else TokenState.ACTIVE,
        active_at=None if intention.entry is Entry.IN_STOCK else desk.now,
        seed=seed,
        **columns,
    )


def _token_columns(records: Sequence[SeedRecord]) -> dict[str, list[Any]]:
    parameters = [record.parameters for record in records]
    return {
        "serial": [record.name for record in records],
        "kind": [one.kind for one in parameters],
        "algorithm": [one.algorithm for one in parameters],
        "digits": [one.digits for one in parameters],
        "period_s": [one.period_s or 0 for one in parameters],
        "high_water": [-1 if record.counter is None else record.counter - 1 for record in records],
        "drift_steps": [record.drift_steps for record in records],
        "valid_from": [record.valid_from for record in records],
        "valid_until": [record.valid_until for record in records],
    }


def _device(
    record: SeedRecord,
    token: Token,
    member_id: MemberId | None,
    intention: Intention,
    import_id: UUID,
    form: Form,
    *,
    desk: Desk,
) -> Device:
    columns = {**_device_columns([record]), **_place_columns([member_id], intention)}
    return Device(
        id=token.id,
        institution_id=token.institution_id,
        form=form,
        state=token.state,
        import_id=import_id,
        stocked_at=desk.now,
        **{name: values[0] for name, values in columns.items()},
    )


def _device_columns(records: Sequence[SeedRecord]) -> dict[str, list[Any]]:
    return {
        "vendor": [(record.manufacturer or record.issuer or "")[:200] for record in records],
        "model": [(record.model or "")[:200] for record in records],
        "expires_on": [None if record.valid_until is None else record.valid_until.date() for record in records],
    }


def _place_columns(members: Sequence[MemberId | None], intention: Intention) -> dict[str, list[Any]]:
    return {
        "place": [_place(member_id, intention) for member_id in members],
        "branch_id": [intention.branch_id if member_id is None else None for member_id in members],
        "holder_id": list(members),
    }


def _place(member_id: MemberId | None, intention: Intention) -> Place:
    if member_id is not None:
        return Place.MEMBER
    return Place.ARRIVED if intention.branch_id is None else Place.BRANCH


def _registration(token_id: TokenId, owner: InstitutionId, member_id: MemberId, *, desk: Desk) -> Registration:
    return Registration(
        id=desk.new_id(),
        institution_id=owner,
        member_id=member_id,
        token_id=token_id,
        state=RegistrationState.LIVE,
        begun_at=desk.now,
        live_at=desk.now,
    )


def _signer(record: SeedRecord, key: TokenId, owner: InstitutionId, *, desk: Desk) -> Signer:
    suite, pin_hash = parse_suite(record.suite or ""), b""
    if suite.pin_hash is not None and record.pin is not None:
        hashed = hash_pin(suite, record.pin)
        pin_hash = seal_pin(hashed, institution_id=owner, token_id=key, desk=desk)
    return Signer(id=key, institution_id=owner, suite=suite.text, pin_hash=pin_hash)


def _refused(row: int, serial: str | None, reason: str) -> ImportedRow:
    return ImportedRow(row=row, serial=serial, verdict=RowVerdict.REFUSED, reason=str(reason))


def _skipped(record: SeedRecord) -> ImportedRow:
    return ImportedRow(row=record.row, serial=record.name, verdict=RowVerdict.SKIPPED, reason="exists_already")


def _imported(record: SeedRecord) -> ImportedRow:
    """Where a usable record falls short of SP 800-63B-4 §3.1.4.1 is said, too."""
    told = _told(record.parameters, weak=record.weak_secret)
    return ImportedRow(row=record.row, serial=record.name, verdict=RowVerdict.IMPORTED, reason=told)


@lru_cache(maxsize=256)
def _told(parameters: Parameters, *, weak: bool) -> str:
    return " ".join([*(["weak_seed"] if weak else []), *parameters.shortfalls])
