"""Pictures of papers, drawn as the story needs them."""

from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

_LINES = (
    "CERTIFICATE OF SEAL",
    "Name: Hong Gildong",
    "Resident number: 900101-1234567",
    "This certifies that the seal below is the one on record.",
    "Seoul, Jung-gu",
)


def certificate() -> bytes:
    """A certificate with a resident registration number on it, which belongs to nobody."""
    page = Image.new("RGB", (1240, 900), "white")
    drawing = ImageDraw.Draw(page)
    for at, line in enumerate(_LINES):
        drawing.text((90, 110 + at * 130), line, fill="black", font=ImageFont.load_default(44))
    out = BytesIO()
    page.save(out, "PNG")
    return out.getvalue()
