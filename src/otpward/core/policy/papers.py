"""The papers by which a person is known at the counter (전자금융거래법 시행령 §6③), and what has to be looked at on them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar, Final

from otpward.core.errors import Invalid


class Paper(StrEnum):
    """What was seen. Only its kind is ever kept, never a number on it."""

    RESIDENT_CARD = "resident_card"
    DRIVER_LICENSE = "driver_license"
    PASSPORT = "passport"
    ALIEN_REGISTRATION_CARD = "alien_registration_card"


class Dated(StrEnum):
    """Which day stands on a paper."""

    ISSUED_ON = "issued_on"
    VALID_UNTIL = "valid_until"


DATED: Final[Mapping[Paper, Dated]] = {
    Paper.RESIDENT_CARD: Dated.ISSUED_ON,
    Paper.DRIVER_LICENSE: Dated.VALID_UNTIL,
    Paper.PASSPORT: Dated.VALID_UNTIL,
    Paper.ALIEN_REGISTRATION_CARD: Dated.VALID_UNTIL,
}
"""A resident registration card has no end; the day on which it was issued is what its authenticity is asked by."""
LONGEST_YEARS: Final = 10
"""None of them is issued for longer, so a day further off was read or typed wrong."""
NOTE_LETTERS: Final = 200
_LONG_NUMBER: Final = re.compile(r"\d(?:[\s.-]?\d){6,}")
"""Seven digits or more, however they are grouped: a number of a paper or a person."""


class Flaw(StrEnum):
    """Why what was seen is not enough; each is said at its own field."""

    NO_PAPER = "no_paper"
    NO_DAY = "no_day"
    EXPIRED = "expired"
    NOT_YET = "not_yet"
    TOO_FAR = "too_far"
    NOT_COMPARED = "not_compared"
    NUMBER_IN_NOTE = "number_in_note"
    NOTE_TOO_LONG = "note_too_long"


class PapersUnfit(Invalid):
    """What was seen does not show who it is; `flaws` says why, by field, in the order in which one looks."""

    code: ClassVar[str] = "papers_unfit"

    def __init__(self, flaws: Mapping[str, Flaw]) -> None:
        super().__init__(", ".join(f"{field}: {flaw}" for field, flaw in flaws.items()), field=next(iter(flaws)))
        self.flaws = flaws


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the operator looked at, as they told it: the paper, the day on it, and what was compared."""

    paper: str
    day: date | None
    photo: bool
    name: bool
    birth_date: bool
    note: str = ""


def flaws_of(seen: Seen, today: date, *, birth_date_on_file: bool = True) -> dict[str, Flaw]:
    """Why the paper does not show who it is, by field; nothing if it is one of ours, still good, and the person before the
    counter was compared with it."""
    compared = {"photo": seen.photo, "name": seen.name, "birth_date": seen.birth_date or not birth_date_on_file}
    flaws = {
        "paper": None if seen.paper in set(Paper) else Flaw.NO_PAPER,
        "day": _day_flaw(Paper(seen.paper), seen.day, today) if seen.paper in set(Paper) else None,
        **{field: None if ticked else Flaw.NOT_COMPARED for field, ticked in compared.items()},
        "note": _note_flaw(seen.note),
    }
    return {field: flaw for field, flaw in flaws.items() if flaw is not None}


def _day_flaw(paper: Paper, day: date | None, today: date) -> Flaw | None:
    if day is None:
        return Flaw.NO_DAY
    if DATED[paper] is Dated.ISSUED_ON:
        return Flaw.NOT_YET if day > today else None
    if day < today:
        return Flaw.EXPIRED
    return Flaw.TOO_FAR if (day.year - LONGEST_YEARS, day.month, day.day) > (today.year, today.month, today.day) else None


def _note_flaw(note: str) -> Flaw | None:
    if len(note) > NOTE_LETTERS:
        return Flaw.NOTE_TOO_LONG
    return Flaw.NUMBER_IN_NOTE if _LONG_NUMBER.search(note) else None
