"""Files as members send them, and as attackers do."""

import io
import struct
import zipfile
import zlib

import pypdfium2 as pdfium
from PIL import Image, ImageDraw

PLACE = (37.5665, 126.9780)


def photo(kind: str = "JPEG", size: tuple[int, int] = (800, 600), *, text: str = "", mode: str = "RGB") -> bytes:
    """A plain picture with this text on it."""
    picture = Image.new(mode, size, "white" if mode == "RGB" else 255)
    if text:
        ImageDraw.Draw(picture).text((60, 200), text, fill=0, font_size=56)
    out = io.BytesIO()
    picture.save(out, kind)
    return out.getvalue()


def photo_with_place() -> bytes:
    """With where and by whom it was taken (EXIF), an XMP packet, and turned by its orientation."""
    picture = Image.new("RGB", (800, 600), "white")
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "CAMERA-OF-A-PERSON"
    exif.get_ifd(0x8825)[2] = PLACE[0]
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif, xmp=b"<x:xmpmeta>OWNER-NAME</x:xmpmeta>", comment=b"COMMENT-OF-A-PERSON")
    return out.getvalue()


def png_saying(width: int, height: int) -> bytes:
    """A PNG of a few octets whose head says it is this large."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + _chunk(b"IEND", b"")


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def archive() -> bytes:
    """A zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("bomb", b"\0" * 1_000_000)
    return out.getvalue()


def pdf(pages: int = 1, *, attachment: bytes = b"") -> bytes:
    """A PDF of empty pages."""
    document = pdfium.PdfDocument.new()
    for _ in range(pages):
        document.new_page(595, 842)
    if attachment:
        document.new_attachment("inside.txt").set_data(attachment)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def pdf_with_password() -> bytes:
    """A PDF whose encryption dictionary asks for a password that nobody gives (ISO 32000-1 §7.6, revision 3)."""
    plain = pdf().replace(b"trailer", b"trailer", 1)
    key = b"<" + b"41" * 32 + b">"
    encrypt = b"/Encrypt<</Filter/Standard/V 2/R 3/Length 128/P -4/O " + key + b"/U " + key + b">>/ID[<00><00>]"
    at = plain.rindex(b"trailer")
    start = plain.index(b"<<", at) + 2
    return plain[:start] + encrypt + plain[start:]


def pdf_bomb() -> bytes:
    """A PDF whose only page draws a picture of 60,000 × 60,000 from a stream of a few thousand octets."""
    body = zlib.compress(b"\0" * 3_000_000, 9)
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 600]/Contents 5 0 R/Resources<</XObject<</I 4 0 R>>>>>>",
        b"<</Type/XObject/Subtype/Image/Width 60000/Height 60000/BitsPerComponent 8/ColorSpace/DeviceGray/Filter/FlateDecode"
        b"/Length %d>>\nstream\n" % len(body) + body + b"\nendstream",
        b"<</Length 24>>\nstream\n600 0 0 600 0 0 cm /I Do\nendstream",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + part + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % start
