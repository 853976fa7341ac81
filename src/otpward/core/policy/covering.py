"""Which of the characters that were read on a paper must not be kept, and whether enough was read to be sure.

Numbers of a person (고유식별정보, 개인정보 보호법 §24, §24의2) are: the back half of a resident or alien registration number,
the serial part of a licence number and the code beside it, a passport number with the lines for machines. They are looked for
as an eye would that reads badly: letters that look like digits count as digits, halves may stand apart, and a number that is
not whole is covered rather than left.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from otpward.core.policy.papers import Paper

_LOOKS_LIKE: Final = str.maketrans(
    {
        char: digit
        for digit, chars in {
            "0": "OoDQU",
            "1": "IlL|!i][",
            "2": "Zz",
            "3": "З",
            "4": "A",
            "5": "Ss",
            "6": "Gb",
            "7": "T",
            "8": "B&",
            "9": "gq",
        }.items()
        for char in chars
    }
)
_JOINS: Final = frozenset(" -–—‐−~·.,:_='`•")
_DATE: Final = re.compile(r"(?<!\d)(?:19|20)\d{2} ?[./年년:-] ?\d{1,2} ?[./月월:-] ?\d{1,2}(?!\d)")
_PHONE: Final = re.compile(r"(?<!\d)0\d{1,2}[ )-]+\d{3,4}[ -]+\d{4}(?!\d)")
_CODE: Final = re.compile(r"[A-Z0-9]{5,6}")
_LICENCE_WORD: Final = re.compile(r"licen[cs]e|driv", re.IGNORECASE)
_MACHINE_OTHERS: Final = frozenset("<«‹>《〈Λ∧KC(")
_SLACK: Final = 0.45
"""The reader knows where a character is to almost half of its width."""
SURE_SCORE: Final = 0.8
"""From here on a line counts as read; measured (docs/reference/masking.md): below it, one digit in ten is wrong."""


class Found(StrEnum):
    """What a covered stretch is."""

    REGISTRATION = "registration"
    LICENCE = "licence"
    CODE = "code"
    PASSPORT = "passport"
    MACHINE = "machine"
    DIGITS = "digits"


NEEDED: Final = {
    Paper.RESIDENT_CARD: frozenset({Found.REGISTRATION}),
    Paper.DRIVER_LICENSE: frozenset({Found.REGISTRATION, Found.LICENCE, Found.CODE}),
    Paper.PASSPORT: frozenset({Found.PASSPORT, Found.MACHINE}),
    Paper.ALIEN_REGISTRATION_CARD: frozenset({Found.REGISTRATION}),
}
"""What every paper of a kind bears; where it was not found, it was overlooked."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of writing: its characters, the middle of each as a share of the line's length, how sure the reader is."""

    text: str
    middles: tuple[float, ...]
    score: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a line that is to be covered, as shares of the line's length."""

    line: int
    start: float
    end: float
    found: Found
    sure: bool


def find_numbers(lines: Sequence[Line]) -> list[Stretch]:
    """Every stretch of these lines that must be covered."""
    stretches = [stretch for at, line in enumerate(lines) for stretch in _in_line(at, line)]
    licence = any(one.found is Found.LICENCE for one in stretches) or any(_LICENCE_WORD.search(line.text) for line in lines)
    taken = {one.line for one in stretches}
    codes = (_code(at, line, licence=licence) for at, line in enumerate(lines) if at not in taken)
    return [*stretches, *(code for code in codes if code is not None)]


def enough(found: Sequence[tuple[Found, bool]], paper: Paper | None) -> bool:
    """Whether what such a paper bears was found and read well (each: what, and whether surely).

    A paper of no kind of ours need not bear a number; but if one was found, then all of them surely.
    """
    sure = {what for what, surely in found if surely}
    needed = NEEDED.get(paper) if paper is not None else None
    return needed <= sure if needed is not None else all(surely for _, surely in found)


def _in_line(at: int, line: Line) -> Iterator[Stretch]:
    if _is_for_machines(line.text):
        yield Stretch(at, 0.0, 1.0, Found.MACHINE, line.score >= SURE_SCORE)
        return
    text = _without(_PHONE, _without(_DATE, line.text))
    passport = _passport(text)
    if passport is not None:
        yield _stretch(at, line, *passport, Found.PASSPORT, sure=True)
        return
    for groups in _runs(text):
        stretch = _run(at, line, groups)
        if stretch is not None:
            yield stretch


