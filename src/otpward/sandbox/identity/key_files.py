"""How a member's private key lies on their disk: `signPri.key` in its three forms (KOREA.md §2.5), or all in one `.pfx`."""

import hashlib
from collections.abc import Callable
from enum import StrEnum
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509 import Certificate

from otpward.sandbox.identity import der
from otpward.sandbox.identity.seed import encrypt_cbc

ROUNDS: Final = 2048
OLD_IV: Final = b"0123456789012345"
SEED_CBC: Final = "1.2.410.200004.1.4"
SEED_CBC_WITH_SHA1: Final = "1.2.410.200004.1.15"
RANDOM_NUMBER: Final = "1.2.410.200004.10.1.1.3"


class Form(StrEnum):
    """The ways a key is locked."""

    SHA1 = "sha1"
    """seedCBCWithSHA1: key and IV from PBKDF1."""
    FIXED_IV = "fixed-iv"
    """The oldest: key from PBKDF1, the IV the same for everyone."""
    PBES2 = "pbes2"
    """PBKDF2 with HMAC-SHA1, SEED-CBC (RFC 8018 §6.2)."""


def sign_pri(key: RSAPrivateKey, random_number: bytes, password: str, form: Form, *, entropy: Callable[[int], bytes]) -> bytes:
    """`signPri.key`: the key and the random number of its VID, locked with the password."""
    plain, salt = private_key_info(key, random_number), entropy(8)
    if form is Form.PBES2:
        iv = entropy(16)
        derived = hashlib.pbkdf2_hmac("sha1", password.encode(), salt, ROUNDS, 16)
        derivation = der.sequence(der.oid("1.2.840.113549.1.5.12"), der.sequence(der.octets(salt), der.integer(ROUNDS)))
        parameters = der.sequence(derivation, der.sequence(der.oid(SEED_CBC), der.octets(iv)))
        algorithm = der.sequence(der.oid("1.2.840.113549.1.5.13"), parameters)
        return der.sequence(algorithm, der.octets(encrypt_cbc(derived, iv, plain)))
    derived = pbkdf1_sha1(password.encode(), salt, ROUNDS)
    iv = OLD_IV if form is Form.FIXED_IV else _sha1(derived[16:20])[:16]
    name = SEED_CBC if form is Form.FIXED_IV else SEED_CBC_WITH_SHA1
    algorithm = der.sequence(der.oid(name), der.sequence(der.octets(salt), der.integer(ROUNDS)))
    return der.sequence(algorithm, der.octets(encrypt_cbc(derived[:16], iv, plain)))


def private_key_info(key: RSAPrivateKey, random_number: bytes) -> bytes:
    """PKCS #8 with the attribute that carries the random number R of the VID."""
    encoding, unlocked = serialization.Encoding.DER, serialization.NoEncryption()
    inner = key.private_bytes(encoding, serialization.PrivateFormat.TraditionalOpenSSL, unlocked)
    algorithm = der.sequence(der.oid("1.2.840.113549.1.1.1"), der.null())
    attribute = der.sequence(der.oid(RANDOM_NUMBER), der.set_of(der.bits(random_number)))
    return der.sequence(der.integer(0), algorithm, der.octets(inner), der.context(0, attribute))


def pfx(key: RSAPrivateKey, certificate: Certificate, issuers: list[Certificate], password: str) -> bytes:
    """Certificate, key and issuers in one file (RFC 7292), locked as programs of today do it."""
    lock = serialization.BestAvailableEncryption(password.encode())
    return pkcs12.serialize_key_and_certificates(b"sandbox", key, certificate, issuers, lock)


def pbkdf1_sha1(password: bytes, salt: bytes, rounds: int) -> bytes:
    """RFC 8018 §5.1, all twenty octets."""
    derived = password + salt
    for _ in range(rounds):
        derived = _sha1(derived)
    return derived


def _sha1(octets: bytes) -> bytes:
    return hashlib.sha1(octets).digest()  # noqa: S324 - the format says so
