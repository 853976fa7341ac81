"""Cards drawn flat: resident card, licence, passport, alien card. Each character that must be covered is known with its place.

The numbers belong to nobody: the month of every birth date is between 13 and 19, the region of every licence 90 or above, and
every passport number begins with a letter that none begins with.
"""

from dataclasses import dataclass, field
from random import Random
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from tools.masking_set.fonts import DIGITS, KOREAN, MONO

WIDTH: Final = 1712
HEIGHT: Final = 1080
"""20 pixels a millimetre of a card of 85.6 × 54 mm (ISO/IEC 7810 ID-1)."""

KINDS: Final = ("resident_card", "driver_license", "passport", "alien_registration_card")

Corners = tuple[float, float, float, float]
_SURNAMES: Final = "김이박최정강조윤장임"
_SYLLABLES: Final = "가나다라마바사아자차하예시보기견본무명"
_PLACES: Final = (
    "서울특별시 중구 세종대로 110",
    "부산광역시 연제구 중앙대로 1001",
    "세종특별자치시 한누리대로 2130",
    "경기도 수원시 팔달구 효원로 1",
)


@dataclass(frozen=True, slots=True)
class Mark:
    """One printed character: where its ink is, and whether it must be covered (`secret`), may be (`near`), or must not."""

    text: str
    box: Corners
    secret: bool
    near: bool


@dataclass(slots=True)
class Card:
    """A card as it is drawn."""

    kind: str
    picture: Image.Image
    marks: list[Mark] = field(default_factory=list)


class Pen:
    """Writes on a card and remembers what it wrote."""

    def __init__(self, card: Card, chance: Random) -> None:
        self._card = card
        self._draw = ImageDraw.Draw(card.picture)
        shade = chance.randint(8, 70)
        self._ink = (shade, shade, min(shade + chance.randint(0, 25), 255))

    def write(self, x: float, y: float, text: str, path: str, size: int, *, secret: str = "", gap: float = 0.0) -> float:
        """Write at this place, and return where the writing ends. Under each character stands in `secret` an x (to be covered),
        ~ (may be) or nothing."""
        font = ImageFont.truetype(path, size)
        for at, char in enumerate(text):
            self._draw.text((x, y), char, font=font, fill=self._ink)
            if not char.isspace():
                left, top, right, bottom = font.getbbox(char)
                sign = secret[at : at + 1]
                box = (x + left, y + top, x + right, y + bottom)
                self._card.marks.append(Mark(char, box, sign == "x" and char.isalnum(), sign in {"x", "~"}))
            x += font.getlength(char) + gap
        return x


def draw_card(kind: str, chance: Random) -> Card:
    """A card of this kind, with a person whom chance made up."""
    card = Card(kind, _ground(chance))
    pen = Pen(card, chance)
    _DRAWN[kind](pen, chance)
    return card


def _resident(pen: Pen, chance: Random) -> None:
    korean = chance.choice(KOREAN)
    pen.write(120, 60, "주민등록증", korean, 96, gap=chance.choice((0, 18)))
    pen.write(120, 280, f"{_name(chance)}(金例示)", korean, 72)
    _rrn(pen, chance, 120, 420, chance.choice("1234"), size=chance.randint(58, 72))
    pen.write(120, 560, chance.choice(_PLACES), korean, 46)
    pen.write(120, 640, f"{chance.randint(1, 20)}동 {chance.randint(101, 2004)}호", korean, 46)
    pen.write(560, 860, _day(chance), chance.choice(DIGITS), 48)
    pen.write(420, 940, "서울특별시 중구청장", korean, 60)


def _licence(pen: Pen, chance: Random) -> None:
    korean, digits = chance.choice(KOREAN), chance.choice(DIGITS)
    pen.write(80, 40, "자동차운전면허증", korean, 66)
    pen.write(760, 66, "(Driver's License)", korean, 40)
    if chance.random() < 0.7:
        text = f"{chance.randint(90, 99)}-{chance.randint(0, 25):02d}-{_digits(chance, 6)}-{_digits(chance, 2)}"
        pen.write(560, 180, text, digits, 70, secret="      xxxxxx~~~")
    else:
        text = f"가상 {chance.randint(0, 25):02d}-{_digits(chance, 6)}-{_digits(chance, 2)}"
        pen.write(560, 180, text, korean, 66, secret="      xxxxxx~~~")
    pen.write(560, 300, _name(chance), korean, 64)
    _rrn(pen, chance, 560, 400, chance.choice("1234"), size=chance.randint(52, 66))
    pen.write(560, 500, chance.choice(_PLACES), korean, 42)
    pen.write(560, 640, "적 성 검 사", korean, 36)
    pen.write(560, 690, f"기 간 : {_day(chance)} ~ {_day(chance)}", korean, 40)
    pen.write(80, 180, chance.choice(("1종보통", "2종보통", "2종소형")), korean, 56)
    code = "".join(chance.choice("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789") for _ in range(chance.choice((5, 6, 6))))
    pen.write(1320, 900, code, digits, 48, secret="x" * len(code))
    pen.write(560, 850, _day(chance), digits, 44)
    pen.write(560, 920, "가상지방경찰청장", korean, 56)


