"""DER (X.690 §8, §10), read strictly: one octet for the tag, definite and shortest lengths, nothing after the end.

The reader looks no deeper than it is asked to, so a hostile nesting costs what its first octets cost. Everything that is not
DER is `NotDer`, and nothing else is ever raised.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from itertools import pairwise
from typing import ClassVar, Final

from otpward.core.errors import Invalid

DEPTH_MAX: Final = 16
"""Levels. The deepest thing we read, a VID in a certificate, lies eight deep."""

CHILDREN_MAX: Final = 128
INTEGER_MAX: Final = 33
"""Octets. Serial numbers have at most 20 (RFC 5280 §4.1.2.2); some makers count the sign on top of 32."""

_UTC_TIME: Final = re.compile(rb"[0-9]{12}Z")
_GENERALIZED_TIME: Final = re.compile(rb"[0-9]{14}Z")
_PIVOT: Final = 50
"""Years below it are of this century (RFC 5652 §11.3)."""


class Tag(IntEnum):
    """Identifier octets, with the bit for "constructed" in them."""

    BOOLEAN = 0x01
    INTEGER = 0x02
    BIT_STRING = 0x03
    OCTET_STRING = 0x04
    NULL = 0x05
    OID = 0x06
    UTF8 = 0x0C
    PRINTABLE = 0x13
    UTC_TIME = 0x17
    GENERALIZED_TIME = 0x18
    SEQUENCE = 0x30
    SET = 0x31
    CONTEXT_0 = 0xA0
    CONTEXT_1 = 0xA1


class NotDer(Invalid):
    """The octets are not DER, or not of the kind that belongs here."""

    code: ClassVar[str] = "not_der"


@dataclass(frozen=True, slots=True)
class Element:
    """One value: its identifier octet, what is in it, and all its octets."""

    tag: int
    content: bytes
    whole: bytes
    depth: int = 0

    def parts(self, tag: int) -> tuple["Element", ...]:
        """The elements in it; it must be a `tag`, which must be a constructed one."""
        if self.tag != tag or not tag & 0x20:
            raise NotDer(f"tag {tag:#04x} is due, not {self.tag:#04x}")
        if self.depth >= DEPTH_MAX:
            raise NotDer("nested too deeply")
        found: list[Element] = []
        start = 0
        while start < len(self.content):
            if len(found) == CHILDREN_MAX:
                raise NotDer("too many elements")
            element = _element(self.content, start, self.depth + 1)
            found.append(element)
            start += len(element.whole)
        return tuple(found)

    def sequence(self) -> "Fields":
        """What a SEQUENCE holds, to be taken in turn."""
        return Fields(self.parts(Tag.SEQUENCE))

    def set_of(self, tag: int = Tag.SET) -> tuple["Element", ...]:
        """What a SET OF holds, in the one order that DER allows (X.690 §11.6)."""
        found = self.parts(tag)
        if any(one.whole >= other.whole for one, other in pairwise(found)):
            raise NotDer("a set is out of order")
        return found

    def inner(self, tag: int) -> "Element":
        """The one element under an explicit tag."""
        found = self.parts(tag)
        if len(found) != 1:
            raise NotDer("an explicit tag holds one element")
        return found[0]

    def primitive(self, tag: int) -> bytes:
        """What is in a primitive `tag`."""
        if self.tag != tag:
            raise NotDer(f"tag {tag:#04x} is due, not {self.tag:#04x}")
        return self.content

    def octets(self) -> bytes:
        """An OCTET STRING."""
        return self.primitive(Tag.OCTET_STRING)

    def integer(self) -> int:
        """An INTEGER in its shortest form (X.690 §8.3)."""
        octets = self.primitive(Tag.INTEGER)
        if not octets or len(octets) > INTEGER_MAX:
            raise NotDer("an integer of no length, or far too long")
        if len(octets) > 1 and ((octets[0] == 0 and octets[1] < 0x80) or (octets[0] == 0xFF and octets[1] >= 0x80)):
            raise NotDer("an integer longer than need be")
        return int.from_bytes(octets, signed=True)

    def oid(self) -> str:
        """An OBJECT IDENTIFIER in dots (X.690 §8.19)."""
        octets = self.primitive(Tag.OID)
        if not octets or octets[-1] & 0x80 or len(octets) > 64:
            raise NotDer("an object identifier that does not end")
        arcs: list[int] = []
        arc, begun = 0, False
        for octet in octets:
            if not begun and octet == 0x80:
                raise NotDer("an arc longer than need be")
            arc, begun = arc << 7 | octet & 0x7F, bool(octet & 0x80)
            if not begun:
                arcs.append(arc)
                arc = 0
        first = min(arcs[0] // 40, 2)
        return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))

    def text(self) -> str:
        """A UTF8String."""
        try:
            return self.primitive(Tag.UTF8).decode("utf-8")
        except UnicodeDecodeError:
            raise NotDer("a text that is not UTF-8") from None

    def moment(self) -> datetime:
        """A UTCTime or GeneralizedTime to the second, in UTC (RFC 5652 §11.3)."""
        digits = self.content[:-1]
        if self.tag == Tag.UTC_TIME and _UTC_TIME.fullmatch(self.content):
            digits = (b"20" if int(digits[:2]) < _PIVOT else b"19") + digits
        elif self.tag != Tag.GENERALIZED_TIME or not _GENERALIZED_TIME.fullmatch(self.content):
            raise NotDer("not a time")
        try:
            return datetime.strptime(digits.decode("ascii"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        except ValueError:
            raise NotDer("not a time that there is") from None


class Fields:
    """The elements of a SEQUENCE, taken one after the other."""

    __slots__ = ("_at", "_elements")

    def __init__(self, elements: Sequence[Element]) -> None:
        self._elements = elements
        self._at = 0

    def take(self) -> Element:
        """The next one, which must be there."""
        if self._at == len(self._elements):
            raise NotDer("a sequence is too short")
        self._at += 1
        return self._elements[self._at - 1]

    def take_if(self, tag: int) -> Element | None:
        """The next one, if it is a `tag`."""
        if self._at == len(self._elements) or self._elements[self._at].tag != tag:
            return None
        return self.take()

    def end(self) -> None:
        """There must be no more."""
        if self._at != len(self._elements):
            raise NotDer("a sequence is too long")


def read_der(data: bytes, *, octets_max: int) -> Element:
    """The one element that `data` is.

    Raises:
        NotDer: it is not, is larger than `octets_max`, or something follows.
    """
    if len(data) > octets_max:
        raise NotDer("too large")
    element = _element(data, 0, 0)
    if len(element.whole) != len(data):
        raise NotDer("something follows the end")
    return element


def encode_der(tag: int, content: bytes) -> bytes:
    """One element, with the shortest length."""
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes((tag, 0x80 | len(length))) + length + content


def _element(data: bytes, start: int, depth: int) -> Element:
    if len(data) - start < 2:
        raise NotDer("cut short")
    tag, size, at = data[start], data[start + 1], start + 2
    if tag & 0x1F == 0x1F or tag == 0:
        raise NotDer("a tag that nothing here has")
    if size == 0x80:
        raise NotDer("an indefinite length")
    if size > 0x80:
        count = size & 0x7F
        if count > 4 or len(data) - at < count:
            raise NotDer("a length that cannot be")
        size = int.from_bytes(data[at : at + count])
        if data[at] == 0 or size < 0x80:
            raise NotDer("a length longer than need be")
        at += count
    if len(data) - at < size:
        raise NotDer("cut short")
    return Element(tag, data[at : at + size], data[start : at + size], depth)
