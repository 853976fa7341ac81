"""The vendor's side: makes tokens and the seed file that comes with them (RFC 6030, pre-shared key, figure 6)."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent, register_namespace

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from otpward.core.errors import Invalid
from otpward.core.secret import Secret
from otpward.sandbox.drawer import KEY_FILE, SEED_FILE

PSKC: Final = "urn:ietf:params:xml:ns:keyprov:pskc"
DS: Final = "http://www.w3.org/2000/09/xmldsig#"
XENC: Final = "http://www.w3.org/2001/04/xmlenc#"
AES128_CBC: Final = f"{XENC}aes128-cbc"
HMAC_SHA1: Final = f"{DS}hmac-sha1"
KEY_NAME: Final = "Pre-shared-key"
KEY_OCTETS: Final = 16
BLOCK_OCTETS: Final = 16
MAC_KEY_OCTETS: Final = 20
MAKER: Final = "Sandkey"
SERIAL_DIGITS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A kind of token this vendor sells; `period_s` is 0 where the button moves a counter, and where a suite says that it
    answers questions."""

    name: str
    algorithm: str = "SHA1"
    seed_octets: int = 20
    digits: int = 6
    period_s: int = 60
    suite: str = ""

    @property
    def uri(self) -> str:
        """The algorithm as PSKC names it (RFC 6030 §10.1, §10.2)."""
        if self.suite:
            return f"{PSKC}:ocra"
        return f"{PSKC}:{'totp' if self.period_s else 'hotp'}"


BANK: Final = Model(name="KF-60")
BANK_SHA256: Final = Model(name="KF-60S", algorithm="SHA256", seed_octets=32)
WORLD: Final = Model(name="KF-30", period_s=30)
COUNTER: Final = Model(name="KC-1", period_s=0)
SIGNER: Final = Model(name="KQ-8", algorithm="SHA256", seed_octets=32, digits=8, period_s=0, suite="OCRA-1:HOTP-SHA256-8:QN08")

BOX: Final = (BANK, BANK, BANK, WORLD, BANK, BANK, COUNTER, BANK, BANK_SHA256, BANK)
"""Ten in a box: mostly what Korean banks hand out, six digits a minute."""


def make_devices(
    count: int,
    *,
    key: Secret,
    entropy: Callable[[int], bytes],
    serial_start: int = 2_600_000_001,
    issuer: str = MAKER,
    box: Sequence[Model] = BOX,
) -> bytes:
    """Make `count` tokens with serials from `serial_start` on, and return the seed file, sealed under `key` (AES-128). The
    models come in the order of `box`, again and again.

    `entropy(n)` gives n random octets; with a fixed source the file is the same each time.

    Raises:
        Invalid: the key has not 16 octets, or the serials do not fit ten digits.
    """
    if len(key) != KEY_OCTETS:
        raise Invalid(f"the transport key has {KEY_OCTETS} octets", field="key")
    if count < 1 or not 0 < serial_start < serial_start + count <= 10**SERIAL_DIGITS:
        raise Invalid(f"a serial has {SERIAL_DIGITS} digits", field="serial_start")
    mac_key = Secret(entropy(MAC_KEY_OCTETS))
    container = Element(_pskc("KeyContainer"), {"Version": "1.0"})
    SubElement(SubElement(container, _pskc("EncryptionKey")), f"{{{DS}}}KeyName").text = KEY_NAME
    method = SubElement(container, _pskc("MACMethod"), {"Algorithm": HMAC_SHA1})
    _cipher_value(SubElement(method, _pskc("MACKey")), sealed(mac_key, key=key, iv=entropy(BLOCK_OCTETS)))
    for place in range(count):
        model, serial = box[place % len(box)], f"{serial_start + place:0{SERIAL_DIGITS}d}"
        cipher = sealed(Secret(entropy(model.seed_octets)), key=key, iv=entropy(BLOCK_OCTETS))
        _key_package(container, model, serial, issuer=issuer, cipher=cipher, mac=stamped(cipher, mac_key=mac_key))
    return _written(container)