def _passport(pen: Pen, chance: Random) -> None:
    korean, latin = chance.choice(KOREAN), chance.choice(DIGITS)
    pen.write(60, 30, "대한민국 REPUBLIC OF KOREA", korean, 44)
    pen.write(60, 110, "여권 PASSPORT", korean, 44)
    born = f"{chance.randint(0, 99):02d}{chance.randint(13, 19)}{chance.randint(1, 28):02d}"
    number = "X" + (_digits(chance, 8) if chance.random() < 0.5 else f"{_digits(chance, 3)}A{_digits(chance, 4)}")
    _label(pen, korean, 560, 110, "종류/Type")
    _label(pen, korean, 820, 110, "발행국/Issuing country")
    _label(pen, korean, 1240, 110, "여권번호/Passport No.")
    pen.write(560, 150, "PM", latin, 48)
    pen.write(820, 150, "KOR", latin, 48)
    pen.write(1240, 150, number, latin, 54, secret="x" * len(number))
    _label(pen, korean, 560, 240, "성/Surname")
    pen.write(560, 280, "YESI", latin, 48)
    _label(pen, korean, 560, 350, "이름/Given names")
    pen.write(560, 390, "GYEONBON", latin, 48)
    _label(pen, korean, 560, 460, "생년월일/Date of birth")
    _label(pen, korean, 1240, 460, "성별/Sex")
    pen.write(560, 500, f"{born[4:]} {born[2:4]}월/--- 19{born[:2]}", korean, 46)
    pen.write(1240, 500, "M", latin, 48)
    personal = ""
    if chance.random() < 0.5:
        personal = chance.choice("12") + _digits(chance, 6)
        _label(pen, korean, 1240, 570, "주민등록번호/Personal No.")
        pen.write(1240, 610, personal, latin, 50, secret="x" * 7)
    _label(pen, korean, 560, 570, "발급일/Date of issue")
    _label(pen, korean, 560, 670, "기간만료일/Date of expiry")
    pen.write(560, 610, f"{chance.randint(1, 28):02d} 3월/MAR 2021", korean, 46)
    pen.write(560, 710, f"{chance.randint(1, 28):02d} 3월/MAR 2031", korean, 46)
    mrz = MONO[0]
    first = "PMKORYESI<<GYEONBON".ljust(44, "<")
    second = f"{number}{chance.randint(0, 9)}KOR{born}{chance.randint(0, 9)}M310304{chance.randint(0, 9)}{personal}".ljust(
        42, "<"
    )
    second += _digits(chance, 2)
    pen.write(60, 880, first, mrz, 58, secret="~" * 44)
    pen.write(60, 970, second, mrz, 58, secret="x" * 9 + "~" * 4 + "~" * 15 + "x" * len(personal) + "~" * 16)


def _alien(pen: Pen, chance: Random) -> None:
    korean, digits = chance.choice(KOREAN), chance.choice(DIGITS)
    pen.write(80, 40, "외국인등록증", korean, 76)
    pen.write(640, 62, "ALIEN REGISTRATION CARD", korean, 44)
    _label(pen, korean, 560, 190, "외국인등록번호")
    _rrn(pen, chance, 560, 240, chance.choice("5678"), size=chance.randint(54, 68))
    _label(pen, korean, 560, 350, "성명")
    pen.write(560, 395, "EXAMPLE PERSON", digits, 50)
    _label(pen, korean, 560, 480, "국가/지역")
    pen.write(560, 525, chance.choice(("UTOPIA", "NEVERLAND")), digits, 50)
    _label(pen, korean, 560, 610, "체류자격")
    pen.write(560, 655, chance.choice(("재외동포(F-4)", "유학(D-2)", "영주(F-5)")), korean, 50)
    _label(pen, korean, 560, 760, "발급일자")
    pen.write(560, 805, _day(chance), digits, 46)
    pen.write(420, 940, "가상출입국·외국인청장", korean, 54)


def _rrn(pen: Pen, chance: Random, x: float, y: float, sex: str, *, size: int) -> None:
    front = f"{chance.randint(0, 99):02d}{chance.randint(13, 19)}{chance.randint(1, 28):02d}"
    between = chance.choice(("-", "-", "-", " - ", " ", ""))
    hidden = " " * 6 + " " * len(between)
    wide = chance.choice((0, 0, 0, 3, 8))
    pen.write(x, y, front + between + sex + _digits(chance, 6), chance.choice(DIGITS), size, secret=hidden + "x" * 7, gap=wide)


def _label(pen: Pen, font: str, x: float, y: float, text: str) -> None:
    pen.write(x, y, text, font, 30)


def _digits(chance: Random, count: int) -> str:
    return "".join(chance.choice("0123456789") for _ in range(count))


def _day(chance: Random) -> str:
    return f"20{chance.randint(10, 29)}. {chance.randint(1, 12)}. {chance.randint(1, 28)}."


def _name(chance: Random) -> str:
    return chance.choice(_SURNAMES) + "".join(chance.choice(_SYLLABLES) for _ in range(2))


def _ground(chance: Random) -> Image.Image:
    """Pale colours, the fine lines of safety print, and a grey shape where the photograph is."""
    pale = tuple(chance.randint(205, 240) for _ in range(3))
    picture = Image.new("RGB", (WIDTH, HEIGHT), pale)
    draw = ImageDraw.Draw(picture)
    line = tuple(max(0, part - chance.randint(10, 34)) for part in pale)
    step = chance.randint(18, 44)
    for offset in range(-HEIGHT, WIDTH, step):
        bend = chance.randint(80, 700)
        draw.line([(offset, 0), (offset + bend, HEIGHT)], fill=line, width=chance.randint(1, 3))
    for _ in range(chance.randint(2, 5)):
        x, y, r = chance.randint(0, WIDTH), chance.randint(0, HEIGHT), chance.randint(80, 320)
        draw.ellipse((x - r, y - r, x + r, y + r), outline=line, width=2)
    return picture


_DRAWN: Final = {
    "resident_card": _resident,
    "driver_license": _licence,
    "passport": _passport,
    "alien_registration_card": _alien,
}
