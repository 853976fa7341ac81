"""Ways to protect a value that no sample file at hand uses: sealed here as the RFCs say, and opened by the reader."""

import base64
import hmac
import os
from collections.abc import Callable
from hashlib import pbkdf2_hmac
from typing import Any

import pytest
from cryptography.hazmat.decrepit.ciphers.algorithms import Camellia, TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.keywrap import aes_key_wrap

from otpward.core.formats.faults import SeedFileKeyNeeded, SeedFileNotAuthentic
from otpward.core.formats.pskc import open_pskc
from otpward.core.formats.pskc.key_wrap import unwrap
from otpward.core.formats.reading import collected
from otpward.core.formats.unlock import Unlock
from otpward.core.secret import Secret

SEED = b"12345678901234567890"
SHORT = b"1234567890123456"
"""A key wrap holds whole blocks of eight octets."""
SALT = b"salt-of-a-test"
MORE, XENC = "http://www.w3.org/2001/04/xmldsig-more#", "http://www.w3.org/2001/04/xmlenc#"
CONTAINER = """<?xml version="1.0"?>
<KeyContainer Version="1.0" xmlns="urn:ietf:params:xml:ns:keyprov:pskc" xmlns:ds="http://www.w3.org/2000/09/xmldsig#"
 xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" xmlns:xenc11="http://www.w3.org/2009/xmlenc11#"
 xmlns:pkcs5="http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#">
 <EncryptionKey>{source}</EncryptionKey>{mac_method}
 <KeyPackage><DeviceInfo><SerialNo>M-1</SerialNo></DeviceInfo>
 <Key Id="M-1" Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:totp"><AlgorithmParameters><ResponseFormat Length="6"
 Encoding="DECIMAL"/></AlgorithmParameters><Data><Secret><EncryptedValue><xenc:EncryptionMethod Algorithm="{method}"/>
 <xenc:CipherData><xenc:CipherValue>{sealed}</xenc:CipherValue></xenc:CipherData></EncryptedValue>{mac}</Secret>
 <TimeInterval><PlainValue>30</PlainValue></TimeInterval></Data></Key></KeyPackage></KeyContainer>"""
PASSWORD_SOURCE = f"""<xenc11:DerivedKey><xenc11:KeyDerivationMethod
 Algorithm="http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#pbkdf2"><pkcs5:PBKDF2-params><Salt><Specified>
 {base64.b64encode(SALT).decode()}</Specified></Salt><IterationCount>1000</IterationCount><KeyLength>{{length}}</KeyLength><PRF/>
 </pkcs5:PBKDF2-params></xenc11:KeyDerivationMethod></xenc11:DerivedKey>"""


def cbc(cipher: Callable[[bytes], Any], block: int, key: bytes, octets: bytes) -> bytes:
    vector, padding = os.urandom(block), block - len(octets) % block
    sealer = Cipher(cipher(key), modes.CBC(vector)).encryptor()
    return vector + sealer.update(octets + bytes(padding - 1) + bytes([padding])) + sealer.finalize()


def wrapped(cipher: Callable[[bytes], Any], key: bytes, octets: bytes) -> bytes:
    """RFC 3394 §2.2.1, as its text has it."""
    n = len(octets) // 8
    a, r = bytes.fromhex("a6" * 8), [b"", *(octets[8 * i : 8 * i + 8] for i in range(n))]
    sealer = Cipher(cipher(key), modes.ECB()).encryptor()
    for j in range(6):
        for i in range(1, n + 1):
            b = sealer.update(a + r[i])
            a, r[i] = (int.from_bytes(b[:8]) ^ (n * j + i)).to_bytes(8), b[8:]
    return a + b"".join(r)


def container(
    method: str, sealed: bytes, key: bytes, *, mac: bool, source: str = "<ds:KeyName>Pre-shared</ds:KeyName>"
) -> bytes:
    check = base64.b64encode(hmac.digest(key, sealed, "sha1")).decode()
    text = CONTAINER.format(
        source=source,
        mac_method='<MACMethod Algorithm="http://www.w3.org/2000/09/xmldsig#hmac-sha1"/>' if mac else "",
        method=method,
        sealed=base64.b64encode(sealed).decode(),
        mac=f"<ValueMAC>{check}</ValueMAC>" if mac else "",
    )
    return text.encode()


def seed_in(data: bytes, unlock: Unlock) -> bytes:
    (record,) = collected(open_pskc([data], unlock)).records
    assert record.seed is not None
    return record.seed.reveal()


@pytest.mark.parametrize("bits", [128, 192, 256])
def test_the_wrap_is_the_one_that_the_library_has_for_aes(bits: int) -> None:
    key, octets = os.urandom(bits // 8), os.urandom(32)
    sealed = aes_key_wrap(key, octets)
    assert wrapped(algorithms.AES, key, octets) == sealed
    assert unwrap(algorithms.AES, key, sealed) == octets


@pytest.mark.parametrize("bits", [128, 192, 256])
def test_camellia_key_wrap_is_opened(bits: int) -> None:
    key = os.urandom(bits // 8)
    data = container(f"{MORE}kw-camellia{bits}", wrapped(Camellia, key, SHORT), key, mac=False)
    assert seed_in(data, Unlock(key=Secret(key))) == SHORT
    with pytest.raises(SeedFileNotAuthentic):
        seed_in(data, Unlock(key=Secret(os.urandom(bits // 8))))
    with pytest.raises(SeedFileKeyNeeded, match=f"needs one of {bits // 8}"):
        seed_in(data, Unlock(key=Secret(bytes(8))))


@pytest.mark.parametrize("length", [0, 8, 16, 23, 25, 4104])
def test_a_wrap_of_an_impossible_length_does_not_open(length: int) -> None:
    assert unwrap(Camellia, bytes(16), bytes(length)) is None


@pytest.mark.parametrize("bits", [128, 192, 256])
def test_camellia_cbc_is_opened(bits: int) -> None:
    key = os.urandom(bits // 8)
    data = container(f"{MORE}camellia{bits}-cbc", cbc(Camellia, 16, key, SEED), key, mac=True)
    assert seed_in(data, Unlock(key=Secret(key))) == SEED


@pytest.mark.parametrize("length", [16, 24])
def test_a_password_may_make_a_key_for_3des(length: int) -> None:
    key = pbkdf2_hmac("sha1", b"open it", SALT, 1000, length)
    sealed = cbc(TripleDES, 8, key if length == 24 else key + key[:8], SEED)
    data = container(f"{XENC}tripledes-cbc", sealed, key, mac=True, source=PASSWORD_SOURCE.format(length=length))
    assert seed_in(data, Unlock(password=Secret(b"open it"))) == SEED
    with pytest.raises(SeedFileNotAuthentic):
        seed_in(data, Unlock(password=Secret(b"leave it")))
