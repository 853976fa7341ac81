"""A QR code as one path on a square grid: the `qr` macro draws it as SVG, without style and without a request."""

from dataclasses import dataclass
from typing import Final

import segno

_QUIET: Final = 4  # modules of white around the code, ISO/IEC 18004 §9.1


@dataclass(frozen=True, slots=True)
class QrDrawing:
    """The side of the square in modules, quiet zone included, and the dark modules as SVG path data."""

    size: int
    path: str


def draw_qr(text: str) -> QrDrawing:
    """Draw `text` as a full QR code (never a Micro QR, which authenticator apps do not read), error level M."""
    code = segno.make_qr(text, error="m", boost_error=False)
    runs: list[str] = []
    for y, row in enumerate(code.matrix):
        x = 0
        while x < len(row):
            start = x
            while x < len(row) and row[x]:
                x += 1
            if x > start:
                runs.append(f"M{start + _QUIET} {y + _QUIET}h{x - start}v1h-{x - start}z")
            x += 1
    return QrDrawing(size=len(code.matrix) + 2 * _QUIET, path="".join(runs))


def svg_of(drawing: QrDrawing) -> str:
    """The drawing as a picture of its own, for paper."""
    side = drawing.size
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}"><path d="{drawing.path}"/></svg>'
