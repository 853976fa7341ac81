"""What a person typed becomes the digits they meant."""

from typing import Final

TYPED_MAX: Final = 64  # no code with its spaces is longer; what is longer is not worth reading
DIGITS: Final = frozenset("0123456789")
FULL_WIDTH: Final = {0xFF10 + value: str(value) for value in range(10)}  # what a Korean or Japanese keyboard may send


def normalise_code(text: str, digits: int) -> str | None:
    """The code in `text`, or None if it cannot be one of `digits` digits."""
    code = typed_digits(text)
    return code if code is not None and len(code) == digits else None


def typed_digits(text: str) -> str | None:
    """The digits in `text`, or None if there is anything else.

    Spaces are dropped wherever they are, full-width digits become plain ones. Nothing else is mended: a letter, a hyphen or
    a digit too many is a wrong code, not a near one.
    """
    if len(text) > TYPED_MAX:
        return None
    if not (text.isascii() and text.isdigit()):
        text = "".join(text.split()).translate(FULL_WIDTH)
    return text if DIGITS.issuperset(text) else None
