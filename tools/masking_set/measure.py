"""Which digits were covered, and what else was."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np

from tools.masking_set.photograph import Photograph

COVERED: Final = 0.95
"""A character counts as covered if so much of the box of its ink is black."""
TOUCHED: Final = 0.5
"""Another counts as covered by mistake if half of it is."""


@dataclass(frozen=True, slots=True)
class Count:
    """Characters of one photograph, and the share of the card that is black beyond what had to be."""

    secret: int
    covered: int
    other: int
    mistaken: int
    area: float


def measure(photograph: Photograph, covers: Sequence[Any], *, width: int, height: int) -> Count:
    """Count, with the covers given in a picture of this size."""
    scale = np.array([width / photograph.width, height / photograph.height])
    black = np.zeros((height, width), np.uint8)
    for cover in covers:
        cv2.fillConvexPoly(black, np.round(np.asarray(cover)).astype(np.int32), 255)
    secret = covered = other = mistaken = 0
    needed = np.zeros_like(black)
    for mark, polygon in photograph.marks:
        corners = np.asarray(polygon) * scale
        share = _share(black, corners)
        if mark.secret:
            secret += 1
            covered += share >= COVERED
        elif not mark.near and mark.text.isalnum():
            other += 1
            mistaken += share >= TOUCHED
        if mark.near:
            cv2.fillConvexPoly(needed, np.round(corners).astype(np.int32), 255)
    card = np.zeros_like(black)
    cv2.fillConvexPoly(card, np.round(np.asarray(photograph.card) * scale).astype(np.int32), 255)
    beyond = int(np.count_nonzero(black & ~needed)) / max(1, int(np.count_nonzero(card)))
    return Count(secret, covered, other, mistaken, float(beyond))


def _share(black: Any, corners: Any) -> float:
    left, top = np.floor(corners.min(axis=0)).astype(int)
    right, bottom = np.ceil(corners.max(axis=0)).astype(int) + 1
    left, top = max(left, 0), max(top, 0)
    window = black[top:bottom, left:right]
    if not window.size:
        return 0.0
    ink = np.zeros(window.shape, np.uint8)
    cv2.fillConvexPoly(ink, np.round(corners - [left, top]).astype(np.int32), 255)
    return float(int(np.count_nonzero(window & ink)) / max(1, int(np.count_nonzero(ink))))
