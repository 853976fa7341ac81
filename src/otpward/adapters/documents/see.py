"""Finding writing in a picture, with rapidocr: where its lines are, which way up they stand, and what they say.

Only ever imported in the reading process: the libraries weigh 200 MB and take a second to load.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np

from otpward.core.policy.covering import Line

DETECT_SIDE: Final = 960
"""Lines are looked for at this size: a digit of a card that fills half of it is ten pixels high, and it takes half a second."""
HARDER_SIDE: Final = 1280
_TALL: Final = 1.3
_LEGIBLE: Final = 0.9

_READ_LINES: Final = 4
_FAIRLY: Final = 0.75

Picture = Any
Corners = Any


@dataclass(frozen=True, slots=True)
class Seen:
    """A line with its four corners in the picture, as it is read: above left, above right, below right, below left."""

    line: Line
    corners: Corners


class Eye:
    """Sees lines of writing. Opening one loads the models, which lie in the package; nothing is fetched."""

    def __init__(self, *, threads: int) -> None:
        cv2.setNumThreads(threads)
        # Otherwise it writes a database of what it did under the home folder, and sends it to its maker when it can.
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        from rapidocr import RapidOCR  # noqa: PLC0415 -- after it was told so
        from rapidocr.ch_ppocr_rec import TextRecInput  # noqa: PLC0415

        own = {
            "Global.log_level": "critical",
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
        engine, self._input = RapidOCR(params=own), TextRecInput
        self._detect = engine._load_det_model()  # type: ignore[no-untyped-call]  # noqa: SLF001 -- only the two models
        self._recognise = engine._load_rec_model()  # type: ignore[no-untyped-call]  # noqa: SLF001
        self._detect.limit_type = "max"

    def look(self, picture: Picture, *, side: int = DETECT_SIDE) -> list[Seen]:
        """The lines of this picture, whichever way up it is."""
        boxes = self._boxes(picture, side)
        # A card photographed sideways has most of its lines standing: laid down, they are found whole.
        if sum(_height(box) > _TALL * _width(box) for box in boxes) * 2 > len(boxes):
            lying = cv2.rotate(picture, cv2.ROTATE_90_CLOCKWISE)
            seen = self._upright(lying, self._boxes(lying, side))
            return [Seen(one.line, _stood_up(one.corners, picture.shape[0])) for one in seen]
        return self._upright(picture, boxes)

    def _upright(self, picture: Picture, boxes: Sequence[Corners]) -> list[Seen]:
        """The lines as they are, or if that says little, as they are upside down."""
        if not boxes:
            return []
        first = self._read(picture, [self._turned(box) for box in boxes])
        if _well_read(first) >= max(_READ_LINES, len(first) / 2):
            return first
        over = self._read(picture, [np.roll(one.corners, 2, axis=0) for one in first])
        return max(first, over, key=_weight)

    def _boxes(self, picture: Picture, side: int) -> list[Corners]:
        scale = min(1.0, side / max(picture.shape[:2]))
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else picture
        self._detect.limit_side_len = max(small.shape[:2])
        found = self._detect(small).boxes
        return [] if found is None else [np.asarray(box, np.float32) / np.float32(scale) for box in found]

    @staticmethod
    def _turned(box: Corners) -> Corners:
        """A line that stands among lying ones is read from the foot up."""
        return np.roll(box, -1, axis=0) if _height(box) > 1.5 * _width(box) else box

    def _read(self, picture: Picture, boxes: Sequence[Corners]) -> list[Seen]:
        crops = [_cut(picture, box) for box in boxes]
        read = self._recognise(self._input(img=crops, return_word_box=True))
        return [
            Seen(_line(text, float(score), words), box)
            for text, score, words, box in zip(read.txts, read.scores, read.word_results, boxes, strict=True)
        ]


def _line(text: str, score: float, words: Any) -> Line:
    """The middle of each character: rapidocr gives the columns of all but spaces, which stand between their neighbours."""
    columns = [column for word in words.word_cols or () for column in word]
    length = max(words.line_txt_len or 1.0, 1.0)
    middles: list[float] = []
    given = iter(columns)
    for char in text:
        before = middles[-1] if middles else 0.0
        middles.append(before if char.isspace() else min(1.0, (next(given, before * length) + 0.5) / length))
    return Line(text, tuple(middles), score)


def _cut(picture: Picture, box: Corners) -> Picture:
    """The line, laid flat, high enough for the reader and no higher."""
    wide, high = max(_width(box), 1.0), max(_height(box), 1.0)
    scale = min(1.0, 64 / high)
    width, height = max(8, round(wide * scale)), max(8, round(high * scale))
    flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    place = cv2.getPerspectiveTransform(np.asarray(box, np.float32), flat)
    return cv2.warpPerspective(picture, place, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _stood_up(corners: Corners, height: int) -> Corners:
    """The corners in the picture before it was laid down, which was this high."""
    return np.stack([corners[:, 1], height - corners[:, 0]], axis=1)


def _width(box: Corners) -> float:
    return float(max(np.linalg.norm(box[0] - box[1]), np.linalg.norm(box[3] - box[2])))


def _height(box: Corners) -> float:
    return float(max(np.linalg.norm(box[0] - box[3]), np.linalg.norm(box[1] - box[2])))


def _well_read(seen: Sequence[Seen]) -> int:
    return sum(one.line.score >= _LEGIBLE and len(one.line.text) > 1 for one in seen)


def letters(seen: Sequence[Seen]) -> int:
    """How many characters were read well enough to go by."""
    return sum(len(one.line.text) for one in seen if one.line.score >= _FAIRLY)


def _weight(seen: Sequence[Seen]) -> float:
    """How much a reading says, each character as far as the reader is sure of it: upside down it says little."""
    return sum(len(one.line.text) * max(0.0, one.line.score - 0.5) for one in seen)
