"""What a file is, by its octets and before it is opened."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otpward.core.formats.picture import OCTETS, Kind, Sighted, sight
from otpward.core.model.document import Flaw
from tests.adapters.documents import files

JPEG = files.photo()


@pytest.mark.parametrize(
    ("octets", "kind"),
    [
        pytest.param(JPEG, Kind.JPEG, id="JPEG"),
        pytest.param(files.photo("PNG"), Kind.PNG, id="PNG"),
        pytest.param(files.photo("WEBP"), Kind.WEBP, id="WebP"),
    ],
)
def test_a_picture_is_known_by_its_head_with_its_size(octets: bytes, kind: Kind) -> None:
    assert sight(octets) == Sighted(kind, 800, 600)


def test_a_pdf_is_known() -> None:
    assert sight(files.pdf()) == Sighted(Kind.PDF)


@pytest.mark.parametrize(
    ("octets", "flaw"),
    [
        pytest.param(b"", Flaw.EMPTY, id="0 octets"),
        pytest.param(JPEG + b"\0" * OCTETS, Flaw.TOO_BIG, id="more than 10 MB"),
        pytest.param(files.png_saying(30_000, 30_000), Flaw.TOO_MANY_PIXELS, id="30,000 × 30,000"),
        pytest.param(files.png_saying(8001, 5000), Flaw.TOO_MANY_PIXELS, id="just over 40 megapixels"),
        pytest.param(files.photo(size=(100, 100)), Flaw.TOO_SMALL, id="a thumbnail"),
        pytest.param(b"a letter, named .jpg", Flaw.TYPE, id="a text file"),
        pytest.param(b"MZ\x90\0" + b"\0" * 100, Flaw.TYPE, id="a program"),
        pytest.param(b"GIF89a" + b"\0" * 100, Flaw.TYPE, id="a GIF"),
        pytest.param(b"<?xml version='1.0'?><svg xmlns='x'/>", Flaw.DRAWING, id="an SVG"),
        pytest.param(files.archive(), Flaw.ARCHIVE, id="a zip"),
        pytest.param(b"\x1f\x8b\x08" + b"\0" * 50, Flaw.ARCHIVE, id="a gzip"),
        pytest.param(b"\0\0\0\x18ftypheic" + b"\0" * 50, Flaw.PHONE_FORMAT, id="HEIC"),
        pytest.param(JPEG + files.archive(), Flaw.TWO_KINDS, id="a JPEG and a zip"),
        pytest.param(files.pdf() + files.archive(), Flaw.TWO_KINDS, id="a PDF and a zip"),
        pytest.param(JPEG + b"<html><script>1</script>", Flaw.TWO_KINDS, id="a JPEG and a page"),
        pytest.param(JPEG[:2] + b"\xff\xfe\0\x11<script >alert" + JPEG[2:], Flaw.TWO_KINDS, id="a JPEG with a script in it"),
        pytest.param(JPEG[:2] + b"\xff\xfe\0\x07%PDF-" + JPEG[2:], Flaw.TWO_KINDS, id="a JPEG and a PDF"),
        pytest.param(JPEG[:40], Flaw.UNREADABLE, id="cut in its head"),
        pytest.param(b"\xff\xd8\xff", Flaw.UNREADABLE, id="three octets of a JPEG"),
    ],
)
def test_what_is_not_taken_says_why(octets: bytes, flaw: Flaw) -> None:
    assert sight(octets) is flaw


@given(st.binary(max_size=300), st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP", b"%PDF-"]))
def test_no_octets_make_it_stumble(octets: bytes, head: bytes) -> None:
    assert isinstance(sight(head + octets), Sighted | Flaw)
