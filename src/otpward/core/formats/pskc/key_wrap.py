"""The key wrap of RFC 3394 with any cipher of 16-octet blocks: RFC 3657 §3 takes Camellia, for which no library has it."""

from collections.abc import Callable
from hmac import compare_digest
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers import Cipher, modes

_CHECK: Final = bytes.fromhex("a6a6a6a6a6a6a6a6")  # RFC 3394 §2.2.3.1
_HALF: Final = 8
_ROUNDS: Final = 6
_SEALED_MAX: Final = 4096
"""A seed has at most 256 octets; each eight of them take six decryptions."""


def unwrap(cipher: Callable[[bytes], Any], key: bytes, sealed: bytes) -> bytes | None:
    """The octets inside (RFC 3394 §2.2.2), or None where the key does not fit or they were changed."""
    if len(sealed) % _HALF or not 3 * _HALF <= len(sealed) <= _SEALED_MAX:
        return None
    opener = Cipher(cipher(key), modes.ECB()).decryptor()  # noqa: S305 -- block by block, as the RFC says
    check, *halves = (sealed[place : place + _HALF] for place in range(0, len(sealed), _HALF))
    step = _ROUNDS * len(halves)
    for _ in range(_ROUNDS):
        for place in reversed(range(len(halves))):
            turned = (int.from_bytes(check) ^ step).to_bytes(_HALF)
            block = opener.update(turned + halves[place])
            check, halves[place] = block[:_HALF], block[_HALF:]
            step -= 1
    return b"".join(halves) if compare_digest(check, _CHECK) else None
