"""Code 128: whatever we draw, another library's reader reads."""

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from otpward.core.errors import Invalid
from otpward.core.formats.code128 import QUIET_MODULES, bars, draw, symbols


def read(text: str) -> list[str]:
    """The bars as pixels, and what zxing reads in them."""
    widths, module = bars(text), 3
    image = Image.new("L", ((sum(widths) + 2 * QUIET_MODULES) * module, 90), 255)
    pen, left = ImageDraw.Draw(image), QUIET_MODULES
    for place, width in enumerate(widths):
        if place % 2 == 0:
            pen.rectangle([left * module, 0, (left + width) * module - 1, 90], fill=0)
        left += width
    return [one.text for one in zxingcpp.read_barcodes(image) if str(one.format) == "Code 128"]


@pytest.mark.parametrize("text", ["6012345678901", "RR123456785GB", "R-261123-7KQ4M2P", "12", "A1", "1234AB567", "~ !"])
def test_a_reader_reads_what_was_drawn(text: str) -> None:
    assert read(text) == [text]


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=24))
def test_any_printable_text_is_read_again(text: str) -> None:
    assert read(text) == [text]


def test_the_standards_shape_is_kept() -> None:
    """Start C, pairs of digits, and the check symbol modulo 103 (ISO/IEC 15417 §4.3.2)."""
    assert symbols("1234") == [105, 12, 34, (105 + 12 + 2 * 34) % 103, 106]
    assert sum(bars("1234")) == 11 * 4 + 13
    assert draw("1234", height=20).startswith("<svg")
    assert symbols("6012345678901")[1:3] == [22, 99], "the odd digit goes first"


@pytest.mark.parametrize("text", ["", "한", "a\n", "\x7f"])
def test_what_it_cannot_say_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        symbols(text)
