"""A drawn card is photographed: laid on a table, turned, tilted, lit badly, out of focus, with a reflection, with noise."""

from dataclasses import dataclass
from io import BytesIO
from random import Random
from typing import Any, Final

import cv2
import numpy as np
from PIL import Image

from tools.masking_set.cards import HEIGHT, WIDTH, Card, Mark

SIZES: Final = ((1280, 960), (1600, 1200), (2048, 1536), (3264, 2448), (4000, 3000))
"""Of telephones old and new, the last with 12 megapixels."""

SKEW_DEG: Final = 8.0
_SIDEWAYS: Final = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}

Polygon = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Photograph:
    """The file, and where each printed character lies in it. `faults` says what was done to it."""

    jpeg: bytes
    width: int
    height: int
    marks: list[tuple[Mark, Polygon]]
    card: Polygon
    faults: str


def take(card: Card, chance: Random, *, size: tuple[int, int] | None = None) -> Photograph:
    """One photograph of this card, decided by `chance` alone."""
    width, height = size or chance.choice(SIZES)
    turn = chance.choice((0, 0, 0, 0, 0, 0, 0, 90, 180, 270))
    skew = chance.uniform(-SKEW_DEG, SKEW_DEG)
    place = _placed(width, height, skew, chance)
    table = np.full((height, width, 3), [chance.randint(30, 200) for _ in range(3)], np.uint8)
    table = _grain(table, chance)
    flat = np.asarray(card.picture)[:, :, ::-1]
    inside = cv2.warpPerspective(np.full(flat.shape[:2], 255, np.uint8), place, (width, height))
    seen = cv2.warpPerspective(flat, place, (width, height), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    picture = np.where(inside[:, :, None] > 127, seen, table)
    scale = float(np.linalg.norm(place[:2, 0])) / place[2, 2]
    faults = [f"skew {skew:.1f}", f"turned {turn}"]
    picture = _lit(picture, chance, faults, width, height)
    picture = _blurred(picture, chance, faults, scale)
    picture = _noisy(picture, chance, faults)
    if turn:
        picture = cv2.rotate(picture, _SIDEWAYS[turn])
    quality = chance.randint(60, 95)
    out = BytesIO()
    Image.fromarray(np.ascontiguousarray(picture[:, :, ::-1])).save(out, "JPEG", quality=quality)
    faults.append(f"quality {quality}")
    found = [(mark, _seen(place, mark.box, turn, width, height)) for mark in card.marks]
    whole = _seen(place, (0, 0, WIDTH, HEIGHT), turn, width, height)
    return Photograph(out.getvalue(), picture.shape[1], picture.shape[0], found, whole, ", ".join(faults))


def _placed(width: int, height: int, skew: float, chance: Random) -> Any:
    """The homography from card to photograph: 42 to 92 % of the width, turned by `skew`, a little tilted."""
    wide = width * chance.uniform(0.42, 0.92)
    tall = wide * HEIGHT / WIDTH
    turn = np.deg2rad(skew)
    middle = np.array([width / 2 + chance.uniform(-0.02, 0.02) * width, height / 2 + chance.uniform(-0.05, 0.05) * height])
    corners = []
    for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        tilt = 1 + chance.uniform(-0.025, 0.025)
        at = np.array([x * wide / 2 * tilt, y * tall / 2 * tilt])
        corners.append(middle + np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ at)
    flat = np.array([(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)], np.float32)
    return cv2.getPerspectiveTransform(flat, np.array(corners, np.float32))


def _grain(table: Any, chance: Random) -> Any:
    """Wood, cloth or paper: noise, stretched."""
    rng = np.random.default_rng(chance.getrandbits(32))
    height, width = table.shape[:2]
    small = rng.normal(
        0, chance.uniform(2, 14), (height // chance.choice((4, 16, 40)) + 1, width // chance.choice((2, 8, 40)) + 1)
    )
    rough = cv2.resize(small.astype(np.float32), (width, height))
    return np.clip(table + rough[:, :, None], 0, 255).astype(np.uint8)


def _lit(picture: Any, chance: Random, faults: list[str], width: int, height: int) -> Any:
    """Darker to one side, and in almost every second a reflection that takes up to three quarters of the contrast away."""
    low, angle = chance.uniform(0.3, 1.0), chance.uniform(0, 2 * np.pi)
    across = np.linspace(-1, 1, width, dtype=np.float32)[None, :] * np.float32(np.cos(angle))
    down = np.linspace(-1, 1, height, dtype=np.float32)[:, None] * np.float32(np.sin(angle))
    light = low + (1 - low) * (across + down + 1.42) / 2.84
    lit = picture.astype(np.float32) * (light * np.float32(chance.uniform(0.75, 1.15)))[:, :, None]
    if chance.random() < 0.45:
        at = np.array([chance.uniform(0.3, 0.7) * width, chance.uniform(0.35, 0.65) * height], np.float32)
        spread = np.float32(chance.uniform(0.06, 0.18) * width)
        strength = np.float32(chance.uniform(0.25, 0.75))
        far = (((np.arange(width, dtype=np.float32) - at[0]) / spread) ** 2)[None, :]
        far = far + (((np.arange(height, dtype=np.float32) - at[1]) / (spread * np.float32(0.6))) ** 2)[:, None]
        glare = (strength * np.exp(-far / 2))[:, :, None]
        lit = lit * (1 - glare) + 255 * glare
        faults.append(f"glare {strength:.2f}")
    faults.append(f"light {low:.2f}")
    return np.clip(lit, 0, 255).astype(np.uint8)


def _blurred(picture: Any, chance: Random, faults: list[str], scale: float) -> Any:
    """Out of focus by up to 0.3 mm on the card, in every fourth moved by up to 0.8 mm instead."""
    if chance.random() < 0.25:
        length = max(1, round(chance.uniform(1, 16) * scale))
        kernel = np.zeros((length, length), np.float32)
        if chance.random() < 0.5:
            kernel[length // 2, :] = 1
        else:
            kernel[:, length // 2] = 1
        faults.append(f"moved {length} px")
        return cv2.filter2D(picture, -1, kernel / kernel.sum()) if length > 1 else picture
    sigma = chance.uniform(0, 6.0) * scale
    faults.append(f"blur {sigma:.1f} px")
    return cv2.GaussianBlur(picture, (0, 0), sigma) if sigma > 0.3 else picture


def _noisy(picture: Any, chance: Random, faults: list[str]) -> Any:
    sigma = chance.uniform(0, 15)
    rng = np.random.default_rng(chance.getrandbits(32))
    faults.append(f"noise {sigma:.1f}")
    grain = rng.standard_normal(picture.shape[:2], dtype=np.float32) * np.float32(sigma)
    return np.clip(picture + grain[:, :, None], 0, 255).astype(np.uint8)


def _seen(place: Any, box: tuple[float, float, float, float], turn: int, width: int, height: int) -> Polygon:
    left, top, right, bottom = box
    corners = np.array([[(left, top), (right, top), (right, bottom), (left, bottom)]], np.float32)
    there = cv2.perspectiveTransform(corners, place)[0]
    match turn:
        case 90:
            there = np.stack([height - 1 - there[:, 1], there[:, 0]], axis=1)
        case 180:
            there = np.stack([width - 1 - there[:, 0], height - 1 - there[:, 1]], axis=1)
        case 270:
            there = np.stack([there[:, 1], width - 1 - there[:, 0]], axis=1)
    return [(float(x), float(y)) for x, y in there]
