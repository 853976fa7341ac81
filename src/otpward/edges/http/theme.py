"""An institution's own colours: kept only where text on them, and they as text, can be read.

The institution gives one colour per role for the light theme; the dark one and the pressed ones are derived from it.
WCAG 2.2 §1.4.3.
"""

import re
from dataclasses import dataclass
from typing import Final

from otpward.core.errors import Invalid

LEAST_CONTRAST: Final = 4.5
_LIGHT_BG: Final = "#ffffff"
_LIGHT_SUB: Final = "#f4f5f6"
_DARK_BG: Final = "#131416"
_DARK_SURFACE: Final = "#1e2124"
_DARK_AIM: Final = 7.5  # on the dark surface, as the house colours have
_HEX: Final = re.compile(r"^#[0-9a-f]{6}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """The colours of buttons and links; empty means the house colours stay."""

    primary: str | None = None
    danger: str | None = None

    def __post_init__(self) -> None:
        for name, colour in (("primary", self.primary), ("danger", self.danger)):
            if colour is None:
                continue
            if not _HEX.match(colour):
                raise Invalid("a colour is written #rrggbb, in small letters", field=name)
            worst = min(contrast(colour, _LIGHT_BG), contrast(colour, _LIGHT_SUB))
            if worst < LEAST_CONTRAST:
                raise Invalid(f"contrast {worst:.1f} with white and the page; at least {LEAST_CONTRAST} is needed", field=name)

    def css(self) -> str:
        """Return the style sheet that puts these colours in place of the house's."""
        light, dark = "", ""
        for name, colour in (("primary", self.primary), ("danger", self.danger)):
            if colour is not None:
                night = for_dark(colour)
                light += f"--c-{name}:{colour};--c-{name}-hover:{mix(colour, '#000000', 0.3)};"
                light += f"--c-{name}-soft:{mix(colour, '#ffffff', 0.92)};"
                dark += f"--c-{name}:{night};--c-{name}-hover:{mix(night, '#ffffff', 0.35)};"
                dark += f"--c-{name}-soft:{mix(colour, _DARK_BG, 0.7)};"
        if not light:
            return ""
        return f":root{{{light}}}@media(prefers-color-scheme:dark){{:root{{{dark}}}}}"


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21. WCAG 2.2, contrast ratio."""
    bright, dim = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def mix(colour: str, other: str, share: float) -> str:
    """Return `colour` with `share` of `other` in it."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def for_dark(colour: str) -> str:
    """Return the colour lightened until it reads well on the dark surface."""
    share = 0.0
    while contrast(lighter := mix(colour, "#ffffff", share), _DARK_SURFACE) < _DARK_AIM and share < 1:
        share += 0.02
    return lighter


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    # float ** float is Any to the type checker, as a negative base would give a complex number
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
