"""What two people agreed on leaves as PSKC, once."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from uuid import UUID

from otpward.clerk.tokens import open_seed
from otpward.core.audit import Actor, AuditEvent
from otpward.core.errors import Conflict, Denied, Invalid, NotFound
from otpward.core.formats.pskc.writing import Lock, write_pskc
from otpward.core.formats.records import KeyKind, SeedRecord
from otpward.core.model.token import Device, Token
from otpward.core.oath.ocra_suite import parse_suite
from otpward.ports.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportSeeds:
    """Carry this request out, closed with this lock."""

    export_id: UUID
    by: Actor
    lock: Lock


def export_seeds(ask: ExportSeeds, *, desk: Desk) -> list[bytes]:
    """The file in pieces. That it was handed out is written down in the same transaction, so there is no second time.

    Raises:
        NotFound: there is no such request, or a device of it is gone.
        Denied: nobody approved it, or not this way.
        Conflict: it was carried out before, or its time is over.
    """
    with desk.uow as uow:
        export = uow.exports.get(ask.export_id)
        if export.approved_at is None:
            raise Denied("nobody has approved this export; another person must", field="export")
        if export.done_at is not None or export.expires_at <= desk.now:
            raise Conflict("this export was carried out before, or its time is over", field="export")
        if ask.lock.is_open and not export.clear:
            raise Denied("an export in the clear was not approved; give a key or a password", field="key")
        pieces = list(write_pskc(_records(export.serials.split("\n"), desk=desk), ask.lock, entropy=desk.entropy.octets))
        done = uow.exports.save(replace(export, done_at=desk.now))
        detail: dict[str, str | int] = {
            "devices": len(pieces) - (2 if ask.lock.is_open else 3),
            "clear": int(ask.lock.is_open),
            "asked_by": export.asked_by,
            "approved_by": export.approved_by,
        }
        uow.audit.append(
            AuditEvent.SEEDS_EXPORTED, done, by=ask.by, at=desk.now, institution_id=done.institution_id, detail=detail
        )
        uow.commit()
    return pieces


def _records(serials: list[str], *, desk: Desk) -> Iterator[SeedRecord]:
    for row, serial in enumerate(serials, start=1):
        token = desk.uow.tokens.first(serial=serial)
        if token is None or not token.seed:
            raise NotFound(f"no device {serial!r} with a seed here", field="serial")
        yield _record(row, token, desk.uow.devices.get(token.id), desk=desk)


def _record(row: int, token: Token, device: Device, *, desk: Desk) -> SeedRecord:
    kind = KeyKind(token.kind.value)
    signer = desk.uow.signers.first(id=token.id) if kind is KeyKind.OCRA else None
    if signer is not None and signer.pin_hash:
        raise Invalid(f"{token.serial} computes with a PIN, of which only a hash is here", field="serial")
    counts = kind is KeyKind.HOTP or (signer is not None and parse_suite(signer.suite).counter)
    return SeedRecord(
        row=row,
        serial=token.serial,
        kind=kind,
        algorithm=token.algorithm,
        digits=token.digits,
        seed=open_seed(token, desk=desk),
        suite=None if signer is None else signer.suite,
        period_s=token.period_s or None,
        counter=token.high_water + 1 if counts else None,
        drift_steps=token.drift_steps,
        manufacturer=device.vendor or None,
        model=device.model or None,
        valid_from=token.valid_from,
        valid_until=token.valid_until,
    )
