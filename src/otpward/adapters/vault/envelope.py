"""Sealed octets: AES-256-GCM, with the format, the key's number and what it belongs to as associated data (STANDARDS K-02).

1 octet   format, 1
4 octets  number of the data key (0: the master key; 0xFFFFFFFF: a person's own key)
12 octets nonce, random (SP 800-38D: at most 2^32 times a key)
…         ciphertext and tag
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from otpward.core.errors import SealBroken
from otpward.core.secret import Secret
from otpward.ports.vault import About

FORMAT: Final = b"\x01"
MASTER: Final = 0
OWN_KEY: Final = 0xFFFFFFFF
KEY_OCTETS: Final = 32
NONCE_OCTETS: Final = 12
_HEAD_OCTETS: Final = 5


def associated_data(number: int, about: About) -> bytes:
    """What is bound to the ciphertext without being hidden."""
    return FORMAT + number.to_bytes(4) + about.institution_id.bytes + about.row_id.bytes + about.field.encode()


def close_envelope(cipher: AESGCM, number: int, plain: bytes, *, about: About, nonce: bytes) -> bytes:
    """Seal `plain` with this cipher, whose key has this number."""
    return FORMAT + number.to_bytes(4) + nonce + cipher.encrypt(nonce, plain, associated_data(number, about))


def close_envelopes(
    cipher: AESGCM,
    number: int,
    plains: Sequence[bytes],
    *,
    institution_id: UUID,
    row_ids: Sequence[UUID],
    field: str,
    nonces: bytes,
) -> list[bytes]:
    """Seal one field of many rows, each with its twelve octets of `nonces`; what their associated data share is put together
    once."""
    head, encrypt, name = FORMAT + number.to_bytes(4), cipher.encrypt, field.encode()
    owner = head + institution_id.bytes
    drawn = [nonces[start : start + NONCE_OCTETS] for start in range(0, len(nonces), NONCE_OCTETS)]
    return [
        head + nonce + encrypt(nonce, plain, owner + row_id.bytes + name)
        for plain, row_id, nonce in zip(plains, row_ids, drawn, strict=True)
    ]


def key_number(sealed: bytes) -> int:
    """The number of the key that sealed this; raises `SealBroken`."""
    if len(sealed) < _HEAD_OCTETS + NONCE_OCTETS or sealed[:1] != FORMAT:
        raise SealBroken("not a sealed value of a known format")
    return int.from_bytes(sealed[1:_HEAD_OCTETS])


def open_envelope(cipher: AESGCM, sealed: bytes, *, about: About) -> Secret:
    """Open with this cipher; raises `SealBroken`."""
    number = key_number(sealed)
    nonce, body = sealed[_HEAD_OCTETS : _HEAD_OCTETS + NONCE_OCTETS], sealed[_HEAD_OCTETS + NONCE_OCTETS :]
    try:
        return Secret(cipher.decrypt(nonce, body, associated_data(number, about)))
    except InvalidTag:
        raise SealBroken(f"{about.field}: the seal is broken") from None
