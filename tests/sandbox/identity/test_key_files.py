"""SEED and the files that keys lie in: judged by vectors, by another implementation, and opened again."""

import hashlib
import itertools
from collections.abc import Callable

import pytest
from cryptography.hazmat.decrepit.ciphers.algorithms import SEED
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, modes

from otpward.core.formats.der import read_der
from otpward.sandbox.identity.certificates import new_key, virtual_id
from otpward.sandbox.identity.key_files import OLD_IV, RANDOM_NUMBER, ROUNDS, Form, pbkdf1_sha1, sign_pri
from otpward.sandbox.identity.seed import encrypt_block, encrypt_cbc

PASSWORD = "not-a-secret-1"
RANDOM = bytes(range(20))
VECTORS = {
    "B.1": ("00" * 16, "000102030405060708090a0b0c0d0e0f", "5ebac6e0054e166819aff1cc6d346cdb"),
    "B.2": ("000102030405060708090a0b0c0d0e0f", "00" * 16, "c11f22f20140505084483597e4370f43"),
    "B.3": ("4706480851e61be85d74bfb3fd956185", "83a2f8a288641fb9a4e9a5cc2f131c7d", "ee54d13ebcae706d226bc3142cd40d4a"),
    "B.4": ("28dbc3bc49ffd87dcfa509b11d422be7", "b41e6be2eba84a148e2eed84593c5ec7", "9b9b7bfcd1813cb95d0b3618f40f5122"),
}


@pytest.fixture(scope="module")
def key() -> RSAPrivateKey:
    return new_key()


def counted() -> Callable[[int], bytes]:
    numbers = itertools.count(1)
    return lambda size: bytes([next(numbers)]) * size


@pytest.mark.parametrize(("key", "plain", "sealed"), VECTORS.values(), ids=VECTORS)
def test_seed_is_that_of_rfc_4269(key: str, plain: str, sealed: str) -> None:
    assert encrypt_block(bytes.fromhex(key), bytes.fromhex(plain)).hex() == sealed


@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 400])
def test_seed_in_cbc_is_that_of_openssl(size: int) -> None:
    plain = bytes(index * 7 % 256 for index in range(size))
    key, iv = bytes(range(16)), bytes(range(16, 32))
    assert opened_by_openssl(key, iv, encrypt_cbc(key, iv, plain)) == plain


def opened_by_openssl(key: bytes, iv: bytes, sealed: bytes) -> bytes:
    decryptor = Cipher(SEED(key), modes.CBC(iv)).decryptor()
    padded = decryptor.update(sealed) + decryptor.finalize()
    assert 1 <= padded[-1] <= 16
    return padded[: -padded[-1]]


def opened(file: bytes, password: str) -> bytes:
    """What a locked key holds, read by the product's reader of DER and opened by OpenSSL's SEED."""
    outer = read_der(file, octets_max=4096).sequence()
    name, parameters = outer.take().parts(0x30)
    sealed = outer.take().octets()
    if name.oid() == "1.2.840.113549.1.5.13":
        derivation, encryption = parameters.parts(0x30)
        salt, rounds = derivation.parts(0x30)[1].parts(0x30)
        cipher, iv = encryption.parts(0x30)
        assert (derivation.parts(0x30)[0].oid(), cipher.oid()) == ("1.2.840.113549.1.5.12", "1.2.410.200004.1.4")
        derived = hashlib.pbkdf2_hmac("sha1", password.encode(), salt.octets(), rounds.integer(), 16)
        return opened_by_openssl(derived, iv.octets(), sealed)
    salt, rounds = parameters.parts(0x30)
    derived = pbkdf1_sha1(password.encode(), salt.octets(), rounds.integer())
    assert rounds.integer() == ROUNDS
    iv_of = {"1.2.410.200004.1.4": OLD_IV, "1.2.410.200004.1.15": hashlib.sha1(derived[16:]).digest()[:16]}
    return opened_by_openssl(derived[:16], iv_of[name.oid()], sealed)


@pytest.mark.parametrize("form", Form)
def test_a_locked_key_opens_to_the_same_key_and_its_random_number(key: RSAPrivateKey, form: Form) -> None:
    plain = opened(sign_pri(key, RANDOM, PASSWORD, form, entropy=counted()), PASSWORD)
    version, algorithm, inner, attributes = read_der(plain, octets_max=4096).parts(0x30)
    assert version.integer() == 0
    assert algorithm.parts(0x30)[0].oid() == "1.2.840.113549.1.1.1"
    found = serialization.load_der_private_key(inner.octets(), None)
    assert isinstance(found, RSAPrivateKey)
    assert found.private_numbers() == key.private_numbers()
    name, values = attributes.inner(0xA0).parts(0x30)
    assert name.oid() == RANDOM_NUMBER
    assert values.inner(0x31).primitive(0x03) == b"\0" + RANDOM


def test_pbkdf1_is_that_of_rfc_8018() -> None:
    """The vector that goes round with PBKDF1 since PKCS #5: password, 78578E5A5D63CB06, 1000 rounds."""
    assert pbkdf1_sha1(b"password", bytes.fromhex("78578e5a5d63cb06"), 1000)[:16].hex() == "dc19847e05c64d2faf10ebfb4a3d2a20"


def test_the_vid_is_that_of_the_korean_pki() -> None:
    number = bytes.fromhex("79ea7568a2d3776604e18bcd3a1b1b85b7da0872")
    assert virtual_id("1234561234567", number).hex() == "17692c8dd00ead33791de0a64a937c60799634c64ac56fa57570c0e05252ab35"
