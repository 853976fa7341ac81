"""The whole container: version, protection, then key by key; all or nothing where the file itself is at fault."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final
from xml.etree.ElementTree import Element

from otpward.core.formats.branches import Branches, local_name, refuse_doubles
from otpward.core.formats.faults import BrokenSeedFile, SeedFileFault, SeedFileNotReadYet, UnknownSeedFile
from otpward.core.formats.pskc.alike import Alike
from otpward.core.formats.pskc.drafts import LATE_NAMES, Draft, draft_of
from otpward.core.formats.pskc.key import Identity, read_identity, read_key, read_like, read_pin
from otpward.core.formats.pskc.names import DS, PSKC, XENC
from otpward.core.formats.pskc.protection import Protection
from otpward.core.formats.pskc.signature import check_signature
from otpward.core.formats.reading import Chunks, Counted, Row, SeedFile, collected
from otpward.core.formats.records import (
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
from otpward.core.formats.unlock import NOTHING_TO_OPEN, Unlock
from otpward.core.oath.ocra_suite import parse_suite
from otpward.core.secret import Secret

VERSION: Final = "1.0"  # RFC 6030 §4.1: the only one there is
SINGLES: Final = frozenset(
    f"{PSKC}{name}"
    for name in (
        *("DeviceInfo", "Manufacturer", "SerialNo", "Model", "UserId", "Key", "Issuer", "AlgorithmParameters", "Suite"),
        *("ChallengeFormat", "ResponseFormat", "Data", "Secret", "Counter", "Time", "TimeInterval", "TimeDrift"),
        *("PlainValue", "EncryptedValue", "ValueMAC", "PlainMAC", "MACKey", "Policy", "StartDate", "ExpiryDate", "PINPolicy"),
        "NumberOfTransactions",
    )
) | {f"{XENC}{name}" for name in ("EncryptionMethod", "CipherData", "CipherValue", "IV")}
"""What a key has once. A reader must not have a choice."""
SIGNATURES: Final = (f"{DS}Signature", f"{PSKC}Signature")  # RFC 6030 figure 9 prints the second


def read_pskc(data: bytes, *, key: Secret | None = None, accept_unverified_signature: bool = False) -> ReadResult:
    """Read a container that fits into memory; see `open_pskc`."""
    return collected(open_pskc([data], Unlock(key=key, unverified=accept_unverified_signature)))


def open_pskc(chunks: Chunks, unlock: Unlock = NOTHING_TO_OPEN) -> SeedFile:
    """Read a container of RFC 6030, or of one of its drafts, key by key.

    A signed file is taken if `unlock.signer` signed it, or knowingly unverified, and not otherwise.

    Raises, while the rows are read:
        SeedFileFault: the file is damaged, changed, or protected in a way that is not supported; nothing of it counts.
    """
    file = SeedFile(format=SeedFormat.PSKC, rows=iter(()))
    return replace(file, rows=_rows(Counted(chunks), unlock, file.signatures))


def _rows(chunks: Chunks, unlock: Unlock, signatures: list[SignatureState]) -> Iterator[Row]:
    if unlock.signer is not None:
        check_signature(chunks, unlock.signer)
        signatures.append(SignatureState.VERIFIED)
    branches = Branches(chunks)
    nodes = iter(branches)
    root = next(nodes, None)
    draft = _check_root(root, branches)
    reading = _Reading(Protection(unlock), branches, draft)
    for node in nodes:
        yield from reading.take(node)
    yield from reading.held_back()
    if reading.row == 0:
        raise UnknownSeedFile("the container holds no key")
    if reading.signed and unlock.signer is None:
        if not unlock.unverified:
            raise SeedFileNotReadYet("an XML signature; the file says it is signed and nobody verified that", field="signer")
        signatures.append(SignatureState.NOT_VERIFIED)


def _check_root(root: Element | None, branches: Branches) -> Draft | None:
    if root is None:
        raise BrokenSeedFile("the XML has no element", where="line 1")
    if root.tag == f"{PSKC}KeyContainer":
        if root.get("Version") != VERSION:
            raise BrokenSeedFile(f"the container is not of version {VERSION}", where=branches.line_of_root())
        return None
    draft = draft_of(root)
    if draft is None:
        raise UnknownSeedFile("the XML is not a PSKC KeyContainer", where=branches.line_of_root())
    return draft


class _Reading:
    """What has been read so far. A key whose answers need a PIN is held back: that may stand anywhere in the file."""

    __slots__ = ("_alike", "_branches", "_draft", "_pins", "_protection", "_seen", "_waiting", "row", "signed")

    def __init__(self, protection: Protection, branches: Branches, draft: Draft | None) -> None:
        self._protection = protection
        self._branches = branches
        self._draft = draft
        self._alike = Alike()
        self._seen: set[int] = set()  # hashes: a million names would take a quarter of a gigabyte
        self._pins: dict[str, Secret] = {}
        self._waiting: list[SeedRecord] = []
        self.row = 0
        self.signed = False

    def take(self, node: Element) -> Iterator[Row]:
        """One child of the container, in the order of the schema: how it is protected stands before what is."""
        name: str | None = None
        try:
            if self._draft is None and node.tag in LATE_NAMES:
                self._draft = Draft(PSKC)
            if self._draft is not None:
                node = self._draft.as_rfc_6030(node)
            if node.tag == f"{PSKC}KeyPackage":
                self.row += 1
                name = f"key {self.row}"
                yield from self._package(node)
            else:
                self._whole(node)
        except SeedFileFault as fault:
            raise self._placed(fault, node, name) from None

    def _whole(self, node: Element) -> None:
        """What concerns all keys."""
        refuse_doubles(node, SINGLES)
        if node.tag in (f"{PSKC}EncryptionKey", f"{PSKC}MACMethod"):
            if self.row:
                raise BrokenSeedFile(f"{local_name(node)} stands after a key", node=node)
            if node.tag == f"{PSKC}EncryptionKey":
                self._protection.set_key_source(node)
            else:
                self._protection.set_mac_method(node)
        elif node.tag in SIGNATURES:
            self.signed = True
        elif node.tag != f"{PSKC}Extensions":
            raise BrokenSeedFile("an element that does not belong into a container", node=node)

    def held_back(self) -> Iterator[SeedRecord]:
        """The records that waited for their PIN. Without it a key that needs one is of no use."""
        for record in self._waiting:
            pin = self._pins.get(record.pin_key_id or "")
            unusable = record.unusable_because or (Unusable.NO_PIN if pin is None else None)
            yield replace(record, pin=pin, unusable_because=unusable)

    def _package(self, package: Element) -> Iterator[Row]:
        if self.row > KEYS_MAX:
            raise BrokenSeedFile(f"more than {KEYS_MAX} keys in one file", node=package)
        identity: Identity | None = None
        try:
            model = self._alike.model(package)
            if model is None:
                refuse_doubles(package, SINGLES)
            identity = read_identity(package)
            record = self._key(package, identity, model)
        except RefusedRow as refusal:
            serial = (identity.serial or identity.key_id) if identity is not None else None
            message = f"{_where(self.row, identity)}: {refusal.message}"
            yield RowError(row=self.row, serial=serial, reason=refusal.reason, message=message)
        except SeedFileFault as fault:
            raise self._placed(fault, package, _where(self.row, identity)) from None
        else:
            if _needs_no_pin(record):
                yield record
            else:
                self._waiting.append(record)

    def _placed(self, fault: SeedFileFault, branch: Element, name: str | None) -> SeedFileFault:
        """The fault with its line, and the key's name before it. What was rewritten has lost its lines but the first."""
        if fault.where is not None:
            return fault
        fault.where = self._branches.line_of(branch, fault.node if self._draft is None else None)
        fault.node = None  # it may hold a seed
        return fault.at(name) if name is not None else fault

    def _key(self, package: Element, identity: Identity, model: SeedRecord | None) -> SeedRecord:
        pin = read_pin(package, self._protection) if model is None else None
        if pin is not None and identity.key_id is not None:
            self._pins.setdefault(identity.key_id, pin)
        same = hash((identity.manufacturer, identity.serial, identity.key_id))
        if same in self._seen:
            raise RefusedRow(RowFault.DUPLICATE, "this serial number and key id are already in the file")
        if model is None:
            record = read_key(package, identity, self.row, self._protection)
            self._alike.remember(record)
        else:
            record = read_like(model, package, identity, self.row, self._protection)
        self._seen.add(same)
        return record


def _needs_no_pin(record: SeedRecord) -> bool:
    return record.kind is not KeyKind.OCRA or parse_suite(record.suite or "").pin_hash is None


def _where(row: int, identity: Identity | None) -> str:
    name = (identity.serial or identity.key_id) if identity is not None else None
    return f"key {row} ({name})" if name else f"key {row}"
