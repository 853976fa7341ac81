"""What an institution calls its members and branches: its own words in the place of ours, with the particles and articles that
go with them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from otpward.core.policy.document.model import Policy, Said

_OURS: Final = Said(ko="회원", en="member"), Said(ko="영업점", en="branch")
_KO: Final = re.compile(r"(회원|영업점)(으로|은(?![가-힣])|을|과(?=의|는|도|\b)|이(?=나|라|며|면|란|\b))?")
_EN: Final = re.compile(r"\b(?:([Aa])n? )?([Mm]ember|[Bb]ranch)(e?s)?\b")
_OPEN: Final[Mapping[str, str]] = {"으로": "로", "은": "는", "을": "를", "과": "와", "이": "가"}
"""Both our words end in a consonant; after a vowel a particle has another form."""
_SIBILANTS: Final = ("s", "x", "z", "ch", "sh")


@dataclass(frozen=True, slots=True)
class Called:
    """An institution's words."""

    member: Said = _OURS[0]
    branch: Said = _OURS[1]

    def put(self, text: str, language: str) -> str:
        """The text with these words in the place of ours."""
        if (self.member, self.branch) == _OURS:
            return text
        return _put(self, text, language)


STANDARD: Final = Called()


def called_in(policy: Policy) -> Called:
    """The words that this policy names."""
    return Called(member=policy.member_word, branch=policy.branch_word)


@lru_cache(maxsize=8192)
def _put(called: Called, text: str, language: str) -> str:
    if language == "ko":
        ko = {"회원": called.member.ko, "영업점": called.branch.ko}
        return _KO.sub(lambda found: ko[found[1]] + _particle(ko[found[1]], found), text)
    en = {"member": called.member.en, "branch": called.branch.en}
    return _EN.sub(lambda found: _english(en[found[2].lower()], found), text)


def _particle(word: str, found: re.Match[str]) -> str:
    particle = found[2] or ""
    code = ord(word[-1]) - ord("가")
    final = code % 28 if 0 <= code < 11172 else 1
    if not particle or (final and not (final == 8 and particle == "으로")):
        return particle
    if particle == "이" and found.string[found.end() : found.end() + 1] in tuple("나라며면란"):
        return ""
    return _OPEN[particle]


def _english(word: str, found: re.Match[str]) -> str:
    if found[3]:
        word = f"{word}es" if word.endswith(_SIBILANTS) else f"{word}s"
        if word.endswith("ys") and word[-3:-2] not in "aeiou":
            word = f"{word[:-2]}ies"
    if found[2][0].isupper():
        word = word[0].upper() + word[1:]
    return word if found[1] is None else f"{found[1]}{'n' if word[0].lower() in 'aeiou' else ''} {word}"
