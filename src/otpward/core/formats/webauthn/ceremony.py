"""The two ceremonies (WebAuthn §7.1, §7.2): a browser's answer is read, and then held against what was asked.

Whoever calls this decides on what is left: whether the challenge was ours and is unspent, whose the credential is, and what
its counter says.
"""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from hmac import compare_digest
from typing import Final
from uuid import UUID

import msgspec

from otpward.core.formats.jws import unpack
from otpward.core.formats.webauthn.authenticator_data import (
    CREDENTIAL_LONGEST,
    AuthenticatorData,
    read_authenticator_data,
)
from otpward.core.formats.webauthn.cbor import BadCbor, read_cbor
from otpward.core.formats.webauthn.public_key import is_signed, read_public_key

ANSWER_LONGEST: Final = 48 * 1024
TRANSPORTS: Final = frozenset({"usb", "nfc", "ble", "smart-card", "hybrid", "internal"})
_CREATE, _GET = "webauthn.create", "webauthn.get"


class Flaw(StrEnum):
    """Why an answer is not taken."""

    MALFORMED = "malformed"
    OTHER_CEREMONY = "other_ceremony"
    OTHER_CHALLENGE = "other_challenge"
    OTHER_ORIGIN = "other_origin"
    FRAMED = "framed"
    OTHER_SITE = "other_site"
    NOT_PRESENT = "not_present"
    NOT_VERIFIED = "not_verified"
    ALGORITHM = "algorithm"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Whose passkeys these are: the relying party id, and the one origin it is asked at."""

    id: str
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a browser sent, taken apart and not yet believed. `made` is the attestation object of a new passkey, or empty."""

    credential_id: bytes
    client_data: bytes
    challenge: bytes
    authenticator_data: bytes
    signature: bytes
    user_handle: bytes
    made: bytes
    transports: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A new passkey, as it is to be kept."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    aaguid: UUID
    eligible: bool
    backed_up: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """A passkey was used; its counter and flags as they are now."""

    sign_count: int
    eligible: bool
    backed_up: bool


class _Response(msgspec.Struct):
    clientDataJSON: str
    attestationObject: str = ""
    authenticatorData: str = ""
    signature: str = ""
    userHandle: str | None = None
    transports: list[str] = []


class _Credential(msgspec.Struct):
    id: str
    type: str
    response: _Response


class _ClientData(msgspec.Struct):
    type: str
    challenge: str
    origin: str
    crossOrigin: bool = False
    topOrigin: str | None = None


def read_answer(text: str) -> Answer | None:
    """The parts of a browser's answer (WebAuthn §5.1.8, the JSON form); None if it is not one."""
    if len(text) > ANSWER_LONGEST:
        return None
    try:
        sent = msgspec.json.decode(text, type=_Credential)
        said = sent.response
        client_data = _octets(said.clientDataJSON)
        answer = Answer(
            credential_id=_octets(sent.id),
            client_data=client_data,
            challenge=_octets(msgspec.json.decode(client_data, type=_ClientData).challenge),
            authenticator_data=_octets(said.authenticatorData),
            signature=_octets(said.signature),
            user_handle=_octets(said.userHandle or ""),
            made=_octets(said.attestationObject),
            transports=TRANSPORTS.intersection(said.transports),
        )
    except (msgspec.DecodeError, ValueError):
        return None
    fits = sent.type == "public-key" and 0 < len(answer.credential_id) <= CREDENTIAL_LONGEST
    return answer if fits else None


def check_made(answer: Answer, challenge: bytes, site: Site) -> Made | Flaw:
    """A new passkey, if it was made here, by a person who was asked who they are (WebAuthn §7.1). Who built the authenticator
    is not asked (attestation `none`), so a statement about it is not looked at."""
    flaw = _flaw_of_client_data(answer, _CREATE, challenge, site)
    if flaw is not None:
        return flaw
    try:
        attestation, end = read_cbor(answer.made)
    except BadCbor:
        return Flaw.MALFORMED
    octets = attestation.get("authData") if isinstance(attestation, dict) and end == len(answer.made) else None
    data = read_authenticator_data(octets) if isinstance(octets, bytes) else None
    if data is None or data.made is None or data.made.credential_id != answer.credential_id:
        return Flaw.MALFORMED
    flaw = _flaw_of_data(data, site)
    if flaw is not None:
        return flaw
    if read_public_key(data.made.public_key) is None:
        return Flaw.ALGORITHM
    return Made(
        credential_id=data.made.credential_id,
        public_key=data.made.public_key,
        sign_count=data.sign_count,
        aaguid=data.made.aaguid,
        eligible=data.eligible,
        backed_up=data.backed_up,
    )


def check_used(answer: Answer, challenge: bytes, site: Site, public_key: bytes) -> Used | Flaw:
    """The use of a passkey, if its key signed our challenge here and its holder was asked who they are (WebAuthn §7.2)."""
    flaw = _flaw_of_client_data(answer, _GET, challenge, site)
    if flaw is not None:
        return flaw
    data, key = read_authenticator_data(answer.authenticator_data), read_public_key(public_key)
    if data is None or data.made is not None:
        return Flaw.MALFORMED
    flaw = _flaw_of_data(data, site)
    if flaw is not None:
        return flaw
    if key is None or not is_signed(answer.authenticator_data + sha256(answer.client_data).digest(), answer.signature, key):
        return Flaw.SIGNATURE
    return Used(sign_count=data.sign_count, eligible=data.eligible, backed_up=data.backed_up)


def _flaw_of_client_data(answer: Answer, kind: str, challenge: bytes, site: Site) -> Flaw | None:
    said = msgspec.json.decode(answer.client_data, type=_ClientData)
    if said.type != kind:
        return Flaw.OTHER_CEREMONY
    if not compare_digest(answer.challenge, challenge):
        return Flaw.OTHER_CHALLENGE
    if said.origin != site.origin:
        return Flaw.OTHER_ORIGIN
    return Flaw.FRAMED if said.crossOrigin or said.topOrigin else None


def _flaw_of_data(data: AuthenticatorData, site: Site) -> Flaw | None:
    if not compare_digest(data.site_hash, sha256(site.id.encode()).digest()):
        return Flaw.OTHER_SITE
    if not data.present:
        return Flaw.NOT_PRESENT
    return None if data.verified else Flaw.NOT_VERIFIED


def _octets(text: str) -> bytes:
    octets = unpack(text)
    if octets is None:
        raise ValueError("not base64url")
    return octets