def _run(at: int, line: Line, groups: list[tuple[int, int]]) -> Stretch | None:
    """What a run of digits is: groups of them, each from an index up to another."""
    sizes = [end - start for start, end in groups]
    total, last = sum(sizes), groups[-1][1]
    for place, size in enumerate(sizes):
        before, after = sum(sizes[:place]), sizes[place + 1 :]
        if 5 <= size <= 7 and len(after) == 1 and after[0] <= 3 and 2 <= before <= 5:
            exact = size == 6 and after[0] == 2 and before in {2, 4}
            return _stretch(at, line, groups[place][0], last, Found.LICENCE, sure=exact)
    if 10 <= total <= 16:
        start = _back_half(groups, sizes, total)
        return _stretch(at, line, start, last, Found.REGISTRATION, sure=total == 13)
    if total >= 7:
        return _stretch(at, line, groups[0][0], last, Found.DIGITS, sure=total == 7)
    if total >= 5 and line.score < SURE_SCORE and total >= 0.6 * len(line.text.replace(" ", "")):
        return _stretch(at, line, groups[0][0], last, Found.DIGITS, sure=False)
    return None


def _back_half(groups: list[tuple[int, int]], sizes: list[int], total: int) -> int:
    """Where the back half begins: after the join that follows five to seven digits, else by counting."""
    before = 0
    for (_, end), size in zip(groups[:-1], sizes[:-1], strict=True):
        before += size
        if 5 <= before <= 7 and total - before >= 4:
            return end
    indexes = [index for start, end in groups for index in range(start, end)]
    return indexes[6 if total >= 13 else 4]


def _runs(text: str) -> Iterator[list[tuple[int, int]]]:
    """Runs of what looks like digits; groups within a run are joined by at most three dashes, dots or spaces."""
    shown = text.translate(_LOOKS_LIKE)
    groups: list[tuple[int, int]] = []
    for match in re.finditer(r"[0-9]+", shown):
        start, end = match.span()
        # A letter may stand for a digit, but a word of letters is no number.
        if not any(char.isdigit() for char in text[start:end]):
            continue
        if groups and not _joined(text[groups[-1][1] : start]):
            yield groups
            groups = []
        groups.append((start, end))
    if groups:
        yield groups


def _joined(between: str) -> bool:
    return len(between) <= 3 and all(char in _JOINS for char in between)


def _passport(text: str) -> tuple[int, int] | None:
    """A letter and eight digits, or a letter, three digits, a letter and four (여권법 시행규칙, since 2021)."""
    for match in re.finditer(r"[A-Z0-9]{8,10}", text.replace("О", "O")):
        word = match.group()
        rest = word[1:].translate(_LOOKS_LIKE)
        digits = sum(char.isdigit() for char in rest)
        if word[0].isalpha() and digits >= len(rest) - 1 and sum(char.isdigit() for char in word) >= 5:
            return match.span()
    return None


def _is_for_machines(text: str) -> bool:
    """Whether this is a line for machines (ICAO 9303), or a good part of one."""
    shown = text.replace(" ", "")
    if len(shown) < 12:
        return False
    fill = sum(char in "<«‹《〈Λ∧" for char in shown)
    capitals = sum(char.isdigit() or ("A" <= char <= "Z") or char in _MACHINE_OTHERS for char in shown)
    digits = sum(char.isdigit() for char in shown)
    if fill >= 4 and capitals >= 0.8 * len(shown):
        return True
    return len(shown) >= 20 and digits >= 10 and capitals >= 0.9 * len(shown) and any(char.isalpha() for char in shown)


def _code(at: int, line: Line, *, licence: bool) -> Stretch | None:
    """The code beside a licence's small picture: five or six capitals and digits, alone."""
    word = line.text.strip(" .,-'`").replace(" ", "")
    mixed = any(char.isdigit() for char in word) and any(char.isalpha() for char in word)
    if (_CODE.fullmatch(word) and (licence or mixed)) or (licence and re.fullmatch(r"[A-Za-z0-9]{4,7}", word) and mixed):
        return Stretch(at, 0.0, 1.0, Found.CODE, line.score >= SURE_SCORE)
    return None


def _stretch(at: int, line: Line, start: int, end: int, found: Found, *, sure: bool) -> Stretch:
    """The stretch from one character up to another: from halfway between neighbours, and to the line's end if it ends there."""
    middles = line.middles
    pitch = (middles[end - 1] - middles[start]) / max(1, end - start - 1)
    left = 0.0 if start == 0 else max((middles[start - 1] + middles[start]) / 2, middles[start] - pitch) - _SLACK * pitch
    right = (
        1.0 if end >= len(middles) else min((middles[end - 1] + middles[end]) / 2, middles[end - 1] + pitch) + _SLACK * pitch
    )
    return Stretch(at, left, right, found, sure and line.score >= SURE_SCORE)


def _without(pattern: re.Pattern[str], text: str) -> str:
    """The text with what matches blotted out, at the same length."""
    return pattern.sub(lambda match: "\x00" * len(match.group()), text)
