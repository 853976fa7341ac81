"""A signature that was drawn on a screen: strokes of points in a field of fixed size, as text, and as a picture (SVG)."""

import re
from typing import ClassVar, Final

from otpward.core.errors import Invalid

WIDTH: Final = 600
HEIGHT: Final = 200
LONGEST: Final = 20_000
"""Some three thousand points: more than half a minute of drawing."""
_LEAST_POINTS: Final = 6
"""Less is a slip of the finger, and no signature."""
_POINT: Final = r"\d{1,3},\d{1,3}"
_STROKES: Final = re.compile(rf"{_POINT}(?: {_POINT})*(?:;{_POINT}(?: {_POINT})*)*")


class NoSignature(Invalid):
    """What was sent is no signature."""

    code: ClassVar[str] = "no_signature"


def read_signature(text: str) -> str:
    """The strokes as they are kept: points `x,y` parted by spaces, strokes by semicolons.

    Raises:
        NoSignature: written otherwise, outside the field, or hardly a stroke (field `signature`).
    """
    if len(text) > LONGEST or not _STROKES.fullmatch(text):
        raise NoSignature("not strokes of points", field="signature")
    points = [tuple(map(int, point.split(","))) for stroke in text.split(";") for point in stroke.split(" ")]
    if len(points) < _LEAST_POINTS or any(x > WIDTH or y > HEIGHT for x, y in points):
        raise NoSignature("hardly a stroke, or outside the field", field="signature")
    return text


def path_of(strokes: str) -> str:
    """The strokes as the path of an SVG."""
    return " ".join(f"M{stroke.replace(' ', ' L')}" for stroke in strokes.split(";")) if strokes else ""


def picture_of(strokes: str) -> str:
    """The signature as an SVG of its own."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"><path d="{path_of(strokes)}" fill="none" '
        'stroke="#1e2124" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/></svg>'
    )
