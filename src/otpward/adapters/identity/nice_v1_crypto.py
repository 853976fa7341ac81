"""How NICE 본인확인 v1 seals what passes through the browser: keys out of one hash, a MAC, AES-128-CBC (KOREA.md §2.1)."""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from otpward.core.secret import Secret

BLOCK_BITS: Final = 128

CHARSET: Final = "cp949"
"""What NICE means by EUC-KR: strict EUC-KR lacks names like 뷁."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """Good for one transaction: each asks for a crypto token of its own."""

    sealing: Secret
    iv: bytes
    signing: Secret


def derive_keys(*, asked_at: str, request_number: str, token: Secret) -> Keys:
    """Base64 of SHA-256 over all three is 44 characters; key, IV and MAC key are stretches of these, as ASCII."""
    digest = hashlib.sha256(asked_at.encode() + request_number.encode() + token.reveal()).digest()
    text = base64.b64encode(digest)
    return Keys(sealing=Secret(text[:16]), iv=text[-16:], signing=Secret(text[:32]))


def seal(plain: bytes, *, keys: Keys) -> tuple[str, str]:
    """Return `enc_data` and `integrity_value` for the browser to carry."""
    padder = PKCS7(BLOCK_BITS).padder()
    encryptor = Cipher(algorithms.AES(keys.sealing.reveal()), modes.CBC(keys.iv)).encryptor()
    sealed = encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()
    enc_data = base64.b64encode(sealed).decode("ascii")
    return enc_data, _mac(enc_data, keys.signing)


def is_whole(enc_data: str, integrity_value: str, *, key: Secret) -> bool:
    """Whether the MAC over the text of `enc_data` is right, compared in constant time.

    Asked before anything is opened: with CBC the kind of failure would tell an attacker the plain text.
    """
    if not (enc_data.isascii() and integrity_value.isascii()):
        return False
    return hmac.compare_digest(_mac(enc_data, key), integrity_value)


def open_result(enc_data: str, *, keys: Keys) -> bytes | None:
    """What was sealed; None for what does not open."""
    try:
        octets = base64.b64decode(enc_data, validate=True)
        decryptor = Cipher(algorithms.AES(keys.sealing.reveal()), modes.CBC(keys.iv)).decryptor()
        unpadder = PKCS7(BLOCK_BITS).unpadder()
        return unpadder.update(decryptor.update(octets) + decryptor.finalize()) + unpadder.finalize()
    except (binascii.Error, ValueError):
        return None


def _mac(enc_data: str, key: Secret) -> str:
    return base64.b64encode(hmac.digest(key.reveal(), enc_data.encode(), "sha256")).decode("ascii")
