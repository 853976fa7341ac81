"""The public key of a passkey (RFC 9052 COSE_Key, RFC 9053): three algorithms, and what each one's key must look like."""

from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from otpward.core.formats.jws import P256_OCTETS, RSA_BITS
from otpward.core.formats.webauthn.cbor import BadCbor, read_cbor

ES256: Final = -7
EDDSA: Final = -8
RS256: Final = -257
OFFERED: Final = (ES256, EDDSA, RS256)
"""In the order in which a registration asks for them."""

_KTY, _ALG, _CRV, _X, _Y, _N, _E = 1, 3, -1, -2, -3, -1, -2
_P256, _ED25519 = 1, 6

PublicKey = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | rsa.RSAPublicKey


def read_public_key(octets: bytes) -> PublicKey | None:
    """The key; None if it is not one of ours. The algorithm it names must be the one of its kind."""
    try:
        members, end = read_cbor(octets)
        if end != len(octets) or not isinstance(members, dict):
            return None
        return _key(members)
    except (BadCbor, ValueError, TypeError):
        return None


def is_signed(octets: bytes, signature: bytes, key: PublicKey) -> bool:
    """Whether this key signed these octets."""
    try:
        match key:
            case ec.EllipticCurvePublicKey():
                key.verify(signature, octets, ec.ECDSA(SHA256()))
            case ed25519.Ed25519PublicKey():
                key.verify(signature, octets)
            case rsa.RSAPublicKey():
                key.verify(signature, octets, padding.PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


def _key(members: dict[Any, Any]) -> PublicKey | None:
    match members.get(_KTY), members.get(_ALG):
        case (2, -7) if members.get(_CRV) == _P256:
            x, y = members.get(_X), members.get(_Y)
            if not isinstance(x, bytes) or not isinstance(y, bytes) or {len(x), len(y)} != {P256_OCTETS}:
                return None
            numbers = ec.EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), ec.SECP256R1())
            return numbers.public_key()
        case (1, -8) if members.get(_CRV) == _ED25519:
            return ed25519.Ed25519PublicKey.from_public_bytes(members[_X]) if isinstance(members.get(_X), bytes) else None
        case (3, -257):
            n, e = members.get(_N), members.get(_E)
            if not isinstance(n, bytes) or not isinstance(e, bytes):
                return None
            public = rsa.RSAPublicNumbers(int.from_bytes(e), int.from_bytes(n)).public_key()
            return public if public.key_size in RSA_BITS else None
    return None
