"""Is this an OpenPGP message, and what opens it? Read from its first octets (RFC 9580 §4.2, §6.2); it is opened elsewhere."""

import base64
import binascii
from enum import StrEnum
from typing import Final

ARMOURED: Final = b"-----BEGIN PGP MESSAGE-----"
SIGNED_TEXT: Final = b"-----BEGIN PGP SIGNED MESSAGE-----"
KEY_BLOCK: Final = b"-----BEGIN PGP PRIVATE KEY BLOCK-----"
_FOR_SOMEBODY: Final = frozenset({0x84, 0x85, 0x86, 0xC1})
_FOR_A_PASSWORD: Final = frozenset({0x8C, 0x8D, 0xC3})
_COMPRESSED: Final = 0xA3
_OPEN: Final = frozenset({_COMPRESSED, 0xC8, 0x90, 0xC4})
"""Compressed, or with a signature to come (RFC 9580 §5.6, §5.4)."""
_VERSIONS: Final = frozenset({1, 2, 3, 4, 5, 6})
"""Of a packet, or of a compression: it stands behind the packet's length, which has one or two octets, or none."""
_LINE_OCTETS: Final = 64


class Wrapping(StrEnum):
    """What opens a message: a private key, a password, or nothing at all (it is only compressed, perhaps signed)."""

    PRIVATE_KEY = "private_key"
    PASSWORD = "password"
    NOTHING = "nothing"


def wrapping_of(head: bytes) -> Wrapping | None:
    """What opens the message that begins like this; None where it is no OpenPGP message."""
    start = head.lstrip()
    if start.startswith(ARMOURED):
        return _of_tag(_armoured(start)) or Wrapping.PASSWORD
    places = (1,) if head[:1] == bytes([_COMPRESSED]) else (2, 3)
    if len(head) < 8 or head[:64].isascii() or not any(head[place] in _VERSIONS for place in places):
        return None
    return _of_tag(head)


def is_private_key(octets: bytes) -> bool:
    """Whether this is an OpenPGP private key, armoured or not; a key in PEM is none."""
    start = octets.lstrip()
    return start.startswith(KEY_BLOCK) or (not start.startswith(b"-----BEGIN") and octets[:1] in (b"\x94", b"\x95", b"\xc5"))


def _of_tag(octets: bytes) -> Wrapping | None:
    tag = octets[0] if octets else 0
    if tag in _FOR_SOMEBODY:
        return Wrapping.PRIVATE_KEY
    if tag in _FOR_A_PASSWORD:
        return Wrapping.PASSWORD
    return Wrapping.NOTHING if tag in _OPEN else None


def _armoured(start: bytes) -> bytes:
    """The first octets behind the headers of the armour, which end with an empty line."""
    lines = start[:4096].replace(b"\r\n", b"\n").split(b"\n")
    for place, line in enumerate(lines[1:], start=1):
        if not line.strip():
            first = b"".join(lines[place + 1 : place + 2])[:_LINE_OCTETS]
            try:
                return base64.b64decode(first[: len(first) // 4 * 4])
            except binascii.Error:
                return b""
    return b""
