"""CMS SignedData as anybody might write it, right or wrong in one place."""

from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from otpward.core.formats.der import encode_der, read_der
from tests.fakes.authority import Holder, person
from tests.fakes.surroundings import NOON

OIDS: Final = {
    "data": "2a864886f70d010701",
    "signed": "2a864886f70d010702",
    "type": "2a864886f70d010903",
    "digest": "2a864886f70d010904",
    "time": "2a864886f70d010905",
    "sha256": "608648016503040201",
    "sha1": "2b0e03021a",
    "rsa": "2a864886f70d010101",
    "ecdsa": "2a8648ce3d040302",
}
NULL: Final = b"\x05\x00"


def oid(name: str) -> bytes:
    return encode_der(0x06, bytes.fromhex(OIDS[name]))


def sequence(*parts: bytes) -> bytes:
    return encode_der(0x30, b"".join(parts))


def set_of(*parts: bytes, tag: int = 0x31) -> bytes:
    return encode_der(tag, b"".join(sorted(parts)))


def attribute(name: str, *values: bytes) -> bytes:
    return sequence(oid(name), set_of(*values))


def moment(at: datetime) -> bytes:
    return encode_der(0x17, at.strftime("%y%m%d%H%M%SZ").encode())


def usual_attributes(content: bytes, at: datetime = NOON, hashed: Callable[..., object] = sha256) -> list[bytes]:
    digest = hashed(content).digest()  # type: ignore[attr-defined] # any of hashlib's
    return [attribute("type", oid("data")), attribute("time", moment(at)), attribute("digest", encode_der(0x04, digest))]


def signer_info(
    content: bytes,
    signer: Holder,
    *,
    attributes: Sequence[bytes] | None = None,
    at: datetime = NOON,
    digest: str = "sha256",
    more: bytes = b"",
    algorithm: str = "",
) -> bytes:
    certificate = read_der(signer.der, octets_max=99999).sequence().take().sequence()
    certificate.take()
    serial = certificate.take().whole
    certificate.take()
    issuer = certificate.take().whole
    held = usual_attributes(content, at) if attributes is None else attributes
    signed = set_of(*held)
    if isinstance(signer.key, rsa.RSAPrivateKey):
        signature = signer.key.sign(signed, PKCS1v15(), hashes.SHA1() if digest == "sha1" else hashes.SHA256())
        named = sequence(oid(algorithm or "rsa"), NULL)
    else:
        signature = signer.key.sign(signed, ec.ECDSA(hashes.SHA256()))
        named = sequence(oid(algorithm or "ecdsa"))
    return sequence(
        b"\x02\x01\x01",
        sequence(issuer, serial),
        sequence(oid(digest)),
        set_of(*held, tag=0xA0),
        named,
        encode_der(0x04, signature),
        more,
    )


def signed_data(
    content: bytes,
    *infos: bytes,
    signer: Holder | None = None,
    certificates: Sequence[bytes] | None = None,
    attached: bool = True,
    digest: str = "sha256",
    **how: object,
) -> bytes:
    """Right, but for what is asked for."""
    who = signer or person()
    held = [who.der] if certificates is None else certificates
    signers = infos or (signer_info(content, who, digest=digest, **how),)  # type: ignore[arg-type] # as `signer_info` takes it
    inner = encode_der(0xA0, encode_der(0x04, content)) if attached else b""
    body = sequence(
        b"\x02\x01\x01",
        set_of(sequence(oid(digest))),
        sequence(oid("data"), inner),
        encode_der(0xA0, b"".join(held)) if held else b"",
        set_of(*signers),
    )
    return sequence(oid("signed"), encode_der(0xA0, body))
