"""The key pairs with which the sandbox's sign-on signs (RFC 7515, RFC 7517)."""

import base64
import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from otpward.core.errors import Invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A key pair and its name."""

    kid: str
    algorithm: str
    private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    made_at: datetime

    def jwk(self) -> dict[str, str]:
        """The public half as it is shown (RFC 7517 §4)."""
        shown = {"kid": self.kid, "alg": self.algorithm, "use": "sig"}
        if isinstance(self.private, rsa.RSAPrivateKey):
            rsa_numbers = self.private.public_key().public_numbers()
            return shown | {"kty": "RSA", "n": pack(octets_of(rsa_numbers.n)), "e": pack(octets_of(rsa_numbers.e))}
        point = self.private.public_key().public_numbers()
        halves = {"x": pack(point.x.to_bytes(32, "big")), "y": pack(point.y.to_bytes(32, "big"))}
        return shown | {"kty": "EC", "crv": "P-256"} | halves

    def sign(self, claims: dict[str, Any]) -> str:
        """A signed token (RFC 7515 §3.1)."""
        header = {"alg": self.algorithm, "kid": self.kid, "typ": "JWT"}
        text = f"{pack(json.dumps(header).encode())}.{pack(json.dumps(claims).encode())}"
        if isinstance(self.private, rsa.RSAPrivateKey):
            signature = self.private.sign(text.encode(), padding.PKCS1v15(), SHA256())
        else:
            r, s = decode_dss_signature(self.private.sign(text.encode(), ec.ECDSA(SHA256())))
            signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
        return f"{text}.{pack(signature)}"


def new_signer(algorithm: str, now: datetime) -> Signer:
    """A key pair for one of the two.

    Raises:
        Invalid: for another.
    """
    private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    match algorithm:
        case "RS256":
            private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        case "ES256":
            private = ec.generate_private_key(ec.SECP256R1())
        case _:
            raise Invalid("no such algorithm", field="algorithm")
    return Signer(kid=secrets.token_hex(4), algorithm=algorithm, private=private, made_at=now)


def octets_of(number: int) -> bytes:
    """A number in as many octets as it takes."""
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def pack(octets: bytes) -> str:
    """base64url without padding; the sandbox does not share the server's."""
    return base64.urlsafe_b64encode(octets).decode("ascii").rstrip("=")
