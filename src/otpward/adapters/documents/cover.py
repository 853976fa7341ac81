"""Black over every number that must not be kept."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from PIL import Image

from otpward.adapters.documents.see import HARDER_SIDE, Corners, Eye, Picture, Seen, letters
from otpward.core.policy.covering import Found, Stretch, enough, find_numbers
from otpward.core.policy.papers import Paper
from otpward.core.policy.recognising import signs_of

_LINES: Final = 3
_MARGIN: Final = 0.3
"""The code of a licence stands apart from its other lines."""
_WIDER: Final = 0.35
"""Covers reach this share of the line's height beyond the writing, to both sides; a digit is half as wide as it is high."""
_HIGHER: Final = 0.06


@dataclass(frozen=True, slots=True)
class Covered:
    """What was seen and is to be covered."""

    covers: list[Any]
    found: list[tuple[Found, bool]]
    seen: list[Seen]
    signs: frozenset[Paper]


def read_covered(picture: Picture, paper: Paper | None, eye: Eye) -> Covered:
    """Look once; if what such a paper bears was not found, look again, closer and with more contrast. Both looks count."""
    seen = eye.look(picture)
    stretches = find_numbers([one.line for one in seen])
    covers = [_polygon(seen[one.line].corners, one) for one in stretches]
    found = [(one.found, one.sure) for one in stretches]
    if len(seen) >= _LINES and enough(found, paper):
        return Covered(covers, found, seen, _signs(seen, stretches))
    closer = _look_closer(picture, seen, eye)
    more = find_numbers([one.line for one in closer])
    covers += [_polygon(closer[one.line].corners, one) for one in more]
    signs = _signs(seen, stretches) | _signs(closer, more)
    return Covered(covers, [*found, *((one.found, one.sure) for one in more)], max(seen, closer, key=letters), signs)


def look_with(threads: int) -> Callable[[Image.Image, Paper | None], tuple[list[Any], dict[str, Any]]]:
    """The look that the reading process takes at each page: what to cover, and what it says of it."""
    eye = Eye(threads=threads)

    def look(page: Image.Image, paper: Paper | None) -> tuple[list[Any], dict[str, Any]]:
        read = read_covered(np.asarray(page)[:, :, ::-1].copy(), paper, eye)
        head = {"found": read.found, "letters": letters(read.seen), "lines": len(read.seen), "signs": sorted(read.signs)}
        return [cover.tolist() for cover in read.covers], head

    return look


def _signs(seen: list[Seen], stretches: list[Stretch]) -> frozenset[Paper]:
    return signs_of([one.line for one in seen], stretches)


def _look_closer(picture: Picture, seen: list[Seen], eye: Eye) -> list[Seen]:
    """The lines of the part where there is writing, seen larger and with more contrast."""
    left, top, right, bottom = _part(picture, seen)
    found = eye.look(_contrasted(picture[top:bottom, left:right]), side=HARDER_SIDE)
    return [Seen(one.line, one.corners + np.array([left, top], np.float32)) for one in found]


def _part(picture: Picture, seen: list[Seen]) -> tuple[int, int, int, int]:
    """Where the lines are, with a margin; the whole picture if there are too few to tell."""
    height, width = picture.shape[:2]
    if len(seen) < _LINES:
        return 0, 0, width, height
    corners = np.concatenate([one.corners for one in seen])
    low, high = corners.min(axis=0), corners.max(axis=0)
    margin = (high - low) * _MARGIN
    (left, top), (right, bottom) = low - margin, high + margin
    return max(int(left), 0), max(int(top), 0), min(int(right), width), min(int(bottom), height)


def _contrasted(picture: Picture) -> Picture:
    """The same with the light evened out, and specks smoothed."""
    bright, one, other = cv2.split(cv2.cvtColor(cv2.medianBlur(picture, 3), cv2.COLOR_BGR2LAB))
    evened = cv2.createCLAHE(clipLimit=3.0, tileGridSize=(8, 8)).apply(bright)
    return cv2.cvtColor(cv2.merge((evened, one, other)), cv2.COLOR_LAB2BGR)


def _polygon(corners: Corners, stretch: Stretch) -> Any:
    """The stretch as a four-cornered patch of the picture, a little larger than the writing."""
    above_left, above_right, below_right, below_left = np.asarray(corners, np.float64)
    high = float(np.linalg.norm(below_left - above_left) + np.linalg.norm(below_right - above_right)) / 2
    wide = max(float(np.linalg.norm(above_right - above_left) + np.linalg.norm(below_right - below_left)) / 2, 1.0)
    # Towards what stays readable only a hair, at the ends of a line more.
    start = stretch.start - (_WIDER if stretch.start <= 0 else 0.05) * high / wide
    end = stretch.end + (_WIDER if stretch.end >= 1 else 0.05) * high / wide
    top = [above_left + (above_right - above_left) * at for at in (start, end)]
    foot = [below_left + (below_right - below_left) * at for at in (start, end)]
    rise = [(t - f) * _HIGHER for t, f in zip(top, foot, strict=True)]
    return np.array([top[0] + rise[0], top[1] + rise[1], foot[1] - rise[1], foot[0] - rise[0]])
