"""What the authenticator says of itself (WebAuthn §6.1): whose site, who was there, how often, and a new key."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from otpward.core.formats.webauthn.cbor import BadCbor, read_cbor

CREDENTIAL_LONGEST: Final = 1023
"""WebAuthn §7.1: a longer credential id is refused."""

_FIXED: Final = 37
_PRESENT, _VERIFIED, _ELIGIBLE, _BACKED_UP, _ATTESTED, _EXTENDED = 0x01, 0x04, 0x08, 0x10, 0x40, 0x80


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCredential:
    """A key that was made just now."""

    aaguid: UUID
    credential_id: bytes
    public_key: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticatorData:
    """Its parts. `verified`: the person was asked for a PIN or looked at; `eligible`: the key may be copied elsewhere;
    `backed_up`: it was."""

    site_hash: bytes
    present: bool
    verified: bool
    eligible: bool
    backed_up: bool
    sign_count: int
    made: NewCredential | None


def read_authenticator_data(octets: bytes) -> AuthenticatorData | None:
    """Its parts; None if something is missing, left over or contradicts itself."""
    if len(octets) < _FIXED:
        return None
    flags, at = octets[32], _FIXED
    try:
        made, at = _credential(octets, at) if flags & _ATTESTED else (None, at)
        if flags & _EXTENDED:
            extensions, at = read_cbor(octets, at)
            if not isinstance(extensions, dict):
                return None
    except BadCbor:
        return None
    if at != len(octets) or (flags & _BACKED_UP and not flags & _ELIGIBLE):
        return None
    return AuthenticatorData(
        site_hash=octets[:32],
        present=bool(flags & _PRESENT),
        verified=bool(flags & _VERIFIED),
        eligible=bool(flags & _ELIGIBLE),
        backed_up=bool(flags & _BACKED_UP),
        sign_count=int.from_bytes(octets[33:_FIXED]),
        made=made,
    )


def _credential(octets: bytes, at: int) -> tuple[NewCredential, int]:
    """WebAuthn §6.5.1: AAGUID, length, id, and a key that ends where its CBOR ends."""
    start = at + 18
    if start > len(octets):
        raise BadCbor("cut short")
    length = int.from_bytes(octets[at + 16 : start])
    name = octets[start : start + length]
    if len(name) != length or not 0 < length <= CREDENTIAL_LONGEST:
        raise BadCbor("a credential id of this length")
    _key, end = read_cbor(octets, start + length)
    made = NewCredential(aaguid=UUID(bytes=octets[at : at + 16]), credential_id=name, public_key=octets[start + length : end])
    return made, end
