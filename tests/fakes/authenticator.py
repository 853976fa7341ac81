"""An authenticator in software, written from WebAuthn Level 3 and RFC 9052: it makes passkeys and signs, and can misbehave."""

import json
import os
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

SITE_ID, ORIGIN = "otp.example", "https://otp.example"


def b64(octets: bytes) -> str:
    return urlsafe_b64encode(octets).decode().rstrip("=")


def cbor(value: Any) -> bytes:
    """CTAP2's canonical CBOR, of what occurs here."""
    match value:
        case int() if value >= 0:
            return _head(0, value)
        case int():
            return _head(1, -1 - value)
        case bytes():
            return _head(2, len(value)) + value
        case str():
            return _head(3, len(value.encode())) + value.encode()
        case dict():
            return _head(5, len(value)) + b"".join(cbor(key) + cbor(each) for key, each in value.items())
    raise TypeError(value)


def _head(kind: int, number: int) -> bytes:
    if number < 24:
        return bytes([kind << 5 | number])
    size = next(size for size in (1, 2, 4, 8) if number < 1 << 8 * size)
    return bytes([kind << 5 | {1: 24, 2: 25, 4: 26, 8: 27}[size]]) + number.to_bytes(size)


@dataclass
class Authenticator:
    """One passkey. What is set here is what it says; `kind` is ES256, EdDSA or RS256."""

    kind: str = "ES256"
    site_id: str = SITE_ID
    origin: str = ORIGIN
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))
    user_handle: bytes = b""
    sign_count: int = 0
    counts: bool = True
    verified: bool = True
    present: bool = True
    eligible: bool = False
    backed_up: bool = False
    cross_origin: bool = False
    transports: tuple[str, ...] = ("usb",)

    def __post_init__(self) -> None:
        self.key: Any
        match self.kind:
            case "ES256":
                self.key = ec.generate_private_key(ec.SECP256R1())
            case "EdDSA":
                self.key = ed25519.Ed25519PrivateKey.generate()
            case _:
                self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @property
    def cose(self) -> dict[int, Any]:
        public = self.key.public_key()
        if self.kind == "ES256":
            point = public.public_numbers()
            return {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)}
        if self.kind == "EdDSA":
            return {1: 1, 3: -8, -1: 6, -2: public.public_bytes_raw()}
        numbers = public.public_numbers()
        return {1: 3, 3: -257, -1: numbers.n.to_bytes(256), -2: numbers.e.to_bytes(3)}

    def _data(self, *, attested: bool) -> bytes:
        if self.counts:
            self.sign_count += 1
        flags = self.present | self.verified << 2 | self.eligible << 3 | self.backed_up << 4 | attested << 6
        data = sha256(self.site_id.encode()).digest() + bytes([flags]) + self.sign_count.to_bytes(4)
        if attested:
            data += bytes(16) + len(self.credential_id).to_bytes(2) + self.credential_id + cbor(self.cose)
        return data

    def _client_data(self, kind: str, challenge: bytes) -> bytes:
        said = {"type": kind, "challenge": b64(challenge), "origin": self.origin, "crossOrigin": self.cross_origin}
        return json.dumps(said).encode()

    def make(self, challenge: bytes, **changes: Any) -> str:
        """The answer to a registration."""
        attestation = {"fmt": "none", "attStmt": {}, "authData": self._data(attested=True)}
        response = {
            "clientDataJSON": b64(self._client_data("webauthn.create", challenge)),
            "attestationObject": b64(cbor(attestation)),
            "transports": list(self.transports),
        }
        return self._answer(response | changes)

    def use(self, challenge: bytes, **changes: Any) -> str:
        """The answer to a question who it is."""
        data, said = self._data(attested=False), self._client_data("webauthn.get", challenge)
        response = {
            "clientDataJSON": b64(said),
            "authenticatorData": b64(data),
            "signature": b64(self.sign(data + sha256(said).digest())),
            "userHandle": b64(self.user_handle),
        }
        return self._answer(response | changes)

    def sign(self, octets: bytes) -> bytes:
        match self.key:
            case ec.EllipticCurvePrivateKey():
                return self.key.sign(octets, ec.ECDSA(SHA256()))
            case rsa.RSAPrivateKey():
                return self.key.sign(octets, padding.PKCS1v15(), SHA256())
        signed: bytes = self.key.sign(octets)
        return signed

    def _answer(self, response: dict[str, Any]) -> str:
        name = b64(self.credential_id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})
