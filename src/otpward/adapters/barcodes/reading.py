"""A process for one photograph: it comes in on standard input, what its codes say goes out, and the process ends.

Closed in like the one that opens papers: no file, no process, a bounded memory, a few seconds. The picture is read small first,
which is quick and blurs the noise away, then at its own size for a code that is a small part of it.
"""

import sys
from collections.abc import Collection, Iterator
from io import BytesIO
from typing import Any, Final

import zxingcpp
from PIL import Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from otpward.adapters.documents.frames import put, take
from otpward.adapters.documents.limits import allow_cpu, confine
from otpward.core.formats.picture import OCTETS, PIXELS, Kind, Sighted, sight
from otpward.core.model.document import Flaw
from otpward.core.model.scanned import LONGEST, Symbology

_KINDS: Final = {
    Symbology.CODE_128: zxingcpp.BarcodeFormat.Code128,
    Symbology.CODE_39: zxingcpp.BarcodeFormat.Code39,
    Symbology.QR_CODE: zxingcpp.BarcodeFormat.QRCode,
    Symbology.DATA_MATRIX: zxingcpp.BarcodeFormat.DataMatrix,
    Symbology.EAN_13: zxingcpp.BarcodeFormat.EAN13,
}
_DECODERS: Final = (JpegImagePlugin, PngImagePlugin, WebPImagePlugin)
_SIDES: Final = (1600, 3200, 8000)
"""One after the other, until a code is found: the long side in pixels."""
_MOST: Final = 8
_MEMORY_MIB: Final = 700
_CPU_S: Final = 10


def texts(octets: bytes, kinds: Collection[Symbology]) -> list[str] | Flaw:
    """What the codes of these kinds say, each once; none is no fault of the file."""
    sighted = sight(octets)
    if isinstance(sighted, Flaw) or sighted.kind is Kind.PDF:
        return sighted if isinstance(sighted, Flaw) else Flaw.TYPE
    wanted = zxingcpp.BarcodeFormats([_KINDS[kind] for kind in kinds])
    try:
        for picture in _looks(octets, sighted):
            found = zxingcpp.read_barcodes(picture, formats=wanted, text_mode=zxingcpp.TextMode.Plain)
            said = list(dict.fromkeys(one.text for one in found if one.valid and one.text and len(one.text) <= LONGEST))
            if said:
                return said[:_MOST]
    except (OSError, SyntaxError, ValueError, KeyError, IndexError, EOFError, Image.DecompressionBombError):
        return Flaw.UNREADABLE
    return []


def _looks(octets: bytes, sighted: Sighted) -> Iterator[Image.Image]:
    """The picture in grey, small to large, each size once."""
    seen = 0
    for side in _SIDES:
        with Image.open(BytesIO(octets), formats=(sighted.kind.upper(),)) as picture:
            # The decoder must see what the head said: a file made for two readings ends here.
            if picture.size != (sighted.width, sighted.height):
                raise ValueError("two sizes")
            scale = min(1.0, side / max(picture.size))
            size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
            if max(size) == seen:
                return
            seen = max(size)
            if sighted.kind is Kind.JPEG:
                picture.draft("L", size)
            grey = _grey(picture)
            yield grey if grey.size == size else grey.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)


def _grey(picture: Image.Image) -> Image.Image:
    """On white where it lets something through."""
    if "A" in picture.getbands() or "transparency" in picture.info:
        through = picture.convert("LA")
        white = Image.new("L", through.size, 255)
        white.paste(through.getchannel("L"), mask=through.getchannel("A"))
        return white
    return picture.convert("L")


def main() -> None:
    """Read what comes in on standard input."""
    Image.MAX_IMAGE_PIXELS = PIXELS
    # Later nothing can be imported any more.
    Image.preinit()
    confine(memory_mib=_MEMORY_MIB)
    allow_cpu(_CPU_S)
    head, octets = take(sys.stdin.buffer)
    answer: dict[str, Any]
    try:
        read = texts(octets[: OCTETS + 1], [Symbology(kind) for kind in head["kinds"]])
        answer = {"flaw": read} if isinstance(read, Flaw) else {"texts": read}
    except MemoryError:
        answer = {"flaw": Flaw.TOO_HEAVY}
    put(sys.stdout.buffer, answer)


if __name__ == "__main__":
    main()
