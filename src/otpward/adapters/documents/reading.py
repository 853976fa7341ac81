"""A process that reads page after page: bare pixels come in, a JPEG comes out on which the numbers are painted over.

It loads the models once (a second, 170 MB) and ends when its standard input does, or when nobody has asked for a while. Without
the extra `ocr` it reads nothing: pages come out as they are, and a person must cover them.
"""

import sys
from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any, Final

from PIL import Image, ImageDraw, JpegImagePlugin

from otpward.adapters.documents.frames import put, take
from otpward.adapters.documents.limits import allow_cpu, confine
from otpward.core.policy.papers import Paper

_ENCODERS: Final = (JpegImagePlugin,)
_QUALITY: Final = 82
_MEMORY_MIB: Final = 4096
_CPU_S: Final = 40
_THREADS: Final = 2

Look = Callable[[Image.Image, Paper | None], tuple[list[Any], dict[str, Any]]]


def open_look() -> Look | None:
    """The eye, if it is installed."""
    try:
        from otpward.adapters.documents.cover import look_with  # noqa: PLC0415 -- only in this process, and only if it is here

        return look_with(_THREADS)
    except ImportError:
        return None


def answer(look: Look | None, head: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
    """One page, covered where the eye says and where the member said."""
    page = Image.frombytes("RGB", (head["width"], head["height"]), body)
    patches = [_corners(patch, page.width, page.height) for patch in head.get("patches", ())]
    found: dict[str, Any] = {"looked": False}
    covers: list[Any] = []
    if head["look"] and look is not None:
        covers, found = look(page, Paper(head["paper"]) if head["paper"] else None)
        found["looked"] = True
    paint(page, [*covers, *patches])
    out = BytesIO()
    page.save(out, "JPEG", quality=_QUALITY, optimize=False)
    return {**found, "width": page.width, "height": page.height, "covers": len(covers) + len(patches)}, out.getvalue()


def paint(page: Image.Image, covers: Sequence[Sequence[tuple[float, float]]]) -> None:
    """Black, into the pixels: there is nothing under it any more."""
    pen = ImageDraw.Draw(page)
    for cover in covers:
        pen.polygon([(float(x), float(y)) for x, y in cover], fill=(0, 0, 0))


def _corners(patch: Sequence[float], width: int, height: int) -> list[tuple[float, float]]:
    left, top, right, bottom = patch[0] * width, patch[1] * height, patch[2] * width, patch[3] * height
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def _warm_up(look: Look | None) -> None:
    """Do everything once while files can still be opened: what is loaded on first use is loaded then."""
    page = Image.new("RGB", (640, 480), "white")
    pen = ImageDraw.Draw(page)
    for row in range(4):
        pen.text((40, 60 + 80 * row), "REPUBLIC 00 1399", fill=(0, 0, 0), font_size=40)
    answer(look, {"width": page.width, "height": page.height, "look": True, "paper": Paper.PASSPORT}, page.tobytes())


def main() -> None:
    """Read what comes in, until it ends."""
    look = open_look()
    _warm_up(look)
    confine(memory_mib=_MEMORY_MIB)
    out = sys.stdout.buffer
    put(out, {"ready": look is not None})
    while True:
        try:
            head, body = take(sys.stdin.buffer)
        except EOFError:
            return
        allow_cpu(_CPU_S)
        put(out, *answer(look, head, body))


if __name__ == "__main__":
    main()
