"""Code 128 (ISO/IEC 15417): a text as bars and gaps that any hand scanner reads."""

from itertools import pairwise
from typing import Final

from otpward.core.errors import Invalid

_TABLE: Final = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222 "
    "123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 "
    "232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 "
    "313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 "
    "111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 "
    "111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 "
    "114311 411113 411311 113141 114131 311141 411131 211412 211214 211232 2331112 "
)
"""Bars and gaps of each symbol in modules, a bar first (ISO/IEC 15417 table 1); the last is the stop."""

_WIDTHS: Final = tuple(_TABLE.split())

_START_B: Final = 104
_START_C: Final = 105
_CODE_B: Final = 100
_CODE_C: Final = 99
_STOP: Final = 106
_FIRST: Final = 32
_LAST: Final = 126
_DIGITS_WORTH_C: Final = 4
"""From four digits at either end, code set C is the shorter (annex E)."""
QUIET_MODULES: Final = 10
"""Nothing stands so close to either side (§4.2)."""


def symbols(text: str) -> list[int]:
    """The values of the symbols, with start, check symbol and stop. Pairs of digits are put into one symbol where that is
    shorter.

    Raises:
        Invalid: empty, or a character that code set B does not have.
    """
    if not text or any(not _FIRST <= ord(letter) <= _LAST for letter in text):
        raise Invalid("a barcode holds printable ASCII", field="barcode")
    values: list[int] = []
    place, in_c = 0, False
    while place < len(text):
        run = _digits_from(text, place)
        wants_c = run >= _DIGITS_WORTH_C or (in_c and run >= 2) or (run == len(text) == 2)
        if wants_c and not in_c and run % 2:
            wants_c, run = False, 1  # the odd digit goes first, so that the pairs end with the run
        if not values:
            values.append(_START_C if wants_c else _START_B)
        elif wants_c is not in_c:
            values.append(_CODE_C if wants_c else _CODE_B)
        in_c = wants_c
        if in_c:
            values += [int(text[at : at + 2]) for at in range(place, place + run // 2 * 2, 2)]
            place += run // 2 * 2
        else:
            values.append(ord(text[place]) - _FIRST)
            place += 1
    check = (values[0] + sum(weight * value for weight, value in enumerate(values[1:], 1))) % 103
    return [*values, check, _STOP]


def bars(text: str) -> list[int]:
    """The widths in modules, a bar and a gap in turn, a bar first and last; the quiet zones are not among them."""
    return [int(width) for value in symbols(text) for width in _WIDTHS[value]]


def draw(text: str, *, height: int) -> str:
    """The bars as an SVG of one path, one unit a module, quiet zones included."""
    edges = [QUIET_MODULES]
    for width in bars(text):
        edges.append(edges[-1] + width)
    path = "".join(f"M{left} 0H{right}V{height}H{left}Z" for left, right in list(pairwise(edges))[::2])
    whole = edges[-1] + QUIET_MODULES
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole} {height}" '
        f'width="{whole}" height="{height}" shape-rendering="crispEdges"><path d="{path}"/></svg>'
    )


def _digits_from(text: str, place: int) -> int:
    return next((at for at, letter in enumerate(text[place:]) if not letter.isdigit()), len(text) - place)
