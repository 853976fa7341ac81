"""Signed tokens (RFC 7515, RFC 7517, RFC 8725): two algorithms, keys that each know their one algorithm, and nothing else.

`alg` of a token never chooses how it is checked; it must be the algorithm of the key. So `none` is no algorithm here, and an
HMAC with a public key as its secret has no key to be checked with.
"""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

LONGEST: Final = 16 * 1024
KEYS_MOST: Final = 32
RSA_BITS: Final = range(2048, 8193)
"""Below, a key can be broken (RFC 7518 §3.3 asks for 2048); above, checking takes so long that it is an attack."""

P256_OCTETS: Final = 32
_PART: Final = re.compile(r"[A-Za-z0-9_-]*")


class Algorithm(StrEnum):
    """All that is taken."""

    RS256 = "RS256"
    ES256 = "ES256"


class Flaw(StrEnum):
    """Why a token is not taken."""

    MALFORMED = "malformed"
    ALGORITHM = "algorithm"
    UNKNOWN_KEY = "unknown_key"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A public key of the signer, and the one algorithm it is for."""

    kid: str
    algorithm: Algorithm
    public: rsa.RSAPublicKey | ec.EllipticCurvePublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A token whose signature is good. What it claims is still to be judged."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]


class _Jwk(msgspec.Struct):
    kty: str = ""
    kid: str = ""
    use: str = "sig"
    alg: str = ""
    key_ops: list[str] | None = None
    n: str = ""
    e: str = ""
    crv: str = ""
    x: str = ""
    y: str = ""


class _Jwks(msgspec.Struct):
    keys: list[msgspec.Raw]


def read_keys(document: bytes) -> tuple[Key, ...] | None:
    """The keys of a JWK set that could sign a token for us (RFC 7517 §5); others are left out, None is no JWK set."""
    try:
        raw = msgspec.json.decode(document, type=_Jwks).keys[:KEYS_MOST]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return tuple(key for key in map(_read_key, raw) if key is not None)


def open_token(token: str, keys: tuple[Key, ...], *, types: frozenset[str] = frozenset({"", "jwt"})) -> Opened | Flaw:
    """The token's claims, if one of `keys` signed it and it is of one of `types` (RFC 8725 §3.11)."""
    parts = token.split(".") if len(token) <= LONGEST else []
    octets = [unpack(part) for part in parts]
    if len(parts) != 3 or any(part is None for part in octets):
        return Flaw.MALFORMED
    header, claims = (_members(part or b"") for part in octets[:2])
    if header is None or claims is None or "crit" in header or str(header.get("typ", "")).lower() not in types:
        return Flaw.MALFORMED
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in list(Algorithm):
        return Flaw.ALGORITHM
    fitting = [key for key in keys if key.algorithm == algorithm and kid in (None, key.kid)]
    if not fitting or (kid is None and len(fitting) > 1):
        return Flaw.UNKNOWN_KEY
    signed, signature = token.rpartition(".")[0].encode("ascii"), octets[2] or b""
    if not any(CHECKS[key.algorithm](key, signature, signed) for key in fitting):
        return Flaw.SIGNATURE
    return Opened(header=header, claims=claims)


def unpack(part: str) -> bytes | None:
    """base64url without padding (RFC 7515 §2), written in the one way it can be; None for anything else."""
    if not _PART.fullmatch(part):
        return None
    try:
        octets = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except (binascii.Error, ValueError):
        return None
    return octets if pack(octets) == part else None


def pack(octets: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(octets).decode("ascii").rstrip("=")


def _members(octets: bytes) -> dict[str, Any] | None:
    try:
        return msgspec.json.decode(octets, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _read_key(raw: msgspec.Raw) -> Key | None:
    try:
        jwk = msgspec.json.decode(raw, type=_Jwk)
        if jwk.use != "sig" or "verify" not in (jwk.key_ops or ["verify"]):
            return None
        match jwk.kty:
            case "RSA" if jwk.alg in ("", Algorithm.RS256):
                whole = rsa.RSAPublicNumbers(e=_number(jwk.e), n=_number(jwk.n))
                known: rsa.RSAPublicKey | ec.EllipticCurvePublicKey = whole.public_key()
                if whole.n.bit_length() not in RSA_BITS:
                    return None
                return Key(kid=jwk.kid, algorithm=Algorithm.RS256, public=known)
            case "EC" if jwk.crv == "P-256" and jwk.alg in ("", Algorithm.ES256):
                known = ec.EllipticCurvePublicNumbers(_number(jwk.x), _number(jwk.y), ec.SECP256R1()).public_key()
                return Key(kid=jwk.kid, algorithm=Algorithm.ES256, public=known)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        pass
    return None


def _number(part: str) -> int:
    octets = unpack(part)
    if not octets or len(octets) > RSA_BITS.stop // 8:
        raise ValueError("not a number")
    return int.from_bytes(octets, "big")


def _rs256(key: Key, signature: bytes, signed: bytes) -> bool:
    """RFC 7518 §3.3."""
    assert isinstance(key.public, rsa.RSAPublicKey)
    try:
        key.public.verify(signature, signed, padding.PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


def _es256(key: Key, signature: bytes, signed: bytes) -> bool:
    """RFC 7518 §3.4: two numbers of 32 octets, one after the other."""
    assert isinstance(key.public, ec.EllipticCurvePublicKey)
    if len(signature) != 2 * P256_OCTETS:
        return False
    r, s = (int.from_bytes(half, "big") for half in (signature[:P256_OCTETS], signature[P256_OCTETS:]))
    try:
        key.public.verify(encode_dss_signature(r, s), signed, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


CHECKS: Final[Mapping[Algorithm, Callable[[Key, bytes, bytes], bool]]] = {
    Algorithm.RS256: _rs256,
    Algorithm.ES256: _es256,
}
