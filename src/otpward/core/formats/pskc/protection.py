"""How the values of a container are encrypted and checked (RFC 6030 §6). A new method is a new entry in a table.

The check value is compared before anything is decrypted, so nobody learns from the padding.
"""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from otpward.core.formats.faults import BrokenSeedFile, SeedFileKeyNeeded, SeedFileNotAuthentic, SeedFileNotReadYet
from otpward.core.formats.pskc.tree import DS, PSKC, XENC, Node
from otpward.core.formats.pskc.values import base64_octets
from otpward.core.secret import Secret

BLOCK_OCTETS: Final = 16
NOT_AUTHENTIC: Final = "the transport key is another one, or the file was changed"


def _cbc(key: bytes, sealed: bytes) -> bytes | None:
    """AES-CBC with the vector in front and the length of the padding at the end (XML Encryption §5.2)."""
    if len(sealed) < 2 * BLOCK_OCTETS or len(sealed) % BLOCK_OCTETS:
        return None
    opener = Cipher(algorithms.AES(key), modes.CBC(sealed[:BLOCK_OCTETS])).decryptor()
    padded = opener.update(sealed[BLOCK_OCTETS:]) + opener.finalize()
    padding = padded[-1]
    return padded[:-padding] if 1 <= padding <= BLOCK_OCTETS else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One way to encrypt. `opens` gives None where the octets cannot be opened with the key."""

    key_octets: int
    needs_mac: bool
    opens: Callable[[bytes, bytes], bytes | None]


METHODS: Final[Mapping[str, Method]] = {
    "http://www.w3.org/2001/04/xmlenc#aes128-cbc": Method(key_octets=16, needs_mac=True, opens=_cbc),
    "http://www.w3.org/2001/04/xmlenc#aes192-cbc": Method(key_octets=24, needs_mac=True, opens=_cbc),
    "http://www.w3.org/2001/04/xmlenc#aes256-cbc": Method(key_octets=32, needs_mac=True, opens=_cbc),
}
METHODS_NOT_READ_YET: Final[Mapping[str, str]] = {
    "http://www.w3.org/2001/04/xmlenc#tripledes-cbc": "3DES-CBC",
    "http://www.w3.org/2001/04/xmlenc#kw-tripledes": "3DES key wrap",
    "http://www.w3.org/2001/04/xmlenc#kw-aes128": "AES-128 key wrap",
    "http://www.w3.org/2001/04/xmlenc#kw-aes192": "AES-192 key wrap",
    "http://www.w3.org/2001/04/xmlenc#kw-aes256": "AES-256 key wrap",
    "http://www.w3.org/2001/04/xmlenc#rsa-1_5": "RSA PKCS#1 v1.5",
    "http://www.w3.org/2001/04/xmlenc#rsa_1_5": "RSA PKCS#1 v1.5",
    "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p": "RSA-OAEP",
    "http://www.w3.org/2009/xmlenc11#rsa-oaep": "RSA-OAEP",
}
MACS: Final[Mapping[str, str]] = {
    "http://www.w3.org/2000/09/xmldsig#hmac-sha1": "sha1",
    "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256": "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#hmac-sha384": "sha384",
    "http://www.w3.org/2001/04/xmldsig-more#hmac-sha512": "sha512",
}
KEY_SOURCES_NOT_READ_YET: Final[Mapping[str, str]] = {
    "DerivedKey": "a transport key made from a password (PBKDF2)",
    "X509Data": "a transport key for an X.509 certificate",
    "EncryptedKey": "a transport key that is itself encrypted",
}


def check_key_source(node: Node) -> None:
    """An `EncryptionKey` must name a key shared beforehand (RFC 6030 §6.1); other sources are not read yet."""
    for child in node.children:
        if child.tag != f"{DS}KeyName":
            source = KEY_SOURCES_NOT_READ_YET.get(child.local_name, "a transport key of an unknown kind")
            raise SeedFileNotReadYet(source, where=child.where)


class Protection:
    """Opens encrypted values with the transport key and the container's MAC method."""

    __slots__ = ("_key", "_mac", "_mac_key")

    def __init__(self, key: Secret | None) -> None:
        self._key = key
        self._mac: str | None = None
        self._mac_key: Node | None = None

    def set_mac_method(self, node: Node) -> None:
        """Take the container's `MACMethod`. Without a `MACKey` the transport key serves (RFC 6030 §6.1.1)."""
        name = MACS.get(node.attributes.get("Algorithm", ""))
        if name is None:
            raise SeedFileNotReadYet("a check value of this MACMethod", where=node.where)
        if node.only(f"{PSKC}MACKeyReference") is not None:
            raise SeedFileNotReadYet("a MAC key that is only named", where=node.where)
        self._mac = name
        self._mac_key = node.only(f"{PSKC}MACKey")

    def open(self, holder: Node) -> bytes:
        """The octets inside the `EncryptedValue` of `holder`, after its `ValueMAC` was checked."""
        value = holder.required(f"{PSKC}EncryptedValue")
        method = _method(value)
        sealed = _sealed(value)
        if method.needs_mac:
            self._check(holder, sealed)
        octets = method.opens(self._fitting_key(method, value), sealed)
        if octets is None:
            raise SeedFileNotAuthentic(NOT_AUTHENTIC, where=value.where)
        return octets

    def _check(self, holder: Node, sealed: bytes) -> None:
        if self._mac is None:
            raise BrokenSeedFile("an encrypted value in a container without MACMethod", where=holder.where)
        expected = base64_octets(holder.required(f"{PSKC}ValueMAC"))
        actual = hmac.digest(self._open_mac_key(holder), sealed, self._mac)
        if not hmac.compare_digest(actual, expected):
            raise SeedFileNotAuthentic(f"the ValueMAC does not fit: {NOT_AUTHENTIC}", where=holder.where)

    def _open_mac_key(self, holder: Node) -> bytes:
        if self._mac_key is None:
            return self._given_key(holder).reveal()
        method = _method(self._mac_key)
        octets = method.opens(self._fitting_key(method, self._mac_key), _sealed(self._mac_key))
        if not octets:
            raise SeedFileNotAuthentic(f"the MACKey cannot be opened: {NOT_AUTHENTIC}", where=self._mac_key.where)
        return octets

    def _fitting_key(self, method: Method, node: Node) -> bytes:
        key = self._given_key(node)
        if len(key) != method.key_octets:
            message = f"the transport key has {len(key)} octets, this file needs one of {method.key_octets}"
            raise SeedFileKeyNeeded(message, where=node.where)
        return key.reveal()

    def _given_key(self, node: Node) -> Secret:
        if self._key is None:
            raise SeedFileKeyNeeded("the file is encrypted: its transport key is needed", where=node.where)
        return self._key


def _method(value: Node) -> Method:
    node = value.required(f"{XENC}EncryptionMethod")
    name = node.attributes.get("Algorithm", "")
    method = METHODS.get(name)
    if method is None:
        raise SeedFileNotReadYet(METHODS_NOT_READ_YET.get(name, "an unknown encryption method"), where=node.where)
    return method


def _sealed(value: Node) -> bytes:
    return base64_octets(value.required(f"{XENC}CipherData").required(f"{XENC}CipherValue"))
