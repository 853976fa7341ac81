"""The whole container: version, protection, then key by key; all or nothing where the file itself is at fault."""

from dataclasses import replace
from typing import Final

from otpward.core.formats.faults import BrokenSeedFile, SeedFileFault, SeedFileNotReadYet, UnknownSeedFile
from otpward.core.formats.pskc.key import Identity, read_identity, read_key, read_pin
from otpward.core.formats.pskc.protection import Protection, check_key_source
from otpward.core.formats.pskc.tree import DS, PSKC, Node, branches
from otpward.core.formats.records import (
    FILE_MAX_OCTETS,
    KEYS_MAX,
    KeyKind,
    ReadResult,
    RefusedRow,
    RowError,
    RowFault,
    SeedFormat,
    SeedRecord,
    SignatureState,
    Unusable,
)
from otpward.core.oath.ocra_suite import parse_suite
from otpward.core.secret import Secret

VERSION: Final = "1.0"  # RFC 6030 §4.1: the only one there is
SIGNATURES: Final = (f"{DS}Signature", f"{PSKC}Signature")  # RFC 6030 figure 9 prints the second


def read_pskc(data: bytes, *, key: Secret | None = None, accept_unverified_signature: bool = False) -> ReadResult:
    """Read a container of RFC 6030. `key` is the transport key shared beforehand, if it is encrypted.

    A signature cannot be verified yet. A signed file is therefore refused, unless the caller takes it knowingly unverified.

    Raises:
        SeedFileFault: the file is damaged, changed, or protected in a way that is not supported; nothing is returned.
    """
    if len(data) > FILE_MAX_OCTETS:
        raise UnknownSeedFile(f"the file is larger than {FILE_MAX_OCTETS // 2**20} MB")
    reading = _Reading(Protection(key))
    nodes = branches(data)
    _check_root(next(nodes))
    for node in nodes:
        reading.take(node)
    if reading.row == 0:
        raise UnknownSeedFile("the container holds no key")
    if reading.signed and not accept_unverified_signature:
        raise SeedFileNotReadYet("an XML signature; the file says it is signed and that could not be verified")
    return ReadResult(
        format=SeedFormat.PSKC,
        records=reading.with_pins(),
        refused=tuple(reading.refused),
        signature=SignatureState.NOT_VERIFIED if reading.signed else SignatureState.NONE,
    )


def _check_root(root: Node) -> None:
    if root.tag != f"{PSKC}KeyContainer":
        raise UnknownSeedFile("the XML is not a PSKC KeyContainer", where=root.where)
    if root.attributes.get("Version") != VERSION:
        raise BrokenSeedFile(f"the container is not of version {VERSION}", where=root.where)


class _Reading:
    """What has been read so far."""

    __slots__ = ("_pins", "_protection", "_seen", "records", "refused", "row", "signed")

    def __init__(self, protection: Protection) -> None:
        self._protection = protection
        self._seen: set[tuple[str | None, str | None, str | None]] = set()
        self._pins: dict[str, Secret] = {}
        self.records: list[SeedRecord] = []
        self.refused: list[RowError] = []
        self.row = 0
        self.signed = False

    def take(self, node: Node) -> None:
        """One child of the container, in the order of the schema: how it is protected stands before what is."""
        if node.tag == f"{PSKC}KeyPackage":
            self._take_package(node)
        elif node.tag in (f"{PSKC}EncryptionKey", f"{PSKC}MACMethod"):
            if self.row:
                raise BrokenSeedFile(f"{node.local_name} stands after a key", where=node.where)
            if node.tag == f"{PSKC}EncryptionKey":
                check_key_source(node)
            else:
                self._protection.set_mac_method(node)
        elif node.tag in SIGNATURES:
            self.signed = True
        elif node.tag != f"{PSKC}Extensions":
            raise BrokenSeedFile("an element that does not belong into a container", where=node.where)

    def with_pins(self) -> tuple[SeedRecord, ...]:
        """The records, each with the PIN that enters its answers; that may stand anywhere in the file. Without it a key that
        needs one is of no use."""
        return tuple(record if _needs_no_pin(record) else self._with_pin(record) for record in self.records)

    def _with_pin(self, record: SeedRecord) -> SeedRecord:
        pin = self._pins.get(record.pin_key_id or "")
        return replace(record, pin=pin, unusable_because=record.unusable_because or (Unusable.NO_PIN if pin is None else None))

    def _take_package(self, package: Node) -> None:
        self.row += 1
        if self.row > KEYS_MAX:
            raise BrokenSeedFile(f"more than {KEYS_MAX} keys in one file", where=package.where)
        identity: Identity | None = None
        try:
            identity = read_identity(package)
            pin = read_pin(package, self._protection)
            if pin is not None and identity.key_id is not None:
                self._pins.setdefault(identity.key_id, pin)
            if _same(identity) in self._seen:
                raise RefusedRow(RowFault.DUPLICATE, "this serial number and key id are already in the file")
            self.records.append(read_key(package, identity, self.row, self._protection))
            self._seen.add(_same(identity))
        except RefusedRow as refusal:
            serial = (identity.serial or identity.key_id) if identity is not None else None
            message = f"{_where(self.row, identity)}: {refusal.message}"
            self.refused.append(RowError(row=self.row, serial=serial, reason=refusal.reason, message=message))
        except SeedFileFault as fault:
            raise fault.at(_where(self.row, identity)) from None


def _needs_no_pin(record: SeedRecord) -> bool:
    return record.kind is not KeyKind.OCRA or parse_suite(record.suite or "").pin_hash is None


def _same(identity: Identity) -> tuple[str | None, str | None, str | None]:
    return (identity.manufacturer, identity.serial, identity.key_id)


def _where(row: int, identity: Identity | None) -> str:
    name = (identity.serial or identity.key_id) if identity is not None else None
    return f"key {row} ({name})" if name else f"key {row}"
