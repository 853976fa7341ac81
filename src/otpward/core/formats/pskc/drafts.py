"""Containers of the drafts before RFC 6030, which older devices still come with: put into the RFC's words, then read alike.

What differs is names (`Device` for `KeyPackage`, `KeyAlgorithm` for `Algorithm`, `Usage` for `AlgorithmParameters`), where a
value stands (`<Data Name="COUNTER">`), and in the oldest ones the vector and the check value: ActivIdentity writes the vector
once for the file, and computes the check value over the plain octets.
"""

from collections.abc import Mapping
from typing import Final
from xml.etree.ElementTree import Element, SubElement

from otpward.core.formats.branches import local_name, only, text_of
from otpward.core.formats.faults import BrokenSeedFile, SeedFileNotReadYet
from otpward.core.formats.pskc.names import DS, PSKC, XENC
from otpward.core.formats.pskc.values import base64_octets

ROOTS: Final[Mapping[str, str]] = {
    "urn:ietf:params:xml:ns:keyprov:pskc:1.0": "KeyContainer",
    "urn:ietf:params:xml:ns:keyprov:container:1.0": "KeyContainer",
    "urn:ietf:params:xml:ns:keyprov:container": "KeyContainer",
    "http://www.openauthentication.org/OATH/2006/08/PSKC": "SecretContainer",
    "http://www.openauthentication.org/OATH/2006/10/PSKC": "SecretContainer",
}
VERSIONS: Final = frozenset({None, "1.0", "1", "1.1", "1.2"})
NAMES: Final[Mapping[str, str]] = {
    "Device": "KeyPackage",
    "DeviceId": "DeviceInfo",
    "EncryptionMethod": "EncryptionKey",
    "DigestMethod": "MACMethod",
    "Expiry": "ExpiryDate",
}
ALGORITHMS: Final[Mapping[str, str]] = {
    name: f"urn:ietf:params:xml:ns:keyprov:pskc:{kind}"
    for kind in ("hotp", "totp")
    for name in (
        kind.upper(),
        kind,
        f"urn:ietf:params:xml:ns:keyprov:pskc#{kind}",
        f"http://www.ietf.org/keyprov/pskc#{kind}",
        f"urn:ietf:params:xml:ns:keyprov:pskc:{kind}",
        f"http://www.openauthentication.org/OATH/2006/10/PSKC/{kind.upper()}",
    )
}
OCRA_PREFIXES: Final = ("urn:ietf:params:xml:ns:keyprov:pskc#OCRA-1:", "http://www.ietf.org/keyprov/pskc#OCRA-1:")
OCRA: Final = "urn:ietf:params:xml:ns:keyprov:pskc:ocra"
KEY_ATTRIBUTES: Final = {"KeyId": "Id", "SecretId": "Id", "KeyAlgorithm": "Algorithm", "SecretAlgorithm": "Algorithm"}
DATA: Final[Mapping[str, str]] = {
    "secret": "Secret",
    "counter": "Counter",
    "time": "Time",
    "time_interval": "TimeInterval",
    "time_drift": "TimeDrift",
}
USAGES: Final = ("OTP", "CR", "Integrity", "Encrypt", "Unlock")
ENTITY_FORM: Final = {"Format": "Encoding", "format": "Encoding", "length": "Length", "min": "Min", "max": "Max"}
PLAIN_METHODS: Final = frozenset({"NONE", "none", ""})
PLAIN_DATE_LENGTH: Final = 10


LATE_NAMES: Final = frozenset({f"{PSKC}Device", f"{PSKC}MACAlgorithm"})
"""What only a draft says in the RFC's own namespace, as the last of them do."""


def draft_of(root: Element) -> "Draft | None":
    """How to read a container with this root, or None if it is no draft we know."""
    namespace, _, name = str(root.tag).removeprefix("{").partition("}")
    if ROOTS.get(namespace) != name or (root.get("Version") or root.get("version")) not in VERSIONS:
        return None
    return Draft(f"{{{namespace}}}")


