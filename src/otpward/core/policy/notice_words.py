"""An institution's own words for a notice: what may stand in them, and what may not."""

import re
from collections.abc import Mapping
from string import Formatter
from typing import Final

from otpward.core.errors import Invalid
from otpward.core.policy.notices import CODES, SMS_OCTETS, TEXTS, NoticeKind

LMS_OCTETS: Final = 2000
"""What a long text message carries."""
ALWAYS: Final = frozenset({"name", "phone", "time"})
"""Known of every notice."""
_LINK: Final = re.compile(r"https?://|www\.", re.IGNORECASE)
_TALK_CODE: Final = re.compile(r"[A-Za-z0-9_-]{1,60}")
_UNDOABLE: Final = frozenset(
    {
        NoticeKind.CONTACT_PHONE,
        NoticeKind.CONTACT_EMAIL,
        NoticeKind.PASSKEY_ADDED,
        NoticeKind.PASSKEY_REMOVED,
        NoticeKind.RECOVERY_CODE_MADE,
        NoticeKind.RECOVERY_CODE_USED,
        NoticeKind.TOKEN_REGISTERED,
        NoticeKind.TOKEN_ACTIVATED,
    }
)
_KEY: Final = frozenset({"seed", "secret", "qr", "key", "serial"})
"""What an activation could be made of; none of it ever stands in a notice."""


class UnfitText(Invalid):
    """Words that cannot be sent; `what` says why: `unknown`, `broken`, `missing`, `language`, `link_and_code`, `key`, `long`,
    `letters`, `talk_code`, `talk_phone`, and `named` the placeholder or letter that it is about."""

    code = "unfit_text"

    def __init__(self, what: str, field: str, named: str = "") -> None:
        super().__init__(f"{what} {named}".strip(), field=field)
        self.what = what
        self.named = named


def placeholders(kind: NoticeKind) -> frozenset[str]:
    """What may stand in braces in a notice of this kind."""
    named = {name for text in TEXTS[kind] for name in _named(text)}
    return frozenset(named) | ALWAYS | ({"undo"} if kind in _UNDOABLE else set())


def needed(kind: NoticeKind) -> frozenset[str]:
    """What must: a code or link that the notice is there for, and whom to call if it was not you (SP 800-63B §4.6)."""
    of_all = frozenset(_named(TEXTS[kind][0])) & {"code", "link"}
    return of_all if kind in CODES else of_all | {"phone"}


def sms_octets(text: str) -> int:
    """How many bytes it takes on the air; a letter that no carrier has counts as the two of its question mark."""
    return len(text.encode("cp949", "replace"))


def is_long(text: str) -> bool:
    """Whether it goes as a long message (LMS)."""
    return sms_octets(text) > SMS_OCTETS


def check_words(kind: NoticeKind, words: Mapping[str, str]) -> None:
    """Let these words be used: `words` has the text for `ko` and `en`.

    Raises:
        UnfitText: a language is missing, a placeholder unknown or broken, what is needed is left out, a link stands beside a
            code, or what could activate a device, or it is longer than any text message.
    """
    for language in ("ko", "en"):
        text = words.get(language, "").strip()
        if not text:
            raise UnfitText("language", language)
        try:
            named = _named(text)
        except ValueError:
            raise UnfitText("broken", language) from None
        for name in named:
            if name in _KEY:
                raise UnfitText("key", language, name)
            if name not in placeholders(kind):
                raise UnfitText("unknown", language, name)
        for name in sorted(needed(kind) - set(named)):
            raise UnfitText("missing", language, name)
        if "code" in named and ({"link", "undo"} & set(named) or _LINK.search(text)):
            raise UnfitText("link_and_code", language)
        _check_letters(text, language)


def check_talk_code(kind: NoticeKind, talk_code: str) -> None:
    """Let this template of AlimTalk be used for this kind, or none if empty; raises `UnfitText` (`talk_code`, `talk_phone`)."""
    if talk_code and not _TALK_CODE.fullmatch(talk_code):
        raise UnfitText("talk_code", "talk_code")
    if talk_code and kind in CODES:
        raise UnfitText("talk_phone", "talk_code")


def _check_letters(text: str, language: str) -> None:
    for letter in text:
        try:
            letter.encode("cp949")
        except UnicodeEncodeError:
            raise UnfitText("letters", language, letter) from None
    if sms_octets(text) > LMS_OCTETS - 400:
        raise UnfitText("long", language)
    if any(not letter.isprintable() and letter != "\n" for letter in text):
        raise UnfitText("letters", language, "?")


def _named(text: str) -> list[str]:
    """The names in braces; raises `ValueError` for braces that are not closed, or hold anything but a name."""
    found = []
    for _, name, spec, conversion in Formatter().parse(text):
        if name is None:
            continue
        if not name.isidentifier() or spec or conversion:
            raise ValueError
        found.append(name)
    return found


SAMPLE: Final[Mapping[str, Mapping[str, str]]] = {
    "ko": {
        "name": "한빛기관",
        "phone": "1588-0000",
        "time": "10월 3일 10:31",
        "date": "10월 12일",
        "branch": "강남지점",
        "number": "R-261003-7KQ4M2P",
        "tracking": "6890112345678",
        "code": "000000",
        "minutes": "10",
        "link": "https://otp.example/r/EXAMPLE",
        "undo": "https://otp.example/undo/EXAMPLE",
    },
    "en": {
        "name": "Hanbit",
        "phone": "1588-0000",
        "time": "3 Oct 10:31 KST",
        "date": "12 Oct",
        "branch": "Gangnam",
        "number": "R-261003-7KQ4M2P",
        "tracking": "6890112345678",
        "code": "000000",
        "minutes": "10",
        "link": "https://otp.example/r/EXAMPLE",
        "undo": "https://otp.example/undo/EXAMPLE",
    },
}
"""What stands in an example, for people who write the words."""


def sample(text: str, language: str, **own: str) -> str:
    """The words with an example in them; as they are, where a placeholder is broken or unknown."""
    try:
        return text.format_map({**SAMPLE[language], **own})
    except (KeyError, ValueError, IndexError, AttributeError):
        return text
