"""How NICE 통합인증 v2 seals its result: two keys out of one ticket, a MAC over the text, AES-256-GCM (KOREA.md §2.2)."""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from otpward.core.secret import Secret

IV_OCTETS: Final = 16
TAG_OCTETS: Final = 16
DERIVED_OCTETS: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """Good for one transaction: the ticket comes with our access token, the salt is the transaction's number."""

    sealing: Secret
    signing: Secret


def derive_keys(*, ticket: Secret, transaction_id: str, iterations: int) -> Keys:
    """PBKDF2-HMAC-SHA256 to 64 octets, written as 86 characters; the keys are two stretches of these, as ASCII."""
    derived = hashlib.pbkdf2_hmac("sha256", ticket.reveal(), transaction_id.encode(), iterations, DERIVED_OCTETS)
    text = base64.urlsafe_b64encode(derived).rstrip(b"=")
    return Keys(sealing=Secret(text[0:32]), signing=Secret(text[48:80]))


def is_whole(enc_data: str, integrity_value: str, *, key: Secret) -> bool:
    """Whether the MAC over the text of `enc_data` is right, compared in constant time."""
    if not (enc_data.isascii() and integrity_value.isascii()):
        return False
    expected = base64.urlsafe_b64encode(hmac.digest(key.reveal(), enc_data.encode(), "sha256")).rstrip(b"=")
    return hmac.compare_digest(expected, integrity_value.encode().rstrip(b"="))


def open_result(enc_data: str, *, key: Secret) -> bytes | None:
    """What was sealed: IV, cipher text and tag in base64url; None for what does not open."""
    try:
        octets = base64.b64decode(enc_data.rstrip("=") + "=" * (-len(enc_data.rstrip("=")) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(octets) < IV_OCTETS + TAG_OCTETS:
        return None
    try:
        return AESGCM(key.reveal()).decrypt(octets[:IV_OCTETS], octets[IV_OCTETS:], None)
    except InvalidTag:
        return None
