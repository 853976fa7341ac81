"""Writes DER (X.690 §8), as far as certificates and keys of the Korean PKI need it beyond what the library writes."""

from collections.abc import Iterator

from otpward.core.formats.der import encode_der


def value(tag: int, *pieces: bytes) -> bytes:
    """A tag, the length, the pieces."""
    return encode_der(tag, b"".join(pieces))


def sequence(*parts: bytes) -> bytes:
    """SEQUENCE."""
    return value(0x30, *parts)


def set_of(*members: bytes) -> bytes:
    """SET OF, in the order that DER wants."""
    return value(0x31, *sorted(members))


def context(number: int, *parts: bytes) -> bytes:
    """[number], constructed."""
    return value(0xA0 + number, *parts)


def integer(number: int) -> bytes:
    """INTEGER, not negative."""
    return value(0x02, number.to_bytes(number.bit_length() // 8 + 1))


def octets(text: bytes) -> bytes:
    """OCTET STRING."""
    return value(0x04, text)


def bits(text: bytes) -> bytes:
    """BIT STRING of whole octets."""
    return value(0x03, b"\0" + text)


def null() -> bytes:
    """NULL."""
    return value(0x05)


def utf8(text: str) -> bytes:
    """UTF8String."""
    return value(0x0C, text.encode())


def printable(text: str) -> bytes:
    """PrintableString."""
    return value(0x13, text.encode("ascii"))


def oid(dotted: str) -> bytes:
    """OBJECT IDENTIFIER."""
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    return value(0x06, *(bytes(_groups(arc)) for arc in (first * 40 + second, *rest)))


def _groups(arc: int) -> Iterator[int]:
    """Seven bits each, the highest first; all but the last are marked."""
    highest = max(0, arc.bit_length() - 1) // 7
    for place in range(highest, -1, -1):
        yield arc >> 7 * place & 0x7F | (0x80 if place else 0)
