"""Code 39, the stripes on the back of a token, so that a scanner reads the serial from the screen (ISO/IEC 16388)."""

from typing import Final

SIGNS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. *"

TABLE: Final = (
    "nnnwwnwnnwnnwnnnnwnnwwnnnnwwnwwnnnnnnnnwwnnnwwnnwwnnnnnnwwwnnnnnnnwnnwnwwnnwnnwnnnnwwnnwnn"
    "wnnnnwnnwnnwnnwnnwwnwnnwnnnnnnnwwnnwwnnnwwnnnnnwnwwnnnnnnnnwwnwwnnnnwwnnnnwnnwwnnnnnnwwwnn"
    "wnnnnnnwwnnwnnnnwwwnwnnnnwnnnnnwnnwwwnnnwnnwnnnwnwnnwnnnnnnnwwwwnnnnnwwnnnwnnnwwnnnnnwnwwn"
    "wwnnnnnnwnwwnnnnnwwwwnnnnnnnwnnwnnnwwwnnwnnnnnwwnwnnnnnwnnnnwnwwwnnnnwnnnwwnnnwnnnwnnwnwnn"
)
"""Nine elements a sign, in the order of `SIGNS`: bar and gap in turn, narrow or wide, three of them wide."""

WIDTH: Final = {"n": 1, "w": 3}


def stripes(text: str) -> tuple[list[tuple[int, int]], int]:
    """Return the bars as (left, width) and the whole width in modules; signs that Code 39 lacks are left out."""
    bars: list[tuple[int, int]] = []
    left = 0
    for sign in f"*{''.join(sign for sign in text.upper() if sign in SIGNS[:-1])}*":
        first = SIGNS.index(sign) * 9
        for place, element in enumerate(TABLE[first : first + 9]):
            if place % 2 == 0:
                bars.append((left, WIDTH[element]))
            left += WIDTH[element]
        left += WIDTH["n"]
    return bars, left - WIDTH["n"]
