"""Values encrypted for a certificate (RFC 6030 §6.3): RSA with PKCS#1 v1.5 padding, or OAEP.

The old padding is taken off here and not by the library: that one answers a wrong padding with made-up octets, which is right
for a server that strangers talk to and would be a silently wrong seed in a file.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final
from xml.etree.ElementTree import Element

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from otpward.core.formats.branches import only, text_of
from otpward.core.formats.faults import SeedFileKeyNeeded
from otpward.core.formats.pskc.methods import XENC11_URI, XENC_URI
from otpward.core.formats.pskc.names import DS, XENC11
from otpward.core.formats.pskc.values import base64_octets
from otpward.core.formats.unlock import Unlock

PADDING_LEAST: Final = 8
RSA_15: Final = frozenset({f"{XENC_URI}rsa-1_5", f"{XENC_URI}rsa_1_5"})  # RFC 6030 figure 8 prints the second
OAEP: Final = frozenset({f"{XENC_URI}rsa-oaep-mgf1p", f"{XENC11_URI}rsa-oaep"})
HASHES: Final[Mapping[str, Callable[[], hashes.HashAlgorithm]]] = {
    "sha1": hashes.SHA1,
    "sha224": hashes.SHA224,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}


def load_private_key(unlock: Unlock) -> rsa.RSAPrivateKey | None:
    """The private key that was given.

    Raises:
        SeedFileKeyNeeded: it is no RSA key in PEM, or its password is another one.
    """
    if unlock.private_key is None:
        return None
    password = unlock.password.reveal() if unlock.password is not None else None
    pem = unlock.private_key.reveal()
    try:
        try:
            key = serialization.load_pem_private_key(pem, password)
        except TypeError:  # a password for a key that has none: it belongs to the file
            key = serialization.load_pem_private_key(pem, None)
    except (ValueError, TypeError):
        message = "the private key is not PEM, or its password is missing or another one"
        raise SeedFileKeyNeeded(message, field="private_key") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise SeedFileKeyNeeded("the private key is not an RSA key", field="private_key")
    return key


def check_certificate(holder: Element, key: rsa.RSAPrivateKey) -> None:
    """The certificate in `X509Data` must be the one of this key."""
    node = only(holder, f"{DS}X509Certificate")
    if node is None:
        return
    try:
        public: Any = x509.load_der_x509_certificate(base64_octets(node)).public_key()
        same = public.public_numbers() == key.public_key().public_numbers()
    except (ValueError, AttributeError):
        same = False
    if not same:
        message = "the file is encrypted for a certificate that belongs to another private key"
        raise SeedFileKeyNeeded(message, node=node, field="private_key")


def opens_rsa(key: rsa.RSAPrivateKey, sealed: bytes, method: Element) -> bytes | None:
    """The octets, or None where they cannot be opened with this key."""
    if method.get("Algorithm") in RSA_15:
        return _without_old_padding(key, sealed)
    found = _oaep_hashes(method)
    if found is None:
        return None
    digest, mask = found
    try:
        return key.decrypt(sealed, padding.OAEP(mgf=padding.MGF1(mask), algorithm=digest, label=None))
    except ValueError:
        return None


def _oaep_hashes(method: Element) -> tuple[hashes.HashAlgorithm, hashes.HashAlgorithm] | None:
    """The hash and the mask's hash; SHA-1 where nothing is said (XML Encryption 1.1 §5.5.2)."""
    digest = _hash(only(method, f"{DS}DigestMethod"))
    mask = _hash(only(method, f"{XENC11}MGF"))
    label = only(method, "{http://www.w3.org/2001/04/xmlenc#}OAEPparams")
    if digest is None or mask is None or (label is not None and text_of(label)):
        return None
    return digest, mask


def _hash(node: Element | None) -> hashes.HashAlgorithm | None:
    if node is None:
        return hashes.SHA1()  # noqa: S303 -- the format's default
    name = node.get("Algorithm", "").rpartition("#")[2].removeprefix("mgf1")
    made = HASHES.get(name)
    return made() if made is not None else None


def _without_old_padding(key: rsa.RSAPrivateKey, sealed: bytes) -> bytes | None:
    """RFC 8017 §7.2.2, with the Chinese remainder theorem."""
    numbers = key.private_numbers()
    size = (key.key_size + 7) // 8
    value = int.from_bytes(sealed)
    if len(sealed) != size or value >= numbers.public_numbers.n:
        return None
    high, low = pow(value, numbers.dmp1, numbers.p), pow(value, numbers.dmq1, numbers.q)
    padded = (low + numbers.q * ((high - low) * numbers.iqmp % numbers.p)).to_bytes(size)
    head, zero, octets = padded[2:].partition(b"\0")
    fits = padded[:2] == b"\0\2" and zero and len(head) >= PADDING_LEAST
    return octets if fits else None
