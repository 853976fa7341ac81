"""SignedData as it arrives (RFC 5652 §5): read into records; what is optional there and useless here is refused."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from otpward.core.formats.der import Element, NotDer, Tag, encode_der, read_der
from otpward.core.formats.x509.flaws import Flaw, Flawed

OCTETS_MAX: Final = 32 * 1024
"""Three certificates, a challenge and a signature are under 8 KiB."""

CERTIFICATES_MAX: Final = 6
ATTRIBUTES_MAX: Final = 16

DATA: Final = "1.2.840.113549.1.7.1"
SIGNED_DATA: Final = "1.2.840.113549.1.7.2"
CONTENT_TYPE: Final = "1.2.840.113549.1.9.3"
MESSAGE_DIGEST: Final = "1.2.840.113549.1.9.4"
SIGNING_TIME: Final = "1.2.840.113549.1.9.5"
SHA256: Final = "2.16.840.1.101.3.4.2.1"
RSA_ENCRYPTION: Final = "1.2.840.113549.1.1.1"
SHA256_WITH_RSA: Final = "1.2.840.113549.1.1.11"
ECDSA_WITH_SHA256: Final = "1.2.840.10045.4.3.2"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedData:
    """What one signer signed. `attributes` is the DER of their SET: the octets under the signature."""

    content: bytes
    certificates: tuple[bytes, ...]
    issuer: bytes
    serial: int
    attributes: bytes
    message_digest: bytes
    signing_time: datetime
    algorithm: str
    signature: bytes


def read_signed_data(data: bytes) -> SignedData:
    """Read it; nothing in it is believed yet.

    Raises:
        NotDer: not DER, too large, too deep, or something follows.
        Flawed: CMS, but not with the content inside, one signer, signed attributes and SHA-256.
    """
    outer = read_der(data, octets_max=OCTETS_MAX).sequence()
    if outer.take().oid() != SIGNED_DATA:
        raise Flawed(Flaw.STRUCTURE)
    body = outer.take().inner(Tag.CONTEXT_0).sequence()
    outer.end()
    version = body.take().integer()
    if version not in (1, 3):
        raise Flawed(Flaw.STRUCTURE)
    digests = body.take().set_of()
    content = _content(body.take())
    certificates = body.take_if(Tag.CONTEXT_0)
    if body.take_if(Tag.CONTEXT_1) is not None:
        raise Flawed(Flaw.STRUCTURE)
    signers = body.take().parts(Tag.SET)
    body.end()
    if len(signers) != 1:
        raise Flawed(Flaw.SIGNERS)
    if len(digests) != 1:
        raise Flawed(Flaw.STRUCTURE)
    if _algorithm(digests[0]) != SHA256:
        raise Flawed(Flaw.ALGORITHM)
    return _signer(signers[0], content, _certificates(certificates))


def _content(encapsulated: Element) -> bytes:
    fields = encapsulated.sequence()
    if fields.take().oid() != DATA:
        raise Flawed(Flaw.STRUCTURE)
    content = fields.take_if(Tag.CONTEXT_0)
    fields.end()
    if content is None:
        raise Flawed(Flaw.DETACHED)
    return content.inner(Tag.CONTEXT_0).octets()


def _certificates(held: Element | None) -> tuple[bytes, ...]:
    certificates = () if held is None else held.parts(Tag.CONTEXT_0)
    if not certificates:
        raise Flawed(Flaw.NO_CERTIFICATE)
    if len(certificates) > CERTIFICATES_MAX or any(one.tag != Tag.SEQUENCE for one in certificates):
        raise Flawed(Flaw.STRUCTURE)
    return tuple(one.whole for one in certificates)


def _signer(signer: Element, content: bytes, certificates: tuple[bytes, ...]) -> SignedData:
    fields = signer.sequence()
    if fields.take().integer() != 1:
        raise Flawed(Flaw.STRUCTURE)
    named = fields.take().sequence()
    issuer = named.take()
    issuer.sequence()
    serial = named.take().integer()
    named.end()
    if _algorithm(fields.take()) != SHA256:
        raise Flawed(Flaw.ALGORITHM)
    attributes = fields.take_if(Tag.CONTEXT_0)
    if attributes is None:
        raise Flawed(Flaw.STRUCTURE)
    algorithm = _algorithm(fields.take())
    if algorithm not in (RSA_ENCRYPTION, SHA256_WITH_RSA, ECDSA_WITH_SHA256):
        raise Flawed(Flaw.ALGORITHM)
    signature = fields.take().octets()
    fields.end()
    values = _attributes(attributes)
    if values[CONTENT_TYPE].oid() != DATA:
        raise Flawed(Flaw.STRUCTURE)
    return SignedData(
        content=content,
        certificates=certificates,
        issuer=issuer.whole,
        serial=serial,
        attributes=encode_der(Tag.SET, attributes.content),
        message_digest=values[MESSAGE_DIGEST].octets(),
        signing_time=values[SIGNING_TIME].moment(),
        algorithm=algorithm,
        signature=signature,
    )


def _attributes(attributes: Element) -> dict[str, Element]:
    """The three attributes that must be there, each once with one value; others may stand beside (RFC 5652 §11)."""
    held: dict[str, Element] = {}
    found = attributes.set_of(Tag.CONTEXT_0)
    if len(found) > ATTRIBUTES_MAX:
        raise Flawed(Flaw.STRUCTURE)
    seen: set[str] = set()
    for attribute in found:
        fields = attribute.sequence()
        kind = fields.take().oid()
        values = fields.take().parts(Tag.SET)
        fields.end()
        if kind in seen or not values:
            raise Flawed(Flaw.STRUCTURE)
        seen.add(kind)
        if kind in (CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_TIME):
            if len(values) != 1:
                raise Flawed(Flaw.STRUCTURE)
            held[kind] = values[0]
    if len(held) != 3:
        raise Flawed(Flaw.STRUCTURE)
    return held


def _algorithm(identifier: Element) -> str:
    """The algorithm; its parameters are absent or NULL, as in RFC 5754."""
    fields = identifier.sequence()
    algorithm = fields.take().oid()
    parameters = fields.take_if(Tag.NULL)
    fields.end()
    if parameters is not None and parameters.content:
        raise NotDer("a null with something in it")
    return algorithm
