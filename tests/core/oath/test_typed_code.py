import pytest
from hypothesis import given
from hypothesis import strategies as st

from otpward.core.oath.typed_code import normalise_code


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("123456", "123456"),
        ("000042", "000042"),
        (" 123 456\n", "123456"),
        ("１２３４５６", "123456"),
        ("１２３　４５６", "123456"),
        ("123\u00a0456", "123456"),
        ("12345", None),
        ("1234567", None),
        ("", None),
        ("      ", None),
        ("123-456", None),
        ("12345a", None),
        ("-12345", None),
        ("²23456", None),
        ("①23456", None),
        ("٠٢٣٤٥٦", None),
        ("123456\u200b", None),
        ("123456\x00", None),
        ("\ud800", None),
        ("123456" + " " * 59, None),
    ],
)
def test_what_was_typed_is_read_as_meant(typed: str, code: str | None) -> None:
    assert normalise_code(typed, 6) == code


@given(typed=st.text(), digits=st.integers(6, 10))
def test_what_comes_out_is_a_code_or_nothing(typed: str, digits: int) -> None:
    code = normalise_code(typed, digits)
    assert code is None or (len(code) == digits and code.isascii() and code.isdigit())
