"""Codes are read on photographs as people take them, in another process."""

from io import BytesIO

import numpy as np
import pytest
import zxingcpp
from PIL import Image, ImageFilter

from otpward.adapters.barcodes.apart import ApartCodeReader
from otpward.core.model.document import Flaw
from otpward.core.model.scanned import Symbology
from tests.adapters.documents import files

SERIAL = "FD12-3456789"
EVERY = frozenset(Symbology)
_DRAWN = {
    Symbology.CODE_128: zxingcpp.BarcodeFormat.Code128,
    Symbology.CODE_39: zxingcpp.BarcodeFormat.Code39,
    Symbology.QR_CODE: zxingcpp.BarcodeFormat.QRCode,
    Symbology.DATA_MATRIX: zxingcpp.BarcodeFormat.DataMatrix,
    Symbology.EAN_13: zxingcpp.BarcodeFormat.EAN13,
}


def code(text: str = SERIAL, kind: Symbology = Symbology.CODE_128, *, scale: int = 4) -> Image.Image:
    return Image.fromarray(np.array(zxingcpp.create_barcode(text, _DRAWN[kind]).to_image(scale=scale), dtype=np.uint8))


def photo(*codes: Image.Image, size: tuple[int, int] = (2016, 1512), turn: float = 0, kind: str = "JPEG") -> bytes:
    """A phone's photograph: grey, out of focus a little, the codes below one another."""
    picture = Image.new("L", size, 150)
    for number, one in enumerate(codes):
        picture.paste(one, (size[0] // 3, 200 + number * 600))
    picture = picture.rotate(turn, fillcolor=150).filter(ImageFilter.GaussianBlur(1))
    out = BytesIO()
    picture.save(out, kind)
    return out.getvalue()


@pytest.fixture(scope="module")
def reader() -> ApartCodeReader:
    return ApartCodeReader()


@pytest.mark.parametrize(
    ("octets", "said"),
    [
        pytest.param(photo(code()), [SERIAL], id="a device before the camera"),
        pytest.param(photo(code(), turn=17), [SERIAL], id="held askew"),
        pytest.param(photo(code(), turn=90), [SERIAL], id="held upright"),
        pytest.param(photo(code(scale=3), size=(4032, 3024)), [SERIAL], id="a small code on a large photo"),
        pytest.param(photo(code("8801234567893", Symbology.EAN_13)), ["8801234567893"], id="EAN-13"),
        pytest.param(photo(code(kind=Symbology.CODE_39)), [SERIAL], id="Code 39"),
        pytest.param(photo(code(kind=Symbology.DATA_MATRIX, scale=12), kind="PNG"), [SERIAL], id="Data Matrix"),
        pytest.param(photo(code("K7QM-2XWP", Symbology.QR_CODE, scale=14)), ["K7QM-2XWP"], id="a pass on a phone"),
        pytest.param(photo(code(), code("8801234567893", Symbology.EAN_13)), [SERIAL, "8801234567893"], id="two codes"),
        pytest.param(files.photo(text="no code"), [], id="none"),
    ],
)
def test_what_the_codes_of_a_photograph_say(reader: ApartCodeReader, octets: bytes, said: list[str]) -> None:
    read = reader.read(octets, EVERY)
    assert isinstance(read, list)
    assert sorted(read) == sorted(said)


def test_only_the_kinds_that_are_asked_for_are_read(reader: ApartCodeReader) -> None:
    octets = photo(code(), code("K7QM-2XWP", Symbology.QR_CODE, scale=10))
    assert reader.read(octets, {Symbology.QR_CODE}) == ["K7QM-2XWP"]


def test_what_is_longer_than_any_number_is_not_read(reader: ApartCodeReader) -> None:
    assert reader.read(photo(code("A" * 300, Symbology.QR_CODE, scale=8)), EVERY) == []


@pytest.mark.parametrize(
    ("octets", "flaw"),
    [
        pytest.param(b"", Flaw.EMPTY, id="0 octets"),
        pytest.param(b"\xff\xd8\xff" + b"\0" * 10_485_760, Flaw.TOO_BIG, id="more than 10 MB"),
        pytest.param(files.png_saying(8000, 6000), Flaw.TOO_MANY_PIXELS, id="48 megapixels"),
        pytest.param(files.png_saying(800, 600), Flaw.UNREADABLE, id="a PNG that has less than it says"),
        pytest.param(photo(code())[:20_000], Flaw.UNREADABLE, id="a photo cut in half"),
        pytest.param(files.pdf(), Flaw.TYPE, id="a PDF"),
        pytest.param(files.archive(), Flaw.ARCHIVE, id="an archive"),
        pytest.param(b"\0\0\0\x18ftypheic" + b"\0" * 40, Flaw.PHONE_FORMAT, id="a phone's own format"),
    ],
)
def test_what_is_no_photograph_says_why(reader: ApartCodeReader, octets: bytes, flaw: Flaw) -> None:
    assert reader.read(octets, EVERY) is flaw
