"""What may stand in one key, and what is said when something else does."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Protocol

from otpward.core.policy.document.faults import Fault, Flaw

_LANGUAGES = {"ko": ("한국어", "Korean"), "en": ("영어", "English")}
_SHOWN_MAX = 60
_CLOCK: Final = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_OFFSET: Final = re.compile(r"[+-][01][0-9]:(?:00|15|30|45)")
_WEST: Final = timedelta(hours=12)
_EAST: Final = timedelta(hours=14)


class Value(Protocol):
    """A kind of value."""

    @property
    def expected(self) -> str:
        """What is expected, in a few words of English."""
        ...

    def faults(self, path: str, given: Any) -> Iterable[Fault]:
        """What is wrong with `given`."""
        ...


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number within bounds."""

    least: int
    most: int

    @property
    def expected(self) -> str:
        """In words."""
        return f"a whole number from {self.least} to {self.most}"

    def faults(self, path: str, given: Any) -> Iterable[Fault]:
        """Another kind of value, too small, too big."""
        if not isinstance(given, int) or isinstance(given, bool):
            yield wrong_type(path, self)
        elif given < self.least:
            flaw = Flaw.NEGATIVE if self.least == 0 else Flaw.TOO_SMALL
            yield Fault(flaw=flaw, path=path, more={"least": self.least})
        elif given > self.most:
            yield Fault(flaw=Flaw.TOO_BIG, path=path, more={"most": self.most})


@dataclass(frozen=True, slots=True)
class Flag:
    """Yes or no."""

    expected: str = "true or false"

    def faults(self, path: str, given: Any) -> Iterable[Fault]:
        """Another kind of value."""
        if not isinstance(given, bool):
            yield wrong_type(path, self)


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text, which may be empty."""

    longest: int

    @property
    def expected(self) -> str:
        """In words."""
        return f"a text of at most {self.longest} characters"

    def faults(self, path: str, given: Any) -> Iterable[Fault]:
        """Another kind of value, too long, control characters."""
        if not isinstance(given, str):
            yield wrong_type(path, self)
        elif len(given) > self.longest:
            yield Fault(flaw=Flaw.LONG_TEXT, path=path, more={"most": self.longest})
        elif not given.isprintable():
            yield Fault(flaw=Flaw.CONTROL, path=path)


@dataclass(frozen=True, slots=True)
class Both:
    """The same text in both languages; both empty only where `may_be_empty`."""

    longest: int
    may_be_empty: bool = False

    @property
    def expected(self) -> str:
        """In words."""
        return f'{{ ko = "…", en = "…" }}, at most {self.longest} characters each'

    def faults(self, path: str, given: Any) -> Iterable[Fault]:
        """Another kind of value, a language missing, a key too many, a text empty or too long."""
        if not isinstance(given, dict):
            yield wrong_type(path, self)
            return
        yield from (unknown_key(f"{path}.{key}", _LANGUAGES) for key in given if key not in _LANGUAGES)
        line = Text(self.longest)
        empty = [language for language in _LANGUAGES if not str(given.get(language, "-")).strip()]
        for language, (ko, en) in _LANGUAGES.items():
            if language not in given:
                yield Fault(flaw=Flaw.MISSING_LANGUAGE, path=path, more={"language_ko": ko, "language_en": en})
            elif language in empty and not (self.may_be_empty and len(empty) == len(_LANGUAGES)):
                yield Fault(flaw=Flaw.EMPTY, path=f"{path}.{language}")
            else:
                yield from line.faults(f"{path}.{language}", given[language])


@dataclass(frozen=True, slots=True)
class Some:
    """A list of words, each once; of `known` ones, or of names that are described elsewhere in the text."""

    known: tuple[str, ...] = ()
    of: str = ""
    most: int = 40

    @property
    def expected(self) -> str:
        """In words."""
        return f"a list of {self.of}" if self.of else f"a list of: {', '.join(self.known)}"

    def faults(self, path: str, given: Any) -> Iterable[Fault]:
        """Another kind of value, a word that is not known or stands there twice."""
        if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
            yield wrong_type(path, self)
            return
        if len(given) > self.most:
            yield Fault(flaw=Flaw.TOO_MANY, path=path, more={"most": self.most})
            return
        for place, word in enumerate(given):
            if self.known and word not in self.known:
                yield not_one_of(path, word, self.known)
            elif word in given[:place]:
                yield Fault(flaw=Flaw.REPEATED, path=path, more={"value": shown(word)})


@dataclass(frozen=True, slots=True)
class One:
    """One word of `known` ones, or a name that is described elsewhere in the text; empty only where `may_be_empty`."""

    known: tuple[str, ...] = ()
    of: str = ""
    may_be_empty: bool = False

    @property
    def expected(self) -> str:
        """In words."""
        return self.of or f"one of: {', '.join(self.known)}"

    def faults(self, path: str, given: Any) -> Iterable[Fault]:
        """Another kind of value, a word that is not known."""
        if not isinstance(given, str):
            yield wrong_type(path, self)
        elif self.known and given not in self.known and not (self.may_be_empty and not given):
            yield not_one_of(path, given, self.known)


@dataclass(frozen=True, slots=True)
class Days:
    """A falling list of days before something, such as 60, 30, 7."""

    most: int
    expected: str = "a list of whole numbers, each smaller than the one before"

    def faults(self, path: str, given: Any) -> Iterable[Fault]:
        """Another kind of value, out of bounds, the same one twice or out of order."""
        if not isinstance(given, list):
            yield wrong_type(path, self)
            return
        if len(given) > 10:
            yield Fault(flaw=Flaw.TOO_MANY, path=path, more={"most": 10})
            return
        wrong = [fault for one in given for fault in Whole(1, self.most).faults(path, one)]
        yield from wrong[:1]
        if not wrong and given != sorted(set(given), reverse=True):
            yield wrong_type(path, self)


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day."""

    expected: str = 'a time of day from "00:00" to "23:59"'

    def faults(self, path: str, given: Any) -> Iterable[Fault]:
        """Anything but hours and minutes."""
        if not isinstance(given, str) or not _CLOCK.fullmatch(given):
            yield wrong_type(path, self)


