"""What can be wrong with a policy: each cause its own sentence, in both languages, with the path of the key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, Final

from otpward.core.errors import Invalid


class Flaw(StrEnum):
    """Each way in which a text is no policy. The values are stable, for programs."""

    TOO_LARGE = "too_large"
    NOT_UTF8 = "not_utf8"
    NOT_TOML = "not_toml"
    LONG_LINE = "long_line"
    TOO_DEEP = "too_deep"
    TWICE = "twice"
    UNKNOWN_KEY = "unknown_key"
    BAD_NAME = "bad_name"
    TOO_MANY = "too_many"
    WRONG_TYPE = "wrong_type"
    NEGATIVE = "negative"
    TOO_SMALL = "too_small"
    TOO_BIG = "too_big"
    MISSING_KEY = "missing_key"
    MISSING_LANGUAGE = "missing_language"
    EMPTY = "empty"
    LONG_TEXT = "long_text"
    CONTROL = "control"
    NOT_ONE_OF = "not_one_of"
    REPEATED = "repeated"
    NOT_THERE = "not_there"
    CYCLE = "cycle"
    NO_PROOF = "no_proof"
    WEAK_PROOF = "weak_proof"
    CANNOT_APPROVE = "cannot_approve"
    CANNOT_SHOW = "cannot_show"
    NOTHING_OFFERED = "nothing_offered"


SENTENCES: Final[Mapping[Flaw, tuple[str, str]]] = {
    Flaw.TOO_LARGE: ("규정 문서가 {most} KiB보다 큽니다", "The text is larger than {most} KiB"),
    Flaw.NOT_UTF8: ("UTF-8 문서가 아닙니다", "The text is not UTF-8"),
    Flaw.NOT_TOML: ("{line}번째 줄은 TOML 형식이 아닙니다", "Line {line} is not TOML"),
    Flaw.LONG_LINE: ("{line}번째 줄이 {most}바이트보다 깁니다", "Line {line} is longer than {most} octets"),
    Flaw.TOO_DEEP: ("값이 너무 깊게 겹쳐 있습니다", "The values are nested too deeply"),
    Flaw.TWICE: ("{line}번째 줄: 같은 항목이 두 번 있습니다", "Line {line}: the same key stands there twice"),
    Flaw.UNKNOWN_KEY: ("{path}: 없는 항목입니다. 쓸 수 있는 항목: {known}", "{path}: there is no such key. Expected: {known}"),
    Flaw.BAD_NAME: (
        "{path}: 이름은 영문 소문자로 시작하고 소문자, 숫자, 밑줄로 32자까지 씁니다",
        "{path}: a name begins with a lower-case letter and has lower-case letters, digits and underscores, at most 32",
    ),
    Flaw.TOO_MANY: ("{path}: {most}개까지 쓸 수 있습니다", "{path}: at most {most} are possible"),
    Flaw.WRONG_TYPE: (
        "{path}: 값의 종류가 다릅니다. 필요한 값: {expected}",
        "{path}: not the right kind of value. Expected: {expected}",
    ),
    Flaw.NEGATIVE: ("{path}: 0보다 작을 수 없습니다", "{path}: it cannot be less than 0"),
    Flaw.TOO_SMALL: ("{path}: {least}보다 작을 수 없습니다", "{path}: it cannot be less than {least}"),
    Flaw.TOO_BIG: ("{path}: {most}보다 클 수 없습니다", "{path}: it cannot be more than {most}"),
    Flaw.MISSING_KEY: ("{path}: 값이 없습니다", "{path}: a value is missing"),
    Flaw.MISSING_LANGUAGE: ("{path}: {language_ko} 문구가 없습니다", "{path}: the {language_en} text is missing"),
    Flaw.EMPTY: ("{path}: 비어 있습니다", "{path}: it is empty"),
    Flaw.LONG_TEXT: ("{path}: {most}자까지 쓸 수 있습니다", "{path}: at most {most} characters are possible"),
    Flaw.CONTROL: ("{path}: 제어 문자는 쓸 수 없습니다", "{path}: control characters are not possible"),
    Flaw.NOT_ONE_OF: (
        "{path}: {value} 값은 쓸 수 없습니다. 쓸 수 있는 값: {known}",
        "{path}: {value} is not possible. Expected: {known}",
    ),
    Flaw.REPEATED: ("{path}: {value} 값이 두 번 있습니다", "{path}: {value} stands there twice"),
    Flaw.NOT_THERE: ("{path}: {value} 항목이 이 문서에 없습니다", "{path}: {value} is not described in this text"),
    Flaw.CYCLE: ("{path}: 서로를 따라 끝이 없습니다: {value}", "{path}: they are like one another without an end: {value}"),
    Flaw.NO_PROOF: ("{path}: 본인 인증 방법이 하나도 없습니다", "{path}: no way of proving is left"),
    Flaw.WEAK_PROOF: (
        "{path}: {value}만으로는 본인을 확인할 수 없습니다",
        "{path}: {value} alone does not show who somebody is",
    ),
    Flaw.CANNOT_APPROVE: ("{path}: {value} 역할은 승인할 수 없습니다", "{path}: the role {value} cannot approve"),
    Flaw.CANNOT_SHOW: (
        "{path}: {delivery} 방법으로 받을 때 {value} 서류를 보여 줄 길이 없습니다",
        "{path}: by {delivery} there is no way to show {value}",
    ),
    Flaw.NOTHING_OFFERED: ("{path}: 신청할 수 있는 것이 하나도 없습니다", "{path}: nothing is left to apply for"),
}
"""Korean, English. The Korean is worded so that no particle depends on a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong, and where."""

    flaw: Flaw
    path: str = ""
    more: Mapping[str, object] = field(default_factory=dict)

    def sentence(self, language: str) -> str:
        """What is wrong, in `ko` or `en`."""
        text = SENTENCES[self.flaw][0 if language == "ko" else 1]
        return text.format(path=self.path, **self.more)


class BadPolicy(Invalid):
    """The text is no policy; `faults` says all that is wrong with it, in the order of the text's layout."""

    code: ClassVar[str] = "bad_policy"

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(fault.sentence("en") for fault in faults[:5]), field="text")
        self.faults = tuple(faults)
