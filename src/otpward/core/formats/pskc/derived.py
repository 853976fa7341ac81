"""A transport key made from a password: PBKDF2 with any of its hashes (RFC 6030 §6.2, PKCS #5 §5.2)."""

from collections.abc import Mapping
from hashlib import pbkdf2_hmac
from typing import Final
from xml.etree.ElementTree import Element

from otpward.core.formats.branches import local_name, text_of
from otpward.core.formats.faults import BrokenSeedFile, SeedFileKeyNeeded, SeedFileNotReadYet
from otpward.core.formats.pskc.methods import MORE_URI, XENC11_URI
from otpward.core.formats.pskc.values import base64_octets, integer
from otpward.core.secret import Secret

PBKDF2: Final = frozenset(
    {"http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#pbkdf2", f"{XENC11_URI}pbkdf2", f"{XENC11_URI}PBKDF2"}
)
HMAC_SHA1: Final = "http://www.w3.org/2000/09/xmldsig#hmac-sha1"
PRFS: Final[Mapping[str, str]] = {
    HMAC_SHA1: "sha1",
    **{f"{MORE_URI}hmac-sha{bits}": f"sha{bits}" for bits in (224, 256, 384, 512)},
    **{f"hmac-sha{bits}": f"sha{bits}" for bits in (1, 224, 256, 384, 512)},
}
ROUNDS_MAX: Final = 10_000_000  # some seconds; more is meant to stall whoever reads it
SALT_MAX_OCTETS: Final = 1024
KEY_MAX_OCTETS: Final = 64
KEY_USUAL_OCTETS: Final = 16


def derive_key(derived: Element, password: Secret | None) -> Secret:
    """The transport key of a `DerivedKey`.

    Raises:
        SeedFileKeyNeeded: no password was given.
        SeedFileNotReadYet: another derivation than PBKDF2.
        BrokenSeedFile: its parameters are missing or beyond all bounds.
    """
    method = _child(derived, "KeyDerivationMethod")
    if method is None or method.get("Algorithm") not in PBKDF2:
        raise SeedFileNotReadYet("a transport key made from a password otherwise than by PBKDF2", node=derived)
    parameters = _required(method, "PBKDF2-params")
    salt = base64_octets(_required(_required(parameters, "Salt"), "Specified"))
    rounds = _number(parameters, "IterationCount", ROUNDS_MAX)
    length = _number(parameters, "KeyLength", KEY_MAX_OCTETS, KEY_USUAL_OCTETS)
    prf = _prf(_child(parameters, "PRF"))
    if not 1 <= len(salt) <= SALT_MAX_OCTETS:
        raise BrokenSeedFile("the salt is empty or too long", node=parameters)
    if password is None:
        raise SeedFileKeyNeeded("the file is encrypted with a password, which is needed", node=derived, field="password")
    return Secret(pbkdf2_hmac(prf, password.reveal(), salt, rounds, length))


def _prf(node: Element | None) -> str:
    """The hash; as an attribute, as python-pskc writes it as text, or not at all (SHA-1)."""
    if node is None:
        return "sha1"
    said = {name for name in (node.get("Algorithm", "").strip(), text_of(node)) if name}
    if len(said) > 1:
        raise BrokenSeedFile("the PRF is given twice and differently", node=node)
    name = said.pop() if said else HMAC_SHA1
    prf = PRFS.get(name) or PRFS.get(name.lower())
    if prf is None:
        raise SeedFileNotReadYet("PBKDF2 with a PRF that is not known", node=node)
    return prf


def _number(parent: Element, name: str, most: int, default: int | None = None) -> int:
    node = _child(parent, name)
    if node is None and default is not None:
        return default
    node = _required(parent, name)
    value = integer(text_of(node), node)
    if not 1 <= value <= most:
        raise BrokenSeedFile(f"{name} is not between 1 and {most}", node=node)
    return value


def _child(parent: Element, name: str) -> Element | None:
    """The child of this name in whichever namespace: files differ."""
    found = [child for child in parent if local_name(child) == name]
    if len(found) > 1:
        raise BrokenSeedFile(f"{name} is there twice", node=found[1])
    return found[0] if found else None


def _required(parent: Element, name: str) -> Element:
    found = _child(parent, name)
    if found is None:
        raise BrokenSeedFile(f"{local_name(parent)} has no {name}", node=parent)
    return found
