"""How a value is shown: times in the institution's zone, money, masked names, phones and serials, grouped keys.

Patterns are fixed here, because a library's default prints "PM" in Korean. Moments come in aware and UTC and go out as
`<time>` in the institution's zone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from babel.dates import format_date, format_datetime, get_timezone_name
from babel.numbers import format_decimal
from markupsafe import Markup

_MINUTES: Final = {"ko": "y년 M월 d일 (EEE) HH:mm", "en": "d MMM y, HH:mm"}
_SECONDS: Final = {"ko": "y년 M월 d일 (EEE) HH:mm:ss", "en": "d MMM y, HH:mm:ss"}
_DAY: Final = {"ko": "y년 M월 d일 (EEE)", "en": "d MMM y"}
_SHORT: Final = {"ko": "M월 d일 HH:mm", "en": "d MMM, HH:mm"}


@dataclass(frozen=True, slots=True)
class Show:
    """The filters of one language and one zone."""

    lang: str
    zone: tzinfo

    def filters(self) -> Mapping[str, Callable[..., object]]:
        """Return the filters by the name a template calls them."""
        return {
            "time": self.time,
            "date": self.date,
            "waiting": self.waiting,
            "money": self.money,
            "number": self.number,
            "masked_phone": masked_phone,
            "masked_name": masked_name,
            "masked_serial": masked_serial,
            "grouped": grouped,
        }

    def time(self, at: datetime, *, seconds: bool = False, zone: bool = False, short: bool = False) -> Markup:
        """Return the moment as `<time>`: to the second on receipts, with the zone's name where it decides something."""
        local = self._local(at)
        pattern = (_SECONDS if seconds else _SHORT if short else _MINUTES)[self.lang]
        text = format_datetime(local, pattern, locale=self.lang)
        if zone:
            text += f" {self._zone_name(local)}"
        return _time(local.isoformat(timespec="seconds"), text)

    def date(self, day: date | datetime) -> Markup:
        """Return the day as `<time>`; a moment is first taken to the institution's zone."""
        local = self._local(day).date() if isinstance(day, datetime) else day
        return _time(local.isoformat(), format_date(local, _DAY[self.lang], locale=self.lang))

    def waiting(self, since: datetime, now: datetime) -> Markup:
        """Return how long it has waited, in the two largest units; the exact moment is in the element."""
        return _time(self._local(since).isoformat(timespec="seconds"), self._span(now - since))

    def money(self, won: int, *, free: bool = False) -> str:
        """Return an amount in won; with `free`, nothing to pay is said in words."""
        if free and won == 0:
            return "무료" if self.lang == "ko" else "Free"
        amount = format_decimal(won, locale=self.lang)
        return f"{amount}원" if self.lang == "ko" else f"₩{amount}"

    def number(self, value: int | float) -> str:
        """Return a number with the language's grouping."""
        return format_decimal(value, locale=self.lang)

    def _local(self, at: datetime) -> datetime:
        if at.tzinfo is None:
            raise ValueError("a moment without a zone cannot be shown")
        return at.astimezone(self.zone)

    def _zone_name(self, local: datetime) -> str:
        return get_timezone_name(local, locale="ko") if self.lang == "ko" else (local.tzname() or "")

    def _span(self, span: timedelta) -> str:
        minutes = max(0, int(span.total_seconds()) // 60)
        days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
        ko = self.lang == "ko"
        if days:
            return f"{days}일 {hours}시간" if ko else f"{days} d {hours} h"
        if hours:
            return f"{hours}시간 {rest}분" if ko else f"{hours} h {rest} min"
        return f"{rest}분" if ko else f"{rest} min"


def _time(machine: str, text: str) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(machine, text)


def masked_phone(number: str) -> str:
    """Return the number with only its last four digits."""
    digits = [letter for letter in number if letter.isdigit()]
    return "***-****-" + "".join(digits[-4:]) if len(digits) > 4 else "***-****-****"


def masked_name(name: str) -> str:
    """Return the name with its middle covered: 홍*동, 남**수, J*** S****."""
    words = name.split()
    if len(words) > 1:
        return " ".join(word[0] + "*" * (len(word) - 1) for word in words)
    if len(name) < 3:
        return name[:1] + "*" * (len(name) - 1)
    return name[0] + "*" * (len(name) - 2) + name[-1]


def masked_serial(serial: str) -> str:
    """Return the serial with only its last four characters."""
    return "****" + serial[-4:] if len(serial) > 4 else "****"


def grouped(key: str, size: int = 4) -> str:
    """Return the key in groups, so that it can be read and typed without losing one's place."""
    bare = "".join(key.split())
    return " ".join(bare[start : start + size] for start in range(0, len(bare), size))
