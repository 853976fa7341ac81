"""How a value is shown: times in the institution's zone, money, masked names, phones and serials, grouped keys.

Patterns are fixed here, because a library's default prints "PM" in Korean; so are the few words in them, because the
system's depend on its locale. Moments come in aware and UTC and go out as `<time>` in the institution's zone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from markupsafe import Markup

_WEEKDAYS: Final = "월화수목금토일"
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAY: Final = {"ko": "{year}년 {month}월 {day}일 ({weekday})", "en": "{day} {month_name} {year}"}
_SHORT_DAY: Final = {"ko": "{month}월 {day}일", "en": "{day} {month_name}"}
_BEFORE_CLOCK: Final = {"ko": " ", "en": ", "}
# The zones of our institutions; another one keeps the letters it is known by.
_KOREAN_ZONES: Final = {"KST": "대한민국 표준시", "UTC": "협정 세계시"}


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
            "at_most": self.at_most,
            "masked_phone": masked_phone,
            "masked_name": masked_name,
            "masked_serial": masked_serial,
            "grouped": grouped,
        }

    def time(self, at: datetime, *, seconds: bool = False, zone: bool = False, short: bool = False) -> Markup:
        """Return the moment as `<time>`: to the second on receipts, with the zone's name where it decides something."""
        local = self._local(at)
        day = _day(local, (_SHORT_DAY if short and not seconds else _DAY)[self.lang])
        text = f"{day}{_BEFORE_CLOCK[self.lang]}{local.strftime('%H:%M:%S' if seconds else '%H:%M')}"
        if zone:
            text += f" {self._zone_name(local)}"
        return _time(local.isoformat(timespec="seconds"), text)

    def date(self, day: date | datetime) -> Markup:
        """Return the day as `<time>`; a moment is first taken to the institution's zone."""
        local = self._local(day).date() if isinstance(day, datetime) else day
        return _time(local.isoformat(), _day(local, _DAY[self.lang]))

    def waiting(self, since: datetime, now: datetime) -> Markup:
        """Return how long it has waited, in the two largest units; the exact moment is in the element."""
        return _time(self._local(since).isoformat(timespec="seconds"), self._span(now - since))

    def money(self, won: int, *, free: bool = False) -> str:
        """Return an amount in won; with `free`, nothing to pay is said in words."""
        if free and won == 0:
            return "무료" if self.lang == "ko" else "Free"
        return f"{won:,}원" if self.lang == "ko" else f"₩{won:,}"

    def number(self, value: int) -> str:
        """Return a number in groups of three digits, as both languages write it."""
        return f"{value:,}"

    def at_most(self, value: int, most: int = 1000) -> str:
        """Return a count that stops somewhere: beyond `most` it says no more than that."""
        return self.number(value) if value <= most else f"{self.number(most)}+"

    def _local(self, at: datetime) -> datetime:
        if at.tzinfo is None:
            raise ValueError("a moment without a zone cannot be shown")
        return at.astimezone(self.zone)

    def _zone_name(self, local: datetime) -> str:
        letters = local.tzname() or ""
        return _KOREAN_ZONES.get(letters, letters) if self.lang == "ko" else letters

    def _span(self, span: timedelta) -> str:
        minutes = max(0, int(span.total_seconds()) // 60)
        days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
        ko = self.lang == "ko"
        if days:
            return f"{days}일 {hours}시간" if ko else f"{days} d {hours} h"
        if hours:
            return f"{hours}시간 {rest}분" if ko else f"{hours} h {rest} min"
        return f"{rest}분" if ko else f"{rest} min"


def _day(day: date, pattern: str) -> str:
    names = {"weekday": _WEEKDAYS[day.weekday()], "month_name": _MONTHS[day.month - 1]}
    return pattern.format(year=day.year, month=day.month, day=day.day, **names)


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
