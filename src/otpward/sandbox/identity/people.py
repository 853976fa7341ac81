"""Who lives in the sandbox, and what goes wrong for whom (KOREA.md §2.7).

The members of the demo live here too, so that they can prove who they are. A number that nobody here has belongs to whoever
says so, since tests have members of their own.
"""

import base64
import hashlib
import unicodedata
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final

SEED: Final = b"otpward sandbox"


class Carrier(StrEnum):
    """Whose network a phone is on."""

    SKT = "skt"
    KT = "kt"
    LGU = "lgu"
    MVNO = "mvno"


class Scenario(StrEnum):
    """What happens to those whose phone ends in these four digits."""

    FINE = "0001"
    CANCELS = "0002"
    OTHER_NAME = "0003"
    EXPIRED = "0004"
    TAMPERED = "0005"
    REPLAYED = "0006"
    BROKEN = "0007"
    FOREIGNER = "0008"
    MINOR = "0009"
    OTHER_CI = "0010"
    SIM_CHANGED = "0011"
    SLOW = "0017"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody. `id` is also the i-PIN ID and the sign-in elsewhere; `phone` is E.164; `ci_edition` 2 is a CI that changed."""

    id: str
    name: str
    birth_date: date
    phone: str
    male: bool = True
    foreign: bool = False
    carrier: Carrier = Carrier.SKT
    ci_edition: int = 1

    @property
    def domestic_phone(self) -> str:
        """01012345678."""
        return f"0{self.phone.removeprefix('+82')}"

    @property
    def ci(self) -> str:
        """연계정보: 64 octets as 88 characters, the same at every service."""
        edition = f"/{self.ci_edition}" if self.ci_edition > 1 else ""
        return base64.b64encode(hashlib.sha512(SEED + self.id.encode() + edition.encode()).digest()).decode("ascii")

    def di(self, site: str) -> str:
        """중복가입확인정보: 64 characters, another at every site."""
        return base64.b64encode(hashlib.sha384(SEED + self.id.encode() + site.encode()).digest()).decode("ascii")


MEMBERS: Final = (
    "홍길동", "김하나", "이서준", "박지우", "최민서", "정도윤", "강하은", "조시우", "윤지호", "장서연",
    "임주원", "한예린", "오건우", "서다은", "신유진", "권현우", "황수아", "한빛상사", "Jane Porter", "Minh Tran",
)  # fmt: skip
"""The demo's members, in its order: number 0 is m1001. m1018 is a company."""

STAFF: Final = (
    ("teller", "김창구"), ("gangnam", "이강남"), ("busan", "박부산"), ("helpdesk", "최상담"),
    ("stock", "정발송"), ("admin", "한관리"), ("auditor", "오감사"), ("manager", "윤책임"),
)  # fmt: skip
"""Who works there, in its order, after the members."""

MINOR: Final = ("m1017", date(2012, 3, 2))
"""Who is a minor until 2031, and since when they live."""
COMPANY: Final = ("m1018", "1234567891")
"""Who is on file with a business registration number (사업자등록번호), and with which: one that nobody has."""

PLAYERS: Final = (
    (Scenario.FINE, "김모범", date(1985, 5, 5)),
    (Scenario.CANCELS, "이취소", date(1979, 2, 14)),
    (Scenario.OTHER_NAME, "박이름", date(1990, 10, 9)),
    (Scenario.EXPIRED, "최느긋", date(1966, 12, 31)),
    (Scenario.TAMPERED, "정위조", date(1993, 3, 3)),
    (Scenario.REPLAYED, "강재생", date(1988, 8, 18)),
    (Scenario.BROKEN, "조장애", date(1972, 7, 7)),
    (Scenario.FOREIGNER, "John Smith", date(1991, 1, 21)),
    (Scenario.MINOR, "윤어린", date(2016, 6, 1)),
    (Scenario.OTHER_CI, "임변경", date(1983, 11, 11)),
    (Scenario.SLOW, "한더딘", date(1969, 9, 29)),
)


def _everybody() -> tuple[Person, ...]:
    carriers = tuple(Carrier)
    known = [(f"m{1001 + index}", name) for index, name in enumerate(MEMBERS)]
    members = [
        Person(
            id=login,
            name=name,
            birth_date=MINOR[1] if login == MINOR[0] else date(1960 + index * 7 % 45, index % 12 + 1, index * 5 % 28 + 1),
            phone=f"+82105550{1101 + index}",
            male=index % 2 == 0,
            foreign=name.isascii(),
            carrier=carriers[index % len(carriers)],
        )
        for index, (login, name) in enumerate([*known, *STAFF])
    ]
    players = [
        Person(id=f"s{ending}", name=name, birth_date=born, phone=f"+82105550{ending}", foreign=name.isascii())
        for ending, name, born in PLAYERS
    ]
    return (*members, *players)


PEOPLE: Final = _everybody()


def scenario_of(phone: str) -> Scenario:
    """What happens to this number; nothing special to most."""
    try:
        return Scenario(phone[-4:])
    except ValueError:
        return Scenario.FINE


def by_phone(phone: str) -> Person | None:
    """Whose number this is (E.164)."""
    return next((person for person in PEOPLE if person.phone == phone), None)


def by_id(id: str) -> Person | None:  # noqa: A002 - so named in Person
    """Whose i-PIN ID or sign-in this is."""
    return next((person for person in PEOPLE if person.id == id.strip().casefold()), None)


def recognised(*, name: str, birth_date: date, phone: str) -> Person | None:
    """The person whom a carrier knows by all three, or None where they do not fit together."""
    person = by_phone(phone)
    if person is None:
        shown = " ".join(unicodedata.normalize("NFC", name).split())
        return Person(id=f"{_plain(name)}/{birth_date}", name=shown, birth_date=birth_date, phone=phone)
    return person if _plain(person.name) == _plain(name) and person.birth_date == birth_date else None


def told_of(person: Person) -> Person:
    """Whom a service then speaks of: somebody else, a child or a foreigner, where the number asks for it."""
    match scenario_of(person.phone):
        case Scenario.OTHER_NAME:
            return replace(person, name="나다른", id=f"{person.id}/other")
        case Scenario.FOREIGNER:
            return replace(person, foreign=True)
        case Scenario.MINOR:
            return replace(person, birth_date=person.birth_date.replace(year=2016))
        case Scenario.OTHER_CI:
            return replace(person, ci_edition=2)
        case _:
            return person


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFC", name).split()).casefold()
