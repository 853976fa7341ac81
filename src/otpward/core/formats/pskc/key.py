"""One `KeyPackage` becomes one record (RFC 6030 §4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element

from otpward.core.formats.branches import child, text_of
from otpward.core.formats.faults import BrokenSeedFile
from otpward.core.formats.pskc.names import PSKC
from otpward.core.formats.pskc.ocra import read_suite
from otpward.core.formats.pskc.policy import FOR_ANSWERS, FOR_CODES, read_policy
from otpward.core.formats.pskc.protection import Protection
from otpward.core.formats.pskc.values import base64_octets, integer, integer_octets, label
from otpward.core.formats.records import (
    KeyKind,
    RefusedRow,
    RowFault,
    SeedRecord,
    Unusable,
    checked_counter,
    checked_parameters,
    checked_seed,
    checked_serial,
)
from otpward.core.oath.model import DIGITS_MIN, Algorithm, TokenKind
from otpward.core.oath.ocra_suite import Suite
from otpward.core.oath.question import SESSION_OCTETS
from otpward.core.secret import Secret

PIN: Final = "urn:ietf:params:xml:ns:keyprov:pskc:pin"
KINDS: Final[Mapping[str, KeyKind]] = {
    "urn:ietf:params:xml:ns:keyprov:pskc:hotp": KeyKind.HOTP,
    "urn:ietf:params:xml:ns:keyprov:pskc:totp": KeyKind.TOTP,
    "urn:ietf:params:xml:ns:keyprov:pskc:ocra": KeyKind.OCRA,
}
HASHES: Final[Mapping[str, Algorithm]] = {
    "HMAC-SHA1": Algorithm.SHA1,
    "HMAC-SHA256": Algorithm.SHA256,
    "HMAC-SHA512": Algorithm.SHA512,
}
PERIOD_DEFAULT_S: Final = 30  # RFC 6238 §4.1
DRIFT_MAX_STEPS: Final = 2880  # a day of 30 s steps; beyond that it is not a drift but a clock never set


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """By what a key is told apart and named in a message."""

    manufacturer: str | None
    serial: str | None
    key_id: str | None


def read_identity(package: Element) -> Identity:
    """Who this key is.

    Raises:
        RefusedRow: it has neither serial number nor id, or a serial number that cannot be shown.
    """
    device = child(package, f"{PSKC}DeviceInfo")
    key = child(package, f"{PSKC}Key")
    serial = label(device, f"{PSKC}SerialNo")
    key_id = (key.get("Id", "").strip() if key is not None else "") or None
    if serial is None and key_id is None:
        raise RefusedRow(RowFault.NO_NAME, "the key has neither a serial number nor an id")
    return Identity(
        manufacturer=label(device, f"{PSKC}Manufacturer"),
        serial=checked_serial(serial) if serial is not None else None,
        key_id=checked_serial(key_id) if key_id is not None else None,
    )


def read_key(package: Element, identity: Identity, row: int, protection: Protection) -> SeedRecord:
    """The record of this package.

    Raises:
        RefusedRow: this key cannot be a token; the others may.
        SeedFileFault: the file is damaged or cannot be opened.
    """
    device, key = child(package, f"{PSKC}DeviceInfo"), child(package, f"{PSKC}Key")
    if key is None:
        raise RefusedRow(RowFault.NOT_A_TOKEN, "a device without a key")
    kind = _kind(key)
    parameters = child(key, f"{PSKC}AlgorithmParameters")
    suite = label(parameters, f"{PSKC}Suite")
    values = _Values(child(key, f"{PSKC}Data"), protection)
    ocra = read_suite(suite, parameters) if kind is KeyKind.OCRA else None
    algorithm = _hash(suite) if ocra is None else ocra.algorithm
    digits = _digits(parameters) if ocra is None else ocra.digits
    timed, counted = kind is KeyKind.TOTP, kind is KeyKind.HOTP
    if ocra is not None:
        timed, counted = ocra.step_s > 0, ocra.counter
    period_s = _period_s(values, PERIOD_DEFAULT_S if ocra is None else ocra.step_s) if timed else None
    if ocra is None:
        checked_parameters(TokenKind(kind.value), algorithm, digits, period_s)
    elif timed and period_s != ocra.step_s:
        raise RefusedRow(RowFault.PERIOD, "the period is not the time step of the suite")
    seed = values.seed()
    policy = read_policy(
        child(key, f"{PSKC}Policy"),
        device,
        usages=FOR_CODES if ocra is None else FOR_ANSWERS,
        pin_in_answer=ocra is not None and ocra.pin_hash is not None,
    )
    return SeedRecord(
        row=row,
        serial=identity.serial,
        key_id=identity.key_id,
        manufacturer=identity.manufacturer,
        model=label(device, f"{PSKC}Model"),
        issuer=label(key, f"{PSKC}Issuer"),
        key_user=label(key, f"{PSKC}UserId"),
        device_user=label(device, f"{PSKC}UserId"),
        kind=kind,
        algorithm=algorithm,
        digits=digits,
        suite=suite,
        period_s=period_s,
        counter=checked_counter(values.number("Counter", 0)) if counted else None,
        drift_steps=_drift_steps(values) if timed else 0,
        seed=seed,
        valid_from=policy.valid_from,
        valid_until=policy.valid_until,
        uses_max=policy.uses_max,
        pin_key_id=policy.pin_key_id,
        unusable_because=policy.unusable_because or _unusable(ocra, seed),
    )


def read_like(model: SeedRecord, package: Element, identity: Identity, row: int, protection: Protection) -> SeedRecord:
    """The record of a package that differs from the one of `model` in nothing but its identity and its seed.

    Raises:
        RefusedRow: the seed is no seed.
        SeedFileFault: the file is damaged or cannot be opened.
    """
    seed = _Values(child(child(package, f"{PSKC}Key"), f"{PSKC}Data"), protection).seed()
    return SeedRecord(
        row=row,
        serial=identity.serial,
        key_id=identity.key_id,
        manufacturer=model.manufacturer,
        model=model.model,
        issuer=model.issuer,
        key_user=model.key_user,
        device_user=model.device_user,
        kind=model.kind,
        algorithm=model.algorithm,
        digits=model.digits,
        suite=model.suite,
        period_s=model.period_s,
        counter=model.counter,
        drift_steps=model.drift_steps,
        seed=seed,
        valid_from=model.valid_from,
        valid_until=model.valid_until,
        uses_max=model.uses_max,
        pin_key_id=model.pin_key_id,
        unusable_because=model.unusable_because,
    )


class _Values:
    """The `Data` of a key: each value is plain, or encrypted, and never both."""

    __slots__ = ("_data", "_protection")

    def __init__(self, data: Element | None, protection: Protection) -> None:
        self._data = data
        self._protection = protection

    def seed(self) -> Secret | None:
        node = self._node("Secret")
        if node is None:
            return None
        plain = child(node, f"{PSKC}PlainValue")
        return checked_seed(self._protection.open(node) if plain is None else base64_octets(plain))

    def number(self, name: str, default: int) -> int:
        node = self._node(name)
        if node is None:
            return default
        plain = child(node, f"{PSKC}PlainValue")
        return integer_octets(self._protection.open(node), node) if plain is None else integer(text_of(plain), node)

    def _node(self, name: str) -> Element | None:
        node = child(self._data, f"{PSKC}{name}")
        if node is None:
            return None
        plain, sealed = child(node, f"{PSKC}PlainValue"), child(node, f"{PSKC}EncryptedValue")
        if (plain is None) == (sealed is None):
            raise BrokenSeedFile(f"{name} must have a plain or an encrypted value, and only one", node=node)
        return node


def read_pin(package: Element, protection: Protection) -> Secret | None:
    """The PIN in a package that holds one for another key (RFC 6030 figure 5), or None."""
    key = child(package, f"{PSKC}Key")
    if key is None or key.get("Algorithm") != PIN:
        return None
    return _Values(child(key, f"{PSKC}Data"), protection).seed()


def _kind(key: Element) -> KeyKind:
    name = key.get("Algorithm", "")
    if name == PIN:
        raise RefusedRow(RowFault.NOT_A_TOKEN, "a PIN that belongs to another key")
    kind = KINDS.get(name)
    if kind is None:
        raise RefusedRow(RowFault.UNKNOWN_ALGORITHM, "the key is for an algorithm that is not known here")
    return kind


def _hash(suite: str | None) -> Algorithm:
    if suite is None:
        return Algorithm.SHA1
    algorithm = HASHES.get(suite.upper())
    if algorithm is None:
        raise RefusedRow(RowFault.UNKNOWN_HASH, "the suite is none of HMAC-SHA1, HMAC-SHA256, HMAC-SHA512")
    return algorithm


def _digits(parameters: Element | None) -> int:
    form = child(parameters, f"{PSKC}ResponseFormat")
    if form is None:
        return DIGITS_MIN
    if form.get("Encoding", "DECIMAL") != "DECIMAL":
        raise RefusedRow(RowFault.RESPONSE_FORMAT, "the code is not decimal")
    if form.get("CheckDigits", "false") not in ("false", "0"):
        raise RefusedRow(RowFault.RESPONSE_FORMAT, "the code has a check digit, which is not supported")
    return integer(form.get("Length", ""), form)


def _period_s(values: _Values, usual_s: int) -> int:
    if values.number("Time", 0) != 0:
        raise RefusedRow(RowFault.TIME_OFFSET, "the time of this key does not begin in 1970")
    return values.number("TimeInterval", usual_s)


def _drift_steps(values: _Values) -> int:
    drift_steps = values.number("TimeDrift", 0)
    if abs(drift_steps) > DRIFT_MAX_STEPS:
        raise RefusedRow(RowFault.TIME_OFFSET, f"the clock of this device is more than {DRIFT_MAX_STEPS} steps off")
    return drift_steps


def _unusable(ocra: Suite | None, seed: Secret | None) -> Unusable | None:
    if seed is None:
        return Unusable.NO_SECRET
    too_short = ocra is not None and 0 < ocra.session_octets < SESSION_OCTETS
    return Unusable.SHORT_SESSION if too_short else None
