"""The block cipher SEED (RFC 4269) in CBC, encryption only: what Korean certificates' keys are kept under.

Not every build of the usual library has it, and a certificate authority of the sandbox needs no speed.
"""

import struct
from collections.abc import Iterator, Sequence
from typing import Final

BLOCK: Final = 16
_WORD: Final = 0xFFFFFFFF


def _substitution(power: int, columns: Sequence[int], constant: int) -> list[int]:
    """An S-box: a power in GF(2^8) mod x^8+x^6+x^5+x+1 behind an affine map (RFC 4269 §2.2)."""

    def times(a: int, b: int) -> int:
        product = 0
        while b:
            product ^= a if b & 1 else 0
            a, b = (a << 1) ^ (0x163 if a & 0x80 else 0), b >> 1
        return product

    box = []
    for x in range(256):
        y = 1
        for _ in range(power):
            y = times(y, x)
        value = constant
        for bit, column in enumerate(columns):
            value ^= column if y >> bit & 1 else 0
        box.append(value)
    return box


_S1: Final = _substitution(247, (0x2C, 0xD0, 0x69, 0xC2, 0x41, 0x44, 0x58, 0xE2), 0xA9)
_S2: Final = _substitution(251, (0xD0, 0x2A, 0xE1, 0x2C, 0x21, 0x30, 0xA2, 0x6C), 0x38)
_MASKS: Final = (0xFC, 0xF3, 0xCF, 0x3F)


def _g(x: int) -> int:
    """The function G (RFC 4269 §2.2)."""
    y = (_S1[x & 255], _S2[x >> 8 & 255], _S1[x >> 16 & 255], _S2[x >> 24])
    z = [
        y[0] & _MASKS[i % 4] ^ y[1] & _MASKS[(i + 1) % 4] ^ y[2] & _MASKS[(i + 2) % 4] ^ y[3] & _MASKS[(i + 3) % 4]
        for i in range(4)
    ]
    return z[3] << 24 | z[2] << 16 | z[1] << 8 | z[0]


def _round_keys(key: bytes) -> Iterator[tuple[int, int]]:
    """The sixteen pairs of the key schedule (RFC 4269 §2.3)."""
    a, b, c, d = struct.unpack(">4I", key)
    constant = 0x9E3779B9
    for number in range(16):
        yield _g((a + c - constant) & _WORD), _g((b - d + constant) & _WORD)
        if number % 2:
            c, d = (c << 8 | d >> 24) & _WORD, (d << 8 | c >> 24) & _WORD
        else:
            a, b = a >> 8 | b << 24 & _WORD, b >> 8 | a << 24 & _WORD
        constant = (constant << 1 | constant >> 31) & _WORD


def encrypt_block(key: bytes, block: bytes) -> bytes:
    """One block of sixteen octets under a key of sixteen."""
    left, right = struct.unpack(">2I", block[:8]), struct.unpack(">2I", block[8:])
    for k0, k1 in _round_keys(key):
        t0 = right[0] ^ k0
        t1 = _g(right[1] ^ k1 ^ t0)
        t0 = _g((t0 + t1) & _WORD)
        t1 = _g((t1 + t0) & _WORD)
        t0 = (t0 + t1) & _WORD
        left, right = right, (left[0] ^ t0, left[1] ^ t1)
    return struct.pack(">4I", *right, *left)


def encrypt_cbc(key: bytes, iv: bytes, plain: bytes) -> bytes:
    """Padded as RFC 5652 §6.3 says, block after block."""
    padding = BLOCK - len(plain) % BLOCK
    plain += bytes([padding]) * padding
    sealed = bytearray()
    for start in range(0, len(plain), BLOCK):
        mixed = bytes(a ^ b for a, b in zip(plain[start : start + BLOCK], iv, strict=True))
        iv = encrypt_block(key, mixed)
        sealed += iv
    return bytes(sealed)