@dataclass(frozen=True, slots=True)
class Offset:
    """A distance from UTC."""

    expected: str = 'a distance from UTC such as "+09:00", from "-12:00" to "+14:00"'

    def faults(self, path: str, given: Any) -> Iterable[Fault]:
        """Anything but hours and quarters of an hour, or further away than any place is."""
        if not isinstance(given, str) or not _OFFSET.fullmatch(given) or not -_WEST <= offset_of(given) <= _EAST:
            yield wrong_type(path, self)


def offset_of(written: str) -> timedelta:
    """The distance that this text names."""
    far = timedelta(hours=int(written[1:3]), minutes=int(written[4:]))
    return -far if written[0] == "-" else far


@dataclass(frozen=True, slots=True)
class Sets:
    """Lists of ways of proving, of which one whole list is enough."""

    known: tuple[str, ...]

    @property
    def expected(self) -> str:
        """In words."""
        return f"lists, of which one is enough; each of: {', '.join(self.known)}"

    def faults(self, path: str, given: Any) -> Iterable[Fault]:
        """Another kind of value, no list, an empty one, a word that is not known."""
        if not isinstance(given, list) or not all(isinstance(one, list) for one in given):
            yield wrong_type(path, self)
        elif not given or not all(given):
            yield Fault(flaw=Flaw.NO_PROOF, path=path)
        elif len(given) > 20:
            yield Fault(flaw=Flaw.TOO_MANY, path=path, more={"most": 20})
        else:
            for one in given:
                yield from Some(self.known).faults(path, one)


def wrong_type(path: str, value: Value) -> Fault:
    """It is another kind of value."""
    return Fault(flaw=Flaw.WRONG_TYPE, path=path, more={"expected": value.expected})


def not_one_of(path: str, word: str, known: Iterable[str]) -> Fault:
    """The word is none of these."""
    return Fault(flaw=Flaw.NOT_ONE_OF, path=path, more={"value": shown(word), "known": ", ".join(known)})


def unknown_key(path: str, known: Iterable[str]) -> Fault:
    """There is no such key here."""
    return Fault(flaw=Flaw.UNKNOWN_KEY, path=shown(path), more={"known": ", ".join(known)})


def shown(word: str) -> str:
    """What somebody wrote, short and printable enough to be read back to them."""
    plain = "".join(letter if letter.isprintable() else "?" for letter in word)
    return plain if len(plain) <= _SHOWN_MAX else f"{plain[:_SHOWN_MAX]}…"
