"""Who signed the container (RFC 6030 §8, XML Signature), checked against a certificate that the reader already had.

What the file says of its own key is not looked at. The signature must stand in the container as its child and cover all of it.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any, Final
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from otpward.core.formats.branches import DEPTH_MAX, guarded, only, required, small_pieces
from otpward.core.formats.faults import BrokenSeedFile, SeedFileKeyNeeded, SeedFileNotAuthentic, SeedFileNotReadYet
from otpward.core.formats.pskc.canonical import Canonical, Form, namespaces
from otpward.core.formats.pskc.names import DS
from otpward.core.formats.pskc.values import base64_octets
from otpward.core.formats.reading import Chunks

ENVELOPED: Final = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
SIGNATURE_EVENTS_MAX: Final = 2_000
_MORE: Final = "http://www.w3.org/2001/04/xmldsig-more#"
_XENC: Final = "http://www.w3.org/2001/04/xmlenc#"
DIGESTS: Final[Mapping[str, str]] = {
    "http://www.w3.org/2000/09/xmldsig#sha1": "sha1",
    f"{_XENC}sha256": "sha256",
    f"{_MORE}sha384": "sha384",
    f"{_XENC}sha512": "sha512",
}
HASHES: Final[Mapping[str, Callable[[], hashes.HashAlgorithm]]] = {
    "sha1": hashes.SHA1,  # pskctool signs with nothing else
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}
METHODS: Final[Mapping[str, tuple[str, str]]] = {
    "http://www.w3.org/2000/09/xmldsig#rsa-sha1": ("rsa", "sha1"),
    **{f"{_MORE}{kind}-sha{bits}": (kind, f"sha{bits}") for kind in ("rsa", "ecdsa") for bits in (256, 384, 512)},
}
NOT_SIGNED_SO: Final = "the signature does not fit: the file was changed, or somebody else signed it"


def check_signature(chunks: Chunks, signer: bytes) -> None:
    """Let the file go on if the owner of this certificate signed all of it.

    Raises:
        SeedFileNotAuthentic: nobody signed it, somebody else did, or it was changed.
        SeedFileNotReadYet: signed in a way that is not known here.
    """
    signature = _Signature.of(chunks)
    info = required(signature.tree, f"{DS}SignedInfo")
    signed_info = signature.canonical_info(_form(required(info, f"{DS}CanonicalizationMethod")))
    references = [child for child in info if child.tag == f"{DS}Reference"]
    if len(references) != 1:
        raise SeedFileNotReadYet("a signature over several parts")
    _verify(signer, required(info, f"{DS}SignatureMethod"), signed_info, required(signature.tree, f"{DS}SignatureValue"))
    _check_reference(references[0], chunks, signature.container_id)


def _check_reference(reference: Element, chunks: Chunks, container_id: str | None) -> None:
    uri = reference.get("URI", "")
    if uri and uri != f"#{container_id}":
        raise SeedFileNotReadYet("a signature over a part of the file")
    holder = only(reference, f"{DS}Transforms")
    transforms = [child.get("Algorithm", "") for child in holder] if holder is not None else []
    if ENVELOPED not in transforms:
        raise SeedFileNotReadYet("a signature that does not leave itself out")
    others = [name for name in transforms if name != ENVELOPED]
    if len(others) > 1 or not set(others) <= set(Form):
        raise SeedFileNotReadYet("a signature over a transformed file")
    name = DIGESTS.get(required(reference, f"{DS}DigestMethod").get("Algorithm", ""))
    if name is None:
        raise SeedFileNotReadYet("a signature with an unknown digest")
    digest = hashlib.new(name, usedforsecurity=False)
    _walk(chunks, Canonical(Form(others[0]) if others else Form.INCLUSIVE, digest.update), None)
    if not hmac.compare_digest(digest.digest(), base64_octets(required(reference, f"{DS}DigestValue"))):
        raise SeedFileNotAuthentic(NOT_SIGNED_SO)


def _form(method: Element) -> Form:
    try:
        return Form(method.get("Algorithm", ""))
    except ValueError:
        raise SeedFileNotReadYet("a signature in an unknown canonical form") from None


def _verify(signer: bytes, method: Element, signed: bytes, value: Element) -> None:
    try:
        key: Any = x509.load_pem_x509_certificate(signer).public_key()
    except ValueError:
        raise SeedFileKeyNeeded("the signer's certificate is not one in PEM", field="signer") from None
    kind, name = METHODS.get(method.get("Algorithm", ""), ("", ""))
    octets = base64_octets(value)
    try:
        if kind == "rsa" and isinstance(key, rsa.RSAPublicKey):
            key.verify(octets, signed, padding.PKCS1v15(), HASHES[name]())
        elif kind == "ecdsa" and isinstance(key, ec.EllipticCurvePublicKey):
            half = len(octets) // 2
            pair = encode_dss_signature(int.from_bytes(octets[:half]), int.from_bytes(octets[half:]))
            key.verify(pair, signed, ec.ECDSA(HASHES[name]()))
        else:
            raise SeedFileNotReadYet("a signature of an unknown kind, or of another kind than the signer's certificate")
    except InvalidSignature:
        raise SeedFileNotAuthentic(NOT_SIGNED_SO) from None


class _Signature:
    """The one `Signature` element, as events and as a tree, and what was in force around it."""

    def __init__(self) -> None:
        self.events: list[tuple[str, Any, Any]] = []
        self.outer: Mapping[str, str] = {}
        self.container_id: str | None = None
        self.count = 0

    @classmethod
    def of(cls, chunks: Chunks) -> "_Signature":
        found = cls()
        _walk(chunks, Canonical(Form.EXCLUSIVE, lambda octets: None), found)
        if found.count != 1:
            raise SeedFileNotAuthentic("the file is not signed" if not found.count else "the file is signed twice")
        return found

    def add(self, event: tuple[str, Any, Any]) -> None:
        self.events.append(event)
        if len(self.events) > SIGNATURE_EVENTS_MAX:
            raise BrokenSeedFile("the signature has too many elements")

    @property
    def tree(self) -> Element:
        builder = TreeBuilder()
        scopes = [dict(self.outer)]
        for what, name, attributes in self.events:
            if what == "start":
                scopes.append({**scopes[-1], **namespaces(attributes)})
                builder.start(_expanded(name, scopes[-1]), {k: v for k, v in attributes.items() if ":" not in k})
            elif what == "end":
                builder.end(_expanded(name, scopes.pop()))
            else:
                builder.data(name)
        return builder.close()

    def canonical_info(self, form: Form) -> bytes:
        """`SignedInfo` in its canonical form, as if it stood alone."""
        pieces: list[bytes] = []
        inside: Canonical | None = None
        scopes, depth = [dict(self.outer)], 0
        for what, name, attributes in self.events:
            if what == "start":
                if inside is None and depth == 1 and name.rpartition(":")[2] == "SignedInfo":
                    inside = Canonical(form, pieces.append, scopes[-1])
                scopes.append({**scopes[-1], **namespaces(attributes)})
                depth += 1
            if inside is not None:
                match what:
                    case "start":
                        inside.start(name, attributes)
                    case "end":
                        inside.end(name)
                    case _:
                        inside.text(name)
            if what == "end":
                scopes.pop()
                depth -= 1
                if inside is not None and depth == 1:
                    break
        return b"".join(pieces)


def _expanded(name: str, scope: Mapping[str, str]) -> str:
    prefix, colon, local = name.rpartition(":")
    uri = scope.get(prefix if colon else "", "")
    return f"{{{uri}}}{local}" if uri else local


def _walk(chunks: Chunks, canonical: Canonical, found: _Signature | None) -> None:
    """Give `canonical` the document without its signature, and `found` the signature."""
    parser: Any = expat.ParserCreate()
    parser.buffer_text = True
    depth, inside = 0, 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, inside
        depth += 1
        if depth > DEPTH_MAX:
            raise BrokenSeedFile("too many elements in one another")
        if depth == 1 and found is not None:
            found.container_id = attributes.get("Id")
        scope = {**canonical.in_force, **namespaces(attributes)}
        if depth == 2 and _expanded(name, scope) == f"{DS}Signature":
            inside = depth
            if found is not None:
                found.count += 1
                found.outer = canonical.in_force
        if not inside:
            canonical.start(name, attributes)
        elif found is not None and found.count == 1:
            found.add(("start", name, attributes))

    def end(name: str) -> None:
        nonlocal depth, inside
        if not inside:
            canonical.end(name)
        elif found is not None and found.count == 1:
            found.add(("end", name, None))
        inside = 0 if depth == inside else inside
        depth -= 1

    def text(characters: str) -> None:
        if not inside:
            canonical.text(characters)
        elif found is not None and found.count == 1:
            found.add(("text", characters, None))

    def refuse(*_: Any) -> None:
        raise SeedFileNotReadYet("a signed file with processing instructions")

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    parser.ProcessingInstructionHandler = refuse
    try:
        for piece in guarded(small_pieces(chunks)):
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise BrokenSeedFile("the XML is not well-formed, or cut off", where=f"line {error.lineno}") from None
    except (ValueError, LookupError):
        raise BrokenSeedFile("the XML is in an encoding that is not supported") from None
