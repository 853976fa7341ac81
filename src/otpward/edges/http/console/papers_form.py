"""The part of a form on which an operator ticks what they saw of somebody's papers."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from otpward.core.policy.notices import KST
from otpward.core.policy.papers import LONGEST_YEARS, NOTE_LETTERS, Dated, Flaw, Seen
from otpward.edges.http.front import Visit
from otpward.edges.http.words import later

HINTS: Final = {Dated.ISSUED_ON: later("Day of issue"), Dated.VALID_UNTIL: later("Valid until")}
_ASKED_DIGITS: Final = 8
_NOT_COMPARED: Final = {
    "photo": later("Compare the photo with the person before you, and tick the box"),
    "name": later("Compare the name, and tick the box"),
    "birth_date": later("Compare the birth date, and tick the box"),
}


def seen_in(form: Mapping[str, str]) -> Seen:
    """What was ticked and typed."""
    return Seen(
        paper=form.get("paper", ""),
        day=_day(form.get("day", "")),
        photo=bool(form.get("photo")),
        name=bool(form.get("name")),
        birth_date=bool(form.get("birth_date")),
        note=form.get("note", "").strip(),
    )


def say_flaws(visit: Visit, seen: Seen, flaws: Mapping[str, Flaw]) -> dict[str, str]:
    """A sentence for each, at its field."""
    return {field: _sentence(visit, field, flaw) for field, flaw in flaws.items()}


def _sentence(visit: Visit, field: str, flaw: Flaw) -> str:
    _ = visit.words._
    match flaw:
        case Flaw.NO_PAPER:
            return _("Choose the paper you have seen")
        case Flaw.NO_DAY:
            return _("Enter the day on the paper in 8 digits, such as 20301231")
        case Flaw.EXPIRED:
            return _("This paper has expired. Ask for another one")
        case Flaw.NOT_YET:
            return _("This day is still to come. Look at the day of issue again")
        case Flaw.TOO_FAR:
            return _("No such paper is good for more than {n} years. Look at the day again", n=LONGEST_YEARS)
        case Flaw.NOT_COMPARED:
            return _(_NOT_COMPARED[field])
        case Flaw.NUMBER_IN_NOTE:
            return _("Leave numbers of papers and people out of the note")
        case Flaw.NOTE_TOO_LONG:
            return _("Write {n} letters at most", n=NOTE_LETTERS)


def _day(typed: str) -> date | None:
    digits = "".join(one for one in typed if one.isascii() and one.isdigit())
    try:
        return date.fromisoformat(digits) if len(digits) == _ASKED_DIGITS else None
    except ValueError:
        return None


def today(visit: Visit) -> date:
    """The day in Korea."""
    return visit.front.house.clock.now().astimezone(KST).date()