def put_stock(folder: Path, count: int, *, entropy: Callable[[int], bytes], serial_start: int = 2_600_000_001) -> Path:
    """Put a new seed file and its transport key into `folder`, as a vendor sends them, and return the seed file's path.

    Who imports the tokens and the drawer of the sandbox read the same two files.
    """
    key = Secret(entropy(KEY_OCTETS))
    seed_file = folder / SEED_FILE
    for file, octets in (
        (folder / KEY_FILE, key.reveal().hex().encode()),
        (seed_file, make_devices(count, key=key, entropy=entropy, serial_start=serial_start)),
    ):
        file.touch(mode=0o600)
        file.write_bytes(octets)
    return seed_file


def sealed(value: Secret, *, key: Secret, iv: bytes) -> bytes:
    """AES-128-CBC with the padding of RFC 5652 §6.3, the IV in front (RFC 6030 §6.1)."""
    padder = PKCS7(BLOCK_OCTETS * 8).padder()
    padded = padder.update(value.reveal()) + padder.finalize()
    encryptor = Cipher(algorithms.AES(key.reveal()), modes.CBC(iv)).encryptor()
    return iv + encryptor.update(padded) + encryptor.finalize()


def stamped(cipher: bytes, *, mac_key: Secret) -> bytes:
    """The ValueMAC: HMAC-SHA1 over IV and cipher text (RFC 6030 §6.1.1)."""
    return hmac.digest(mac_key.reveal(), cipher, hashlib.sha1)


def _key_package(container: Element, model: Model, serial: str, *, issuer: str, cipher: bytes, mac: bytes) -> None:
    package = SubElement(container, _pskc("KeyPackage"))
    device = SubElement(package, _pskc("DeviceInfo"))
    for name, text in (("Manufacturer", MAKER), ("SerialNo", serial), ("Model", model.name)):
        SubElement(device, _pskc(name)).text = text
    key = SubElement(package, _pskc("Key"), {"Id": f"{model.name}-{serial}", "Algorithm": model.uri})
    SubElement(key, _pskc("Issuer")).text = issuer
    parameters = SubElement(key, _pskc("AlgorithmParameters"))
    if model.suite or model.algorithm != "SHA1":
        SubElement(parameters, _pskc("Suite")).text = model.suite or f"HMAC-{model.algorithm}"
    SubElement(parameters, _pskc("ResponseFormat"), {"Length": str(model.digits), "Encoding": "DECIMAL"})
    data = SubElement(key, _pskc("Data"))
    secret = SubElement(data, _pskc("Secret"))
    _cipher_value(SubElement(secret, _pskc("EncryptedValue")), cipher)
    SubElement(secret, _pskc("ValueMAC")).text = _base64(mac)
    moving = (("Time", "0"), ("TimeInterval", str(model.period_s))) if model.period_s else (("Counter", "0"),)
    for name, text in moving:
        SubElement(SubElement(data, _pskc(name)), _pskc("PlainValue")).text = text


def _cipher_value(parent: Element, octets: bytes) -> None:
    SubElement(parent, f"{{{XENC}}}EncryptionMethod", {"Algorithm": AES128_CBC})
    SubElement(SubElement(parent, f"{{{XENC}}}CipherData"), f"{{{XENC}}}CipherValue").text = _base64(octets)


def _written(container: Element) -> bytes:
    for prefix, namespace in (("pskc", PSKC), ("ds", DS), ("xenc", XENC)):
        register_namespace(prefix, namespace)
    indent(container)
    file = BytesIO()
    ElementTree(container).write(file, encoding="UTF-8", xml_declaration=True)
    return file.getvalue()


def _pskc(name: str) -> str:
    return f"{{{PSKC}}}{name}"


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode("ascii")