class Draft:
    """Turns each child of a container into what RFC 6030 would have written."""

    __slots__ = ("_method", "_namespace", "_vector")

    def __init__(self, namespace: str) -> None:
        self._namespace = namespace
        self._method: str | None = None
        self._vector = b""

    def as_rfc_6030(self, node: Element) -> Element:
        """The same branch in RFC 6030's words; raises `SeedFileFault`."""
        self._rename(node)
        match local_name(node):
            case "EncryptionKey":
                return self._encryption(node)
            case "MACAlgorithm":
                return Element(f"{PSKC}MACMethod", {"Algorithm": text_of(node)})
            case "MACMethod":
                algorithm = node.get("Algorithm") or node.get("algorithm") or ""
                node.set("Algorithm", f"{DS[1:-1]}hmac-sha1" if algorithm == "HMAC-SHA1" else algorithm)
            case "KeyPackage":
                for key in [child for child in node if child.tag in (f"{PSKC}Key", f"{PSKC}Secret")]:
                    self._key(key)
        return node

    def _rename(self, node: Element) -> None:
        for element in node.iter():
            namespace, _, name = str(element.tag).rpartition("}")
            if f"{namespace}}}" == self._namespace:
                element.tag = f"{PSKC}{NAMES.get(name, name)}"

    def _encryption(self, node: Element) -> Element:
        """`EncryptionMethod` at the top of the oldest drafts. A pre-shared key needs no more to be said."""
        method = node.get("Algorithm") or node.get("algorithm")
        if method is None:
            return node
        if method.upper().startswith("PBE"):
            raise SeedFileNotReadYet("the password-based encryption of the first drafts (PBE-3DES112)", node=node)
        vector = only(node, f"{PSKC}IV")
        if method not in PLAIN_METHODS:
            if vector is None:
                raise SeedFileNotReadYet("an encryption of a draft that gives no vector", node=node)
            self._method, self._vector = method, base64_octets(vector)
        return Element(f"{PSKC}EncryptionKey")

    def _key(self, key: Element) -> None:
        key.tag = f"{PSKC}Key"
        for old, new in KEY_ATTRIBUTES.items():
            value = key.attrib.pop(old, None)
            if value is not None:
                if new in key.attrib:
                    raise BrokenSeedFile(f"{new} is there twice", node=key)
                key.set(new, value)
        algorithm = key.get("Algorithm", "")
        key.set("Algorithm", ALGORITHMS.get(algorithm, algorithm))
        usage = only(key, f"{PSKC}Usage")
        if usage is not None:
            self._usage(key, usage)
        for prefix in OCRA_PREFIXES:
            if algorithm.startswith(prefix):
                key.set("Algorithm", OCRA)
                suite = SubElement(_made(key, "AlgorithmParameters"), f"{PSKC}Suite")
                suite.text = algorithm.rpartition("#")[2]
        for name in ("StartDate", "ExpiryDate"):
            date = only(key, f"{PSKC}{name}")
            if date is not None:
                key.remove(date)
                _made(key, "Policy").append(date)
        self._data(key)

    @staticmethod
    def _usage(key: Element, usage: Element) -> None:
        key.remove(usage)
        usage.tag = f"{PSKC}AlgorithmParameters"
        for form in usage:
            for old, new in ENTITY_FORM.items():
                value = form.attrib.pop(old, None)
                if value is not None:
                    form.set(new, value)
        allowed = [name for name in USAGES if usage.attrib.pop(name, "false").lower() in ("true", "1")]
        key.append(usage)
        for name in allowed:
            SubElement(_made(key, "Policy"), f"{PSKC}KeyUsage").text = name

    def _data(self, key: Element) -> None:
        named = [child for child in key if child.tag == f"{PSKC}Data" and child.get("Name")]
        if not named:
            return
        data = Element(f"{PSKC}Data")
        for old in named:
            key.remove(old)
            name = DATA.get(old.get("Name", "").lower())
            if name is None:
                raise BrokenSeedFile("a value of an unknown name", node=key)
            data.append(self._value(name, old))
        key.append(data)

    def _value(self, name: str, old: Element) -> Element:
        """`Value` is base64 throughout; a number is eight octets. Where the file is encrypted, what has a check value is."""
        new = Element(f"{PSKC}{name}")
        value, check = only(old, f"{PSKC}Value"), only(old, f"{PSKC}ValueDigest")
        if value is None:
            new.extend(list(old))
            return new
        if self._method is not None and check is not None:
            sealed = SubElement(new, f"{PSKC}EncryptedValue")
            SubElement(sealed, f"{XENC}EncryptionMethod").set("Algorithm", self._method)
            SubElement(sealed, f"{XENC}IV").text = self._vector.hex()
            SubElement(SubElement(sealed, f"{XENC}CipherData"), f"{XENC}CipherValue").text = text_of(value)
            SubElement(new, f"{PSKC}PlainMAC").text = text_of(check)
            return new
        plain = SubElement(new, f"{PSKC}PlainValue")
        octets = base64_octets(value)
        if name == "Secret":
            plain.text = text_of(value)
        elif len(octets) == 8:
            plain.text = str(int.from_bytes(octets))
        else:
            raise BrokenSeedFile(f"{name} is not eight octets", node=plain)
        return new


def _made(key: Element, name: str) -> Element:
    found = only(key, f"{PSKC}{name}")
    return SubElement(key, f"{PSKC}{name}") if found is None else found
