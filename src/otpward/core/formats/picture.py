"""What a file is, by its own octets and never by its name: JPEG, PNG, WebP or PDF, its size in pixels, or why it is none.

Only the head is looked at, so that nothing is unpacked before it is known how much there would be. Sizes: ITU-T T.81 B.2.2
(JPEG), RFC 2083 §4.1.1 (PNG), RFC 9649 (WebP).
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from otpward.core.model.document import Flaw

OCTETS: Final = 10 * 1024 * 1024
"""No larger file is taken: a telephone's photograph has three to eight million octets."""
PIXELS: Final = 40_000_000
"""No larger picture is opened: 40 megapixels are 120 MB once unpacked."""
SHORTEST_SIDE: Final = 240
"""On a smaller picture nobody reads a card."""

_FRAMES: Final = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_BARE: Final = frozenset({0x01, *range(0xD0, 0xD8)})
_MARKUP: Final = re.compile(rb"<(?:!doctype\s+html|html|script|svg|body|iframe|\?php)[\s>]", re.IGNORECASE)
_HEAD: Final = 4096
_ZIP_END: Final = b"PK\x05\x06"
_ZIP_TAIL: Final = 66_000
_PHONE_BRANDS: Final = frozenset({b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"})
_ARCHIVES: Final = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")


class Kind(StrEnum):
    """What is taken."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    PDF = "pdf"


@dataclass(frozen=True, slots=True)
class Sighted:
    """A file that may be opened. A PDF has no size of its own."""

    kind: Kind
    width: int = 0
    height: int = 0


def sight(octets: bytes) -> Sighted | Flaw:
    """What the file is, or the first thing that is wrong with it."""
    if not octets:
        return Flaw.EMPTY
    if len(octets) > OCTETS:
        return Flaw.TOO_BIG
    kind = _kind(octets)
    if isinstance(kind, Flaw):
        return kind
    if _is_something_else_too(octets, kind):
        return Flaw.TWO_KINDS
    if kind is Kind.PDF:
        return Sighted(kind)
    size = _SIZES[kind](octets)
    if size is None:
        return Flaw.UNREADABLE
    width, height = size
    if width * height > PIXELS:
        return Flaw.TOO_MANY_PIXELS
    if min(width, height) < SHORTEST_SIDE:
        return Flaw.TOO_SMALL
    return Sighted(kind, width, height)


def _kind(octets: bytes) -> Kind | Flaw:
    if octets.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if octets.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if octets[:4] == b"RIFF" and octets[8:12] == b"WEBP":
        return Kind.WEBP
    if octets.startswith(b"%PDF-"):
        return Kind.PDF
    if octets[4:8] == b"ftyp" and octets[8:12] in _PHONE_BRANDS:
        return Flaw.PHONE_FORMAT
    if octets.startswith(_ARCHIVES):
        return Flaw.ARCHIVE
    if re.search(rb"<svg[\s>]", octets[:_HEAD], re.IGNORECASE):
        return Flaw.DRAWING
    return Flaw.TYPE


def _is_something_else_too(octets: bytes, kind: Kind) -> bool:
    """Whether the same octets open as a page or an archive: made on purpose, and never by a camera."""
    if _ZIP_END in octets[-_ZIP_TAIL:]:
        return True
    if kind is Kind.PDF:
        return False
    return b"%PDF-" in octets[:1024] or bool(_MARKUP.search(octets[:_HEAD]) or _MARKUP.search(octets[-_HEAD:]))


def _jpeg_size(octets: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 4 <= len(octets) and octets[at] == 0xFF:
        marker = octets[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker in _BARE:
            at += 2
            continue
        length = int.from_bytes(octets[at + 2 : at + 4])
        if marker in _FRAMES and at + 9 <= len(octets):
            return int.from_bytes(octets[at + 7 : at + 9]), int.from_bytes(octets[at + 5 : at + 7])
        if marker in {0xDA, 0xD9} or length < 2:
            return None
        at += 2 + length
    return None


def _png_size(octets: bytes) -> tuple[int, int] | None:
    if octets[12:16] != b"IHDR" or len(octets) < 33:
        return None
    return int.from_bytes(octets[16:20]), int.from_bytes(octets[20:24])


def _webp_size(octets: bytes) -> tuple[int, int] | None:
    if len(octets) < 30:
        return None
    match octets[12:16]:
        case b"VP8X":
            return int.from_bytes(octets[24:27], "little") + 1, int.from_bytes(octets[27:30], "little") + 1
        case b"VP8L":
            bits = int.from_bytes(octets[21:25], "little")
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            return int.from_bytes(octets[26:28], "little") & 0x3FFF, int.from_bytes(octets[28:30], "little") & 0x3FFF
    return None


_SIZES: Final = {Kind.JPEG: _jpeg_size, Kind.PNG: _png_size, Kind.WEBP: _webp_size}
