"""How the values of a container are encrypted and checked (RFC 6030 §6).

The check value is compared before anything is decrypted, so nobody learns from the padding.
"""

import hmac
from collections.abc import Mapping
from typing import Final
from xml.etree.ElementTree import Element

from cryptography.hazmat.primitives.asymmetric import rsa

from otpward.core.formats.branches import child, local_name, only, required, text_of
from otpward.core.formats.faults import BrokenSeedFile, SeedFileKeyNeeded, SeedFileNotAuthentic, SeedFileNotReadYet
from otpward.core.formats.pskc.derived import derive_key
from otpward.core.formats.pskc.methods import METHODS, Method, Opens
from otpward.core.formats.pskc.names import PSKC, XENC
from otpward.core.formats.pskc.rsa_keys import OAEP, RSA_15, check_certificate, load_private_key, opens_rsa
from otpward.core.formats.pskc.values import base64_octets
from otpward.core.formats.unlock import Unlock
from otpward.core.secret import Secret

NOT_AUTHENTIC: Final = "the transport key is another one, or the file was changed"
MACS: Final[Mapping[str, str]] = {
    "http://www.w3.org/2000/09/xmldsig#hmac-sha1": "sha1",
    "http://www.w3.org/2001/04/xmldsig-more#hmac-sha224": "sha224",
    "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256": "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#hmac-sha384": "sha384",
    "http://www.w3.org/2001/04/xmldsig-more#hmac-sha512": "sha512",
}
VALUE, MAC, PLAIN_MAC = f"{PSKC}EncryptedValue", f"{PSKC}ValueMAC", f"{PSKC}PlainMAC"
METHOD, DATA, CIPHER = f"{XENC}EncryptionMethod", f"{XENC}CipherData", f"{XENC}CipherValue"


class Protection:
    """Opens encrypted values with the transport key and the container's MAC method."""

    __slots__ = ("_key", "_mac", "_mac_key", "_openers", "_private", "_unlock")

    def __init__(self, unlock: Unlock) -> None:
        self._unlock = unlock
        self._key = unlock.key
        self._private: rsa.RSAPrivateKey | None = None
        self._mac: str | None = None
        self._mac_key: bytes | None = None
        self._openers: dict[str, Opens] = {}

    def set_key_source(self, node: Element) -> None:
        """Take the container's `EncryptionKey`: a key shared beforehand (RFC 6030 §6.1), made from a password (§6.2), or of a
        certificate (§6.3)."""
        for source in node:
            match local_name(source):
                case "KeyName":
                    text_of(source)
                case "DerivedKey":
                    self._key = derive_key(source, self._unlock.password)
                case "X509Data":
                    check_certificate(source, self._private_key(source))
                case "EncryptedKey":
                    self._key = Secret(self._opened(source))
                case _:
                    raise SeedFileNotReadYet("a transport key of an unknown kind", node=source)
            self._openers.clear()  # they hold the key as it was before

    def set_mac_method(self, node: Element) -> None:
        """Take the container's `MACMethod`. Without a `MACKey` the transport key serves (RFC 6030 §6.1.1)."""
        name = MACS.get(node.get("Algorithm", ""))
        if name is None:
            raise SeedFileNotReadYet("a check value of this MACMethod", node=node)
        if only(node, f"{PSKC}MACKeyReference") is not None:
            raise SeedFileNotReadYet("a MAC key that is only named", node=node)
        self._mac = name
        sealed = only(node, f"{PSKC}MACKey")
        if sealed is not None:
            self._mac_key = self._opened(sealed)
            if not self._mac_key:
                raise SeedFileNotAuthentic(f"the MACKey is empty: {NOT_AUTHENTIC}", node=sealed)

    def open(self, holder: Element) -> bytes:
        """The octets inside the `EncryptedValue` of `holder`, after its `ValueMAC` was checked."""
        value = required(holder, VALUE)
        plain_check = child(holder, PLAIN_MAC)
        if plain_check is not None:
            return self._open_draft(value, plain_check)
        check = child(holder, MAC)
        sealed = _sealed(value)
        method = METHODS.get(_name(value))
        if check is not None or (method is not None and method.needs_mac):
            self._check(holder, sealed, check)
        return self._opened(value, sealed)

    def _check(self, holder: Element, sealed: bytes, check: Element | None) -> None:
        if self._mac is None:
            raise BrokenSeedFile("an encrypted value in a container without MACMethod", node=holder)
        if check is None:
            raise BrokenSeedFile(f"{local_name(holder)} has no ValueMAC", node=holder)
        key = self._mac_key if self._mac_key is not None else self._given_key(holder).reveal()
        if not hmac.compare_digest(hmac.digest(key, sealed, self._mac), base64_octets(check)):
            raise SeedFileNotAuthentic(f"the ValueMAC does not fit: {NOT_AUTHENTIC}", node=holder)

    def _open_draft(self, value: Element, check: Element) -> bytes:
        """As ActivIdentity writes it: the vector apart, and the check value over the plain octets."""
        octets = self._opened(value, bytes.fromhex(text_of(required(value, f"{XENC}IV"))) + _sealed(value))
        if self._mac is None:
            raise BrokenSeedFile("an encrypted value in a container without MACMethod", node=value)
        if not hmac.compare_digest(hmac.digest(self._given_key(value).reveal(), octets, self._mac), base64_octets(check)):
            raise SeedFileNotAuthentic(f"the check value does not fit: {NOT_AUTHENTIC}", node=value)
        return octets

    def _opened(self, value: Element, sealed: bytes | None = None) -> bytes:
        """What `value` holds, whatever its method."""
        name = _name(value)
        sealed = _sealed(value) if sealed is None else sealed
        if name in RSA_15 or name in OAEP:
            octets = opens_rsa(self._private_key(value), sealed, required(value, METHOD))
        else:
            method = METHODS.get(name)
            if method is None:
                raise SeedFileNotReadYet("an unknown encryption method", node=required(value, METHOD))
            opens = self._openers.get(name)
            if opens is None:
                opens = self._openers[name] = method.opener(self._fitting_key(method, value))
            octets = opens(sealed)
        if octets is None:
            raise SeedFileNotAuthentic(NOT_AUTHENTIC, node=value)
        return octets

    def _fitting_key(self, method: Method, node: Element) -> bytes:
        key = self._given_key(node)
        if len(key) not in method.key_octets:
            needed = " or ".join(map(str, method.key_octets))
            message = f"the transport key has {len(key)} octets, this file needs one of {needed} ({method.name})"
            raise SeedFileKeyNeeded(message, node=node)
        return key.reveal()

    def _given_key(self, node: Element) -> Secret:
        if self._key is None:
            raise SeedFileKeyNeeded("the file is encrypted: its transport key is needed", node=node)
        return self._key

    def _private_key(self, node: Element) -> rsa.RSAPrivateKey:
        if self._private is None:
            self._private = load_private_key(self._unlock)
        if self._private is None:
            message = "the file is encrypted for a certificate: its private key is needed"
            raise SeedFileKeyNeeded(message, node=node, field="private_key")
        return self._private


def _name(value: Element) -> str:
    return required(value, METHOD).get("Algorithm", "")


def _sealed(value: Element) -> bytes:
    return base64_octets(required(required(value, DATA), CIPHER))
