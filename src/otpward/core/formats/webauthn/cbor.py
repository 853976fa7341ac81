"""CBOR as authenticators write it (CTAP 2.2 §8, RFC 8949 §4.2): whole numbers, octets, text, lists, maps and three words;
nothing indefinite, nothing deep, nothing twice. Tags and floating-point numbers do not occur there and are refused."""

from typing import Any, Final

_DEEPEST: Final = 4
"""CTAP 2.2 §8: at most four levels."""
_MOST: Final = 256
_WORDS: Final = {20: False, 21: True, 22: None}
_ONE_OCTET, _EIGHT_OCTETS = 24, 27


class BadCbor(ValueError):
    """The octets are not CBOR of this kind."""


def read_cbor(octets: bytes, at: int = 0) -> tuple[Any, int]:
    """The value that begins there, and where it ends.

    Raises:
        BadCbor: it is cut short, or not of this kind.
    """
    return _value(octets, at, 0)


def _value(octets: bytes, at: int, depth: int) -> tuple[Any, int]:
    if depth > _DEEPEST:
        raise BadCbor("too deep")
    kind, number, at = _head(octets, at)
    match kind:
        case 0:
            return number, at
        case 1:
            return -1 - number, at
        case 2 | 3:
            return _string(octets, at, number, text=kind == 3)
        case 4:
            return _list(octets, at, number, depth)
        case 5:
            return _map(octets, at, number, depth)
        case 7 if number in _WORDS:
            return _WORDS[number], at
    raise BadCbor("a kind of value that does not occur here")


def _head(octets: bytes, at: int) -> tuple[int, int, int]:
    if at >= len(octets):
        raise BadCbor("cut short")
    kind, number = octets[at] >> 5, octets[at] & 31
    at += 1
    if number < _ONE_OCTET:
        return kind, number, at
    if number > _EIGHT_OCTETS or kind == 7:
        raise BadCbor("indefinite, reserved or floating")
    size = 1 << (number - _ONE_OCTET)
    if at + size > len(octets):
        raise BadCbor("cut short")
    return kind, int.from_bytes(octets[at : at + size]), at + size


def _string(octets: bytes, at: int, length: int, *, text: bool) -> tuple[Any, int]:
    if at + length > len(octets):
        raise BadCbor("cut short")
    part = octets[at : at + length]
    try:
        return (part.decode() if text else part), at + length
    except UnicodeDecodeError:
        raise BadCbor("not UTF-8") from None


def _list(octets: bytes, at: int, length: int, depth: int) -> tuple[list[Any], int]:
    if length > _MOST:
        raise BadCbor("too long")
    values = []
    for _ in range(length):
        value, at = _value(octets, at, depth + 1)
        values.append(value)
    return values, at


def _map(octets: bytes, at: int, length: int, depth: int) -> tuple[dict[Any, Any], int]:
    if length > _MOST:
        raise BadCbor("too long")
    pairs: dict[Any, Any] = {}
    for _ in range(length):
        key, at = _value(octets, at, depth + 1)
        if not isinstance(key, int | str) or key in pairs:
            raise BadCbor("a key twice, or of a kind that does not occur here")
        pairs[key], at = _value(octets, at, depth + 1)
    return pairs, at
