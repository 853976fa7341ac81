"""PSKC as we write it: RFC 6030 version 1.0, each seed under AES-256-CBC with a check value, or in the clear.

Piece by piece, so that many keys need no more memory than one. The transport key is shared beforehand (§6.1) or made from a
password with PBKDF2-HMAC-SHA-256 (§6.2), written so that pskctool and python-pskc read it, too.
"""

import base64
import hmac
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import pbkdf2_hmac
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from otpward.core.errors import Invalid
from otpward.core.formats.pskc.methods import MORE_URI, XENC_URI
from otpward.core.formats.records import KeyKind, SeedRecord
from otpward.core.oath.model import Algorithm
from otpward.core.secret import Secret

ROUNDS: Final = 600_000  # OWASP's floor for PBKDF2-HMAC-SHA-256
KEY_OCTETS: Final = 32
BLOCK_OCTETS: Final = 16
SALT_OCTETS: Final = 16
KEY_NAME: Final = "Pre-shared-key"
PASSWORD_SHORTEST: Final = 12
PSKC_URN: Final = "urn:ietf:params:xml:ns:keyprov:pskc"
PKCS5: Final = "http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#"
HMAC_SHA256: Final = f"{MORE_URI}hmac-sha256"
AES256: Final = f"{XENC_URI}aes256-cbc"

Entropy = Callable[[int], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """What closes the file: a key of 32 octets or a password. With neither the seeds lie open in it."""

    key: Secret | None = None
    password: Secret | None = None

    def __post_init__(self) -> None:
        if self.key is not None and self.password is not None:
            raise Invalid("a key or a password, not both", field="key")
        if self.key is not None and len(self.key) != KEY_OCTETS:
            raise Invalid(f"the transport key has {len(self.key)} octets; it must have {KEY_OCTETS}", field="key")
        if self.password is not None and len(self.password) < PASSWORD_SHORTEST:
            raise Invalid(f"the password is shorter than {PASSWORD_SHORTEST} octets", field="password")

    @property
    def is_open(self) -> bool:
        """Nothing closes it."""
        return self.key is None and self.password is None


def write_pskc(records: Iterable[SeedRecord], lock: Lock, *, entropy: Entropy) -> Iterator[bytes]:
    """The file in pieces.

    Raises, while it is written:
        Invalid: a record has no seed.
    """
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<pskc:KeyContainer xmlns:pskc="{PSKC_URN}" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" '
        f'xmlns:xenc="{XENC_URI}" xmlns:xenc11="http://www.w3.org/2009/xmlenc11#" xmlns:pkcs5="{PKCS5}" Version="1.0">\n'
    ).encode()
    sealer = None
    if not lock.is_open:
        sealer = _Sealer(lock, entropy)
        yield sealer.head().encode()
    for record in records:
        yield _package(record, sealer).encode()
    yield b"</pskc:KeyContainer>\n"


class _Sealer:
    """Encrypts and checks under a key of this file alone for the check values."""

    def __init__(self, lock: Lock, entropy: Entropy) -> None:
        self._entropy = entropy
        self._salt = entropy(SALT_OCTETS)
        self._derived = lock.password is not None
        if lock.password is not None:
            self._key = pbkdf2_hmac("sha256", lock.password.reveal(), self._salt, ROUNDS, KEY_OCTETS)
        else:
            assert lock.key is not None
            self._key = lock.key.reveal()
        self._mac_key = entropy(KEY_OCTETS)

    def head(self) -> str:
        """How the values are protected."""
        return (
            f"  <pskc:EncryptionKey>{self._derivation() if self._derived else f'<ds:KeyName>{KEY_NAME}</ds:KeyName>'}"
            "</pskc:EncryptionKey>\n"
            f'  <pskc:MACMethod Algorithm="{HMAC_SHA256}"><pskc:MACKey>{_cipher(self._closed(self._mac_key))}</pskc:MACKey>'
            "</pskc:MACMethod>\n"
        )

    def value(self, seed: Secret) -> str:
        """The seed as an encrypted value and its check value."""
        closed = self._closed(seed.reveal())
        check = hmac.digest(self._mac_key, closed, "sha256")
        return (
            f"<pskc:EncryptedValue>{_cipher(closed)}</pskc:EncryptedValue>"
            f"<pskc:ValueMAC>{base64.b64encode(check).decode()}</pskc:ValueMAC>"
        )

    def _derivation(self) -> str:
        return (
            f'<xenc11:DerivedKey><xenc11:KeyDerivationMethod Algorithm="{PKCS5}pbkdf2"><pkcs5:PBKDF2-params>'
            f"<Salt><Specified>{base64.b64encode(self._salt).decode()}</Specified></Salt>"
            f"<IterationCount>{ROUNDS}</IterationCount><KeyLength>{KEY_OCTETS}</KeyLength>"
            f'<PRF Algorithm="{HMAC_SHA256}"/></pkcs5:PBKDF2-params></xenc11:KeyDerivationMethod>'
            "<xenc11:MasterKeyName>Password</xenc11:MasterKeyName></xenc11:DerivedKey>"
        )

    def _closed(self, plain: bytes) -> bytes:
        vector = self._entropy(BLOCK_OCTETS)
        padding = BLOCK_OCTETS - len(plain) % BLOCK_OCTETS
        sealer = Cipher(algorithms.AES(self._key), modes.CBC(vector)).encryptor()
        return vector + sealer.update(plain + bytes([padding]) * padding) + sealer.finalize()


