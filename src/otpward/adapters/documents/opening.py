"""A process for one file: it comes in on standard input, its pages go out as bare pixels, and the process ends.

Decoders are where files strike. Here there is nothing to win: no file can be opened, no process started, no paper of another
member is near, and memory and time are short. Metadata (EXIF, XMP, the place it was taken) ends here too, since pixels have
none.
"""

import sys
from collections.abc import Iterator
from io import BytesIO
from typing import Final

import pypdfium2 as pdfium
from PIL import Image, ImageOps, JpegImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin

from otpward.adapters.documents.frames import put
from otpward.adapters.documents.limits import allow_cpu, confine
from otpward.core.formats.picture import OCTETS, PIXELS, Kind, Sighted, sight
from otpward.core.model.document import Flaw

LONG_SIDE: Final = 2000
"""Pages are kept at this size: a card on half of it is read easily, and 12 megapixels halve to it as they are decoded."""
PAGES: Final = 10
"""A company's register extract has up to ten pages; a book is not asked for."""
_DECODERS: Final = (JpegImagePlugin, PngImagePlugin, WebPImagePlugin)
_EXIF: Final = TiffImagePlugin  # read with a photograph's head, and imported only then if not here
_MEMORY_MIB: Final = 900
_CPU_S: Final = 12
_PDF_PASSWORD: Final = "password"


class Refused(Exception):
    """The file is not taken, for this reason."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw)
        self.flaw = flaw


def pages(octets: bytes) -> Iterator[Image.Image]:
    """The pages of this file, upright as it says itself, at most `LONG_SIDE` long; raises `Refused`."""
    sighted = sight(octets)
    if isinstance(sighted, Flaw):
        raise Refused(sighted)
    if sighted.kind is Kind.PDF:
        yield from _pdf_pages(octets)
    else:
        yield _photograph(octets, sighted)


def _photograph(octets: bytes, sighted: Sighted) -> Image.Image:
    try:
        with Image.open(BytesIO(octets), formats=(sighted.kind.upper(),)) as picture:
            # The decoder must see what the head said: a file made for two readings ends here.
            if picture.size != (sighted.width, sighted.height):
                raise Refused(Flaw.UNREADABLE)
            if sighted.kind is Kind.JPEG:
                picture.draft("RGB", _fitting(*picture.size))
            picture.load()
            return _shrunk(_flattened(_upright(picture)))
    except (OSError, SyntaxError, ValueError, KeyError, IndexError, EOFError, Image.DecompressionBombError):
        raise Refused(Flaw.UNREADABLE) from None


def _upright(picture: Image.Image) -> Image.Image:
    """As the camera says it was held; a head that makes no sense says nothing."""
    try:
        return ImageOps.exif_transpose(picture)
    except Exception:  # anything may stand there, and the reader turns pages for itself
        return picture


def _pdf_pages(octets: bytes) -> Iterator[Image.Image]:
    try:
        document = pdfium.PdfDocument(octets)
    except pdfium.PdfiumError as error:
        raise Refused(Flaw.PASSWORD if _PDF_PASSWORD in str(error).lower() else Flaw.UNREADABLE) from None
    if not 1 <= len(document) <= PAGES:
        raise Refused(Flaw.TOO_MANY_PAGES if len(document) else Flaw.UNREADABLE)
    if document.count_attachments():
        raise Refused(Flaw.ATTACHMENTS)
    for number in range(len(document)):
        try:
            page = document[number]
            width, height = page.get_size()
            if min(width, height) < 1 or max(width, height) > 50 * min(width, height):
                raise Refused(Flaw.UNREADABLE)
            shown: Image.Image = page.render(scale=LONG_SIDE / max(width, height)).to_pil()
        except pdfium.PdfiumError:
            raise Refused(Flaw.UNREADABLE) from None
        yield _flattened(shown)


def _fitting(width: int, height: int) -> tuple[int, int]:
    scale = min(1.0, LONG_SIDE / max(width, height))
    return max(1, int(width * scale)), max(1, int(height * scale))


def _flattened(picture: Image.Image) -> Image.Image:
    """In three colours, on white where it lets something through."""
    if picture.mode in {"I", "I;16", "F"}:
        picture = picture.point(lambda value: value / 256).convert("L")
    if "A" in picture.getbands() or "transparency" in picture.info:
        through = picture.convert("RGBA")
        white = Image.new("RGBA", through.size, "white")
        return Image.alpha_composite(white, through).convert("RGB")
    return picture.convert("RGB")


def _shrunk(picture: Image.Image) -> Image.Image:
    size = _fitting(*picture.size)
    return picture if size == picture.size else picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def main() -> None:
    """Open what comes in on standard input."""
    Image.MAX_IMAGE_PIXELS = PIXELS
    # Later nothing can be imported any more.
    Image.preinit()
    confine(memory_mib=_MEMORY_MIB)
    allow_cpu(_CPU_S)
    out = sys.stdout.buffer
    try:
        for page in pages(sys.stdin.buffer.read(OCTETS + 1)):
            put(out, {"width": page.width, "height": page.height}, page.tobytes())
        put(out, {"end": True})
    except Refused as refusal:
        put(out, {"flaw": refusal.flaw})
    except MemoryError:
        put(out, {"flaw": Flaw.TOO_HEAVY})


if __name__ == "__main__":
    main()
