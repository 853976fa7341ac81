"""Which of the papers by which people are known a page seems to be, from what was read on it.

Only what hardly stands elsewhere counts: a line for machines, a licence's number, a title together with the number that such a
card bears. A page that shows none of it may still be any of them; and one that does is asked about, never refused.
"""

import re
from collections.abc import Collection, Sequence
from typing import Final

from otpward.core.policy.covering import SURE_SCORE, Found, Line, Stretch
from otpward.core.policy.papers import Paper

_MACHINE_SHORTEST: Final = 30
_TITLES: Final = {
    Paper.ALIEN_REGISTRATION_CARD: re.compile(r"ALIENREGISTRATIONCARD|RESIDENCECARD|외국인등록증"),
    Paper.RESIDENT_CARD: re.compile(r"주민등록증|住民登[錄録录]"),
}


def signs_of(lines: Sequence[Line], stretches: Collection[Stretch]) -> frozenset[Paper]:
    """The papers of which this page bears surely read signs; mostly one or none."""
    sure = {stretch.found for stretch in stretches if stretch.sure}
    words = [line.text.replace(" ", "").upper() for line in lines if line.score >= SURE_SCORE]
    signs = {
        paper for paper, title in _TITLES.items() if Found.REGISTRATION in sure and any(title.search(one) for one in words)
    }
    machine = {stretch.line for stretch in stretches if stretch.found is Found.MACHINE and stretch.sure}
    if any(_is_passports(lines[at].text) for at in machine):
        signs.add(Paper.PASSPORT)
    if Found.LICENCE in sure and Found.MACHINE not in sure:
        signs.add(Paper.DRIVER_LICENSE)
    return frozenset(signs)


def is_another(pages: Sequence[Collection[Paper]], paper: Paper | None) -> bool:
    """Whether this seems to be another paper than what was asked for: a proof of identity of this kind, or (None) something
    that is none. A certificate may have a copy of a card among its pages."""
    found = {one for page in pages for one in page}
    if paper is None:
        return bool(pages) and all(pages)
    return bool(found) and paper not in found


def _is_passports(text: str) -> bool:
    """The first of the two lines begins with P (ICAO 9303-4 §4.2.2)."""
    shown = text.replace(" ", "")
    return shown.startswith("P") and len(shown) >= _MACHINE_SHORTEST
