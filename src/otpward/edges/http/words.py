"""Every sentence of every page, in the reader's language.

The English sentence is the message id; the Korean stands in `locale/ko/LC_MESSAGES/otpward.po` and is read once at start from
the `.mo` beside it, which `python -m tools.compile_words` writes (docs/adr/0010).
Placeholders are written `{name}`. Korean particles after a placeholder are written `을(를)`, `은(는)`, `이(가)`, `(으)로` and
picked when the value is known.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from typing import Final

from markupsafe import Markup, escape

from otpward.core.policy.called import STANDARD, Called

LANGUAGES: Final = ("ko", "en")
DEFAULT: Final = "ko"

_PARTICLE: Final = re.compile(r"(을\(를\)|은\(는\)|이\(가\)|과\(와\)|\(으\)로|\(이\)라)")
_TAG_AT_END: Final = re.compile(r"<[^<>]*>\s*$")
# How the ten digits are read aloud: 영 일 이 삼 사 오 육 칠 팔 구.
_DIGITS: Final = "영일이삼사오육칠팔구"
# Latin letters whose Korean reading ends in a consonant; of these L and R end in ㄹ (엘, 알).
_LATIN_CLOSED: Final = "LMNR"


@dataclass(frozen=True, slots=True)
class Words:
    """One language: `words._("…", name=value)` gives the sentence, filled in and safe to print. What an institution calls
    things by another name is `called` so, in the sentence but never in a value."""

    lang: str
    catalogue: NullTranslations = field(repr=False)
    called: Called = STANDARD

    def _(self, message: str, /, **values: object) -> str:
        """Return `message` in this language; if a value is markup, the result is markup and the other values are escaped."""
        return self._fill(self._said(message), values)

    def in_context(self, context: str, message: str, /, **values: object) -> str:
        """Return `message` as it is said in `context`, where one English text has several translations."""
        return self._fill(self.called.put(self.catalogue.pgettext(context, message), self.lang), values)

    def ngettext(self, one: str, many: str, n: int, /, **values: object) -> str:
        """Return the singular or the plural; `{n}` is filled in. Korean has one form, kept under the plural."""
        said = self.catalogue.gettext(many)
        said = self.called.put(one if said == many and n == 1 else said, self.lang)
        return self._fill(said, {"n": n, **values})

    def _said(self, message: str) -> str:
        # The empty message id is the head of a catalogue, and no sentence.
        return self.called.put(self.catalogue.gettext(message), self.lang) if message else ""

    def _fill(self, text: str, values: Mapping[str, object]) -> str:
        if not values:
            return text
        filled = escape(text).format(**values) if _has_markup(values) else text.format(**values)
        return josa(filled) if self.lang == "ko" else filled


def later(message: str, /) -> str:
    """Mark `message` for the catalogue where it is written down but said later."""
    return message


def _has_markup(values: Mapping[str, object]) -> bool:
    return any(hasattr(value, "__html__") for value in values.values())


def josa(text: str) -> str:
    """Pick each Korean particle from the syllable or digit before it: `OTP을(를)` becomes `OTP를`. Markup stays markup."""
    pieces = _PARTICLE.split(str(text))
    if len(pieces) == 1:
        return text
    said = ""
    for index, piece in enumerate(pieces):
        said += _pick(piece, _last_sound(said)) if index % 2 else piece
    return Markup(said) if isinstance(text, Markup) else said  # noqa: S704 - the text was already markup


def _pick(pair: str, sound: str) -> str:
    closed, rieul = _ending(sound)
    match pair:
        case "(으)로":
            return "으로" if closed and not rieul else "로"
        case "(이)라":
            return "이라" if closed else "라"
        case _:
            return pair[0] if closed else pair[2]


def _last_sound(text: str) -> str:
    """Return the last letter that is read aloud, looking past tags, brackets and quotes."""
    while tag := _TAG_AT_END.search(text):
        text = text[: tag.start()]
    return re.sub(r"(?:&#?\w+;|[\"'’”)\]}』」\s*])+$", "", text)[-1:]


def _ending(letter: str) -> tuple[bool, bool]:
    """Say whether the syllable ends in a consonant, and whether that is ㄹ."""
    if letter.isascii() and letter.isdigit():
        letter = _DIGITS[int(letter)]
    if "가" <= letter <= "힣":
        final = (ord(letter) - ord("가")) % 28
        return final != 0, final == 8
    latin = letter.upper()
    return latin != "" and latin in _LATIN_CLOSED, latin != "" and latin in "LR"


def load() -> Mapping[str, Words]:
    """Read the catalogue of each language that is not the source language."""
    found = {"en": Words("en", NullTranslations())}
    for lang in LANGUAGES:
        if lang != "en":
            with files(__package__).joinpath("locale", lang, "LC_MESSAGES", "otpward.mo").open("rb") as compiled:
                found[lang] = Words(lang, GNUTranslations(compiled))
    return found


def pick_language(*, query: str | None, cookie: str | None, accept_language: str | None) -> str:
    """Return the language asked for now, else the one chosen before, else the browser's, else Korean. RFC 9110 §12.5.4."""
    for asked in (query, cookie):
        if asked in LANGUAGES:
            return asked
    best, weight = DEFAULT, 0.0
    for part in (accept_language or "").split(","):
        name, _, parameter = part.strip().partition(";")
        base = name.partition("-")[0].lower()
        quality = _quality(parameter)
        if base in LANGUAGES and quality > weight:
            best, weight = base, quality
    return best


def _quality(parameter: str) -> float:
    key, _, value = parameter.strip().partition("=")
    if key.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