def _cipher(octets: bytes) -> str:
    return (
        f'<xenc:EncryptionMethod Algorithm="{AES256}"/>'
        f"<xenc:CipherData><xenc:CipherValue>{base64.b64encode(octets).decode()}</xenc:CipherValue></xenc:CipherData>"
    )


def _package(record: SeedRecord, sealer: _Sealer | None) -> str:
    if record.seed is None:
        raise Invalid("a device without a seed", field="serial")
    value = sealer.value(record.seed) if sealer is not None else _plain(base64.b64encode(record.seed.reveal()).decode())
    return (
        "  <pskc:KeyPackage>\n"
        f"    <pskc:DeviceInfo>{_text('Manufacturer', record.manufacturer)}{_text('SerialNo', record.name)}"
        f"{_text('Model', record.model)}</pskc:DeviceInfo>\n"
        f'    <pskc:Key Id={quoteattr(record.key_id or record.name)} Algorithm="{PSKC_URN}:{record.kind}">\n'
        f"      {_text('Issuer', record.issuer)}<pskc:AlgorithmParameters>{_parameters(record)}</pskc:AlgorithmParameters>\n"
        f"      <pskc:Data><pskc:Secret>{value}</pskc:Secret>{_moving(record)}</pskc:Data>\n"
        f"{_policy(record)}    </pskc:Key>\n  </pskc:KeyPackage>\n"
    )


def _parameters(record: SeedRecord) -> str:
    suite = record.suite
    if record.kind is not KeyKind.OCRA and record.algorithm is not Algorithm.SHA1:
        suite = f"HMAC-{record.algorithm.upper()}"
    return f'{_text("Suite", suite)}<pskc:ResponseFormat Length="{record.digits}" Encoding="DECIMAL"/>'


def _moving(record: SeedRecord) -> str:
    parts = "" if record.counter is None else f"<pskc:Counter>{_plain(str(record.counter))}</pskc:Counter>"
    if record.period_s is not None:
        parts += f"<pskc:Time>{_plain('0')}</pskc:Time><pskc:TimeInterval>{_plain(str(record.period_s))}</pskc:TimeInterval>"
    if record.drift_steps:
        parts += f"<pskc:TimeDrift>{_plain(str(record.drift_steps))}</pskc:TimeDrift>"
    return parts


def _policy(record: SeedRecord) -> str:
    usage = "CR" if record.kind is KeyKind.OCRA else "OTP"
    dates = _text("StartDate", _moment(record.valid_from)) + _text("ExpiryDate", _moment(record.valid_until))
    return f"      <pskc:Policy>{dates}<pskc:KeyUsage>{usage}</pskc:KeyUsage></pskc:Policy>\n"


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _plain(text: str) -> str:
    return f"<pskc:PlainValue>{text}</pskc:PlainValue>"


def _text(name: str, text: str | None) -> str:
    return f"<pskc:{name}>{escape(text)}</pskc:{name}>" if text else ""
